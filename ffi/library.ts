/** Which prebuilt object this platform runs, and how its bytes reach the dynamic linker with no
 * permission but FFI: checked against the recorded hash, written through the C library to a file
 * that has no name, and opened from there. */
import type { Backend, Functions, Prototypes } from "./backend.ts";
import type { layouts } from "./layout.ts";
import { embedded as linuxAarch64 } from "./prebuilt/linux-aarch64/embedded.ts";
import { embedded as linuxX86_64 } from "./prebuilt/linux-x86_64/embedded.ts";
import { embedded as macosAarch64 } from "./prebuilt/macos-aarch64/embedded.ts";
import { embedded as macosX86_64 } from "./prebuilt/macos-x86_64/embedded.ts";

export type Target = keyof typeof layouts;

/** An object as its bytes are kept in a module. */
export interface Embedded {
  readonly sha256: string;
  readonly size: number;
  /** What is not zero: offset and base64. */
  readonly parts: readonly (readonly [at: number, base64: string])[];
}

const prebuilt: Record<Target, Embedded> = {
  "linux-x86_64": linuxX86_64,
  "linux-aarch64": linuxAarch64,
  "macos-aarch64": macosAarch64,
  "macos-x86_64": macosX86_64,
};

export function target(backend: Backend): Target {
  const name = `${backend.os}-${backend.arch}`;
  if (Object.hasOwn(prebuilt, name)) return name as Target;
  throw new Error(
    `@posix/signal has no native part for ${name}: it runs on ${Object.keys(prebuilt).join(", ")}`,
  );
}

/** The object's bytes, as they were built. */
export function verifiedBytes(
  backend: Backend,
  embedded: Embedded = prebuilt[target(backend)],
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(embedded.size);
  for (const [at, base64] of embedded.parts) bytes.set(Uint8Array.fromBase64(base64), at);
  const actual = backend.sha256(bytes);
  if (actual !== embedded.sha256) {
    throw new Error(
      `The native part of @posix/signal is damaged: its SHA-256 is ${actual}, not ${embedded.sha256}; ` +
        "install the package again",
    );
  }
  return bytes;
}

const common = {
  write: { args: ["i32", /* fd */ "buffer", /* bytes */ "u32" /* size */], result: "i32" /* written */ }, // -1
  close: { args: ["i32" /* fd */], result: "i32" }, // -1
} as const satisfies Prototypes;

const linux = {
  ...common,
  memfd_create: { args: ["buffer", /* name */ "u32" /* flags */], result: "i32" /* fd */ }, // -1
} as const satisfies Prototypes;

const files = {
  ...common,
  mkdtemp: { args: ["buffer" /* template, filled in */], result: "void" },
  creat: { args: ["buffer", /* path */ "u32" /* mode */], result: "i32" /* fd */ }, // -1
  unlink: { args: ["buffer" /* path */], result: "i32" }, // -1
  rmdir: { args: ["buffer" /* path */], result: "i32" }, // -1
} as const satisfies Prototypes;

const cString = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text + "\0");
const MFD_CLOEXEC = 1;

function writeAll(libc: Functions<typeof common>, fd: number, bytes: Uint8Array<ArrayBuffer>): boolean {
  for (let done = 0; done < bytes.length;) {
    const rest = bytes.slice(done);
    const written = libc.write(fd, rest, rest.length);
    if (written <= 0) return false;
    done += written;
  }
  return true;
}

/** Linux: a file in memory, reached through /proc. Its descriptor stays open where the runtime comes
 * back for more functions. */
function openFromMemory<T extends Prototypes>(
  backend: Backend,
  bytes: Uint8Array<ArrayBuffer>,
  prototypes: T,
): Functions<T> {
  const libc = backend.libc(linux);
  const fd = libc.memfd_create(cString("libsignal.so"), MFD_CLOEXEC);
  if (fd < 0) throw new Error("memfd_create failed");
  try {
    if (!writeAll(libc, fd, bytes)) throw new Error("the file in memory cannot be written");
    const functions = backend.open(`/proc/self/fd/${fd}`, prototypes, true);
    if (!backend.opensLate) libc.close(fd);
    return functions;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** Elsewhere: a file in a new directory that only this user enters, gone again once it is open. */
function openFromFile<T extends Prototypes>(
  backend: Backend,
  bytes: Uint8Array<ArrayBuffer>,
  prototypes: T,
): Functions<T> {
  const libc = backend.libc(files);
  for (const parent of backend.os === "macos" ? ["/private/tmp"] : ["/dev/shm", "/tmp", "/var/tmp"]) {
    const directory = cString(`${parent}/libsignal-XXXXXX`);
    libc.mkdtemp(directory);
    const path = new TextDecoder().decode(directory.subarray(0, -1)) + "/libsignal";
    const fd = libc.creat(cString(path), 0o600);
    if (fd < 0) continue;
    try {
      if (writeAll(libc, fd, bytes)) return backend.open(path, prototypes);
    } catch (error) {
      if (backend.explain(error) !== error) throw error;
    } finally {
      libc.close(fd);
      libc.unlink(cString(path));
      libc.rmdir(directory);
    }
  }
  throw new Error("no directory takes a temporary file that may be executed");
}

export function openEmbedded<T extends Prototypes>(backend: Backend, prototypes: T): Functions<T> {
  const bytes = verifiedBytes(backend);
  if (backend.os !== "linux") return openFromFile(backend, bytes, prototypes);
  try {
    return openFromMemory(backend, bytes, prototypes);
  } catch (error) {
    if (backend.explain(error) !== error) throw error;
    try {
      return openFromFile(backend, bytes, prototypes);
    } catch (second) {
      throw new Error(
        `Cannot load the native part of @posix/signal: ${(error as Error).message}; ${(second as Error).message}. ` +
          "Save libsignal.so from the package where it may be executed and call open({ library })",
        { cause: error },
      );
    }
  }
}
