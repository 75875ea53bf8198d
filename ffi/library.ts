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

const sockets = {
  socket: { args: ["i32", /* domain */ "i32", /* type */ "i32" /* protocol */], result: "i32" /* fd */ }, // -1
  close: common.close,
} as const satisfies Prototypes;

const linux = {
  ...common,
  memfd_create: { args: ["buffer", /* name */ "u32" /* flags */], result: "i32" /* fd */ }, // -1
  fcntl: { args: ["i32", /* fd */ "i32", /* command */ "i32" /* seals */], result: "i32" }, // -1
} as const satisfies Prototypes;

const files = {
  ...common,
  mkdir: { args: ["buffer", /* path */ "u32" /* mode */], result: "i32" }, // -1
  creat: { args: ["buffer", /* path */ "u32" /* mode */], result: "i32" /* fd */ }, // -1
  unlink: { args: ["buffer" /* path */], result: "i32" }, // -1
  rmdir: { args: ["buffer" /* path */], result: "i32" }, // -1
  confstr: { args: ["i32", /* name */ "buffer", /* text */ "u32" /* size */], result: "u32" /* size */ }, // 0
} as const satisfies Prototypes;

const cString = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text + "\0");
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
/** F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE: nobody changes the file any more. */
const EVERY_SEAL = 15;
const AF_UNIX = 1;
const SOCK_STREAM = 1;

function writeAll(libc: Functions<typeof common>, fd: number, bytes: Uint8Array<ArrayBuffer>): boolean {
  for (let done = 0; done < bytes.length;) {
    const rest = bytes.slice(done);
    const written = libc.write(fd, rest, rest.length);
    if (written <= 0) return false;
    done += written;
  }
  return true;
}

/** Whether the process may open no two files more: one to write the library to, one to load it from. */
function isTableFull(backend: Backend): boolean {
  const libc = backend.libc(sockets);
  const fds = [0, 1].map(() => libc.socket(AF_UNIX, SOCK_STREAM, 0));
  for (const fd of fds) libc.close(fd);
  return fds.includes(-1);
}

/** Linux: a file in memory, reached through /proc. Its descriptor stays open where the runtime comes
 * back for more functions; sealed, so that no other process of this user writes to it through /proc. */
function openFromMemory<T extends Prototypes>(
  backend: Backend,
  bytes: Uint8Array<ArrayBuffer>,
  prototypes: T,
  first?: readonly (keyof T)[],
): Functions<T> {
  const libc = backend.libc(linux);
  const fd = libc.memfd_create(cString("libsignal.so"), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) throw new Error("memfd_create failed");
  try {
    if (!writeAll(libc, fd, bytes)) throw new Error("the file in memory cannot be written");
    if (libc.fcntl(fd, F_ADD_SEALS, EVERY_SEAL) < 0) throw new Error("the file in memory cannot be sealed");
    const functions = backend.open(`/proc/self/fd/${fd}`, prototypes, first);
    if (!backend.opensLate) libc.close(fd);
    return functions;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** <unistd.h> of macOS; a program in its sandbox writes there and nowhere else. */
const CS_DARWIN_USER_TEMP_DIR = 65537;

function temporaryDirectories(libc: Functions<typeof files>, os: string): string[] {
  if (os !== "macos") return ["/dev/shm", "/tmp", "/var/tmp"];
  const text = new Uint8Array(1024);
  const size = libc.confstr(CS_DARWIN_USER_TEMP_DIR, text, text.length);
  const own = size > 0 && size <= text.length ? [new TextDecoder().decode(text.subarray(0, size - 1))] : [];
  return [...own.map((path) => path.replace(/\/+$/, "")), "/private/tmp"];
}

/** Elsewhere: a file in a directory that only this user enters, gone again once it is open. The
 * directory is new: `mkdir` refuses one that is there, or a link, so nobody else can own it. */
function openFromFile<T extends Prototypes>(
  backend: Backend,
  bytes: Uint8Array<ArrayBuffer>,
  prototypes: T,
): Functions<T> {
  const libc = backend.libc(files);
  for (const parent of temporaryDirectories(libc, backend.os)) {
    const directory = `${parent}/libsignal-${crypto.randomUUID()}`;
    if (libc.mkdir(cString(directory), 0o700) < 0) continue;
    const path = `${directory}/libsignal`;
    const fd = libc.creat(cString(path), 0o600);
    try {
      if (fd >= 0 && writeAll(libc, fd, bytes)) return backend.open(path, prototypes);
    } catch (error) {
      if (backend.explain(error) !== error) throw error;
    } finally {
      libc.close(fd);
      libc.unlink(cString(path));
      libc.rmdir(cString(directory));
    }
  }
  throw new Error("no directory takes a temporary file that may be executed");
}

/** @param first those that are wanted at once; else all are */
export function openEmbedded<T extends Prototypes>(
  backend: Backend,
  prototypes: T,
  first?: readonly (keyof T)[],
): Functions<T> {
  const bytes = verifiedBytes(backend);
  const ways = backend.os === "linux" ? [openFromMemory, openFromFile] : [openFromFile];
  const failures: Error[] = [];
  for (const way of ways) {
    try {
      return way(backend, bytes, prototypes, first);
    } catch (error) {
      if (backend.explain(error) !== error) throw error;
      failures.push(error as Error);
    }
  }
  const advice = isTableFull(backend)
    ? "No file descriptor is left: close some, or raise the limit (ulimit -n)"
    : 'Write the library where it may be executed, with "@posix/signal/save", and call open({ library }) with its path first';
  throw new Error(
    `Cannot load the native part of @posix/signal: ${failures.map(({ message }) => message).join("; ")}. ${advice}`,
    { cause: failures[0] },
  );
}
