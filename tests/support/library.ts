/** The embedded library of the programs under test as a file, for tests that open or read it. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { embedded as aarch64 } from "../../ffi/prebuilt/linux-aarch64/embedded.ts";
import { embedded as x86_64 } from "../../ffi/prebuilt/linux-x86_64/embedded.ts";
import { arch } from "./process.ts";

/** Writes each version of the library once, and returns its path. */
export function libraryPath(): string {
  const embedded = { aarch64, x86_64 }[arch]();
  const bytes = new Uint8Array(embedded.size);
  for (const [at, base64] of embedded.parts) bytes.set(Buffer.from(base64, "base64"), at);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  const directory = join(tmpdir(), `posix-signal-tests-${process.getuid!()}`);
  const path = join(directory, `libsignal-${arch}-${hash}.so`);
  if (existsSync(path)) return path;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const made = `${path}.${process.pid}`; // several test files may write it at once
  writeFileSync(made, bytes);
  renameSync(made, path);
  return path;
}
