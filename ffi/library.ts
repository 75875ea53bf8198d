/** Chooses the prebuilt object of this platform and passes its bytes to the dynamic linker with no permission but FFI:
 * the C library writes them to a file without a name, from which they are loaded. */
import type { Functions, Library, Prototypes } from "./backend.ts";
import { build, type layouts } from "./layout.ts";
import { embedded as linuxAarch64 } from "./prebuilt/linux-aarch64/embedded.ts";
import { embedded as linuxX86_64 } from "./prebuilt/linux-x86_64/embedded.ts";
import { embedded as macosAarch64 } from "./prebuilt/macos-aarch64/embedded.ts";
import { embedded as macosX86_64 } from "./prebuilt/macos-x86_64/embedded.ts";
import { withNumbered } from "./calls.ts";
import { type numbered, opened } from "./symbols.ts";

export type Target = keyof typeof layouts;

/** An object's bytes as a module holds them. */
export interface Embedded {
  readonly size: number;
  /** The nonzero ranges: offset and base64. */
  readonly parts: readonly (readonly [at: number, base64: string])[];
}

/** As functions: the runtime reads and caches the text of those that are called. */
const prebuilt: Record<Target, () => Embedded> = {
  "linux-x86_64": linuxX86_64,
  "linux-aarch64": linuxAarch64,
  "macos-aarch64": macosAarch64,
  "macos-x86_64": macosX86_64,
};

export function target(platform: Library): Target {
  const name = `${platform.os()}-${platform.arch()}`;
  if (Object.hasOwn(prebuilt, name)) return name as Target;
  throw new Error(
    `@posix/signal has no native part for ${name}: it runs on ${Object.keys(prebuilt).join(", ")}`,
  );
}

/** The object's bytes, as they were built. */
export function bytesOf(platform: Library): Uint8Array<ArrayBuffer> {
  const { size, parts } = prebuilt[target(platform)]();
  const bytes = new Uint8Array(size);
  for (const [at, base64] of parts) bytes.set(Uint8Array.fromBase64(base64), at);
  return bytes;
}

const memory = {
  memfd_create: { args: ["buffer", /* name */ "u32" /* flags */], result: "i32" /* fd */ }, // -1
  write: { args: ["i32", /* fd */ "buffer", /* bytes */ "u32" /* size */], result: "i32" /* written */ }, // -1
} as const satisfies Prototypes;

const sockets = {
  socket: { args: ["i32", /* domain */ "i32", /* type */ "i32" /* protocol */], result: "i32" /* fd */ }, // -1
  close: { args: ["i32" /* fd */], result: "i32" }, // -1
} as const satisfies Prototypes;

const files = {
  write: memory.write,
  close: sockets.close,
  mkdir: { args: ["buffer", /* path */ "u32" /* mode */], result: "i32" }, // -1
  creat: { args: ["buffer", /* path */ "u32" /* mode */], result: "i32" /* fd */ }, // -1
  unlink: { args: ["buffer" /* path */], result: "i32" }, // -1
  rmdir: { args: ["buffer" /* path */], result: "i32" }, // -1
  confstr: { args: ["i32", /* name */ "buffer", /* text */ "u32" /* size */], result: "u32" /* size */ }, // 0
} as const satisfies Prototypes;

const cString = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text + "\0");
const MFD_CLOEXEC = 1;
const AF_UNIX = 1;
const SOCK_STREAM = 1;

function writeAll(
  { write }: Pick<Functions<typeof memory>, "write">,
  fd: number,
  bytes: Uint8Array<ArrayBuffer>,
): boolean {
  for (let done = 0; done < bytes.length;) {
    const rest = bytes.subarray(done);
    const written = write(fd, rest, rest.length);
    if (written <= 0) return false;
    done += written;
  }
  return true;
}

/** Whether the process cannot open two more files: one to write the library, one to load it. */
function isTableFull(platform: Library): boolean {
  const libc = platform.libc(sockets);
  const fds = [0, 1].map(() => libc.socket(AF_UNIX, SOCK_STREAM, 0));
  for (const fd of fds) libc.close(fd);
  return fds.includes(-1);
}

/** Linux: a file in memory, reached through /proc. */
function openFromMemory(platform: Library, bytes: Uint8Array<ArrayBuffer>): Native {
  const libc = platform.libc(memory);
  const fd = libc.memfd_create(cString("libsignal.so"), MFD_CLOEXEC);
  if (fd < 0) throw new Error("memfd_create failed");
  try {
    if (!writeAll(libc, fd, bytes)) throw new Error("the file in memory cannot be written");
    const functions = openAt(platform, `/proc/self/fd/${fd}`);
    functions.ps_close(fd);
    return functions;
  } catch (error) {
    platform.libc(sockets).close(fd);
    throw error;
  }
}

/** <unistd.h> of macOS; a sandboxed program can write only there. */
const CS_DARWIN_USER_TEMP_DIR = 65537;

function temporaryDirectories(libc: Functions<typeof files>, os: string): string[] {
  if (os !== "macos") return ["/dev/shm", "/tmp", "/var/tmp"];
  const text = new Uint8Array(1024);
  const size = libc.confstr(CS_DARWIN_USER_TEMP_DIR, text, text.length);
  const own = size > 0 && size <= text.length ? [new TextDecoder().decode(text.subarray(0, size - 1))] : [];
  return [...own.map((path) => path.replace(/\/+$/, "")), "/private/tmp"];
}

/** Elsewhere: a file in a directory that only this user can enter, removed once the file is open. `mkdir` refuses an
 * existing directory or link, so no other user can own it. */
function openFromFile(platform: Library, bytes: Uint8Array<ArrayBuffer>): Native {
  const libc = platform.libc(files);
  for (const parent of temporaryDirectories(libc, platform.os())) {
    const directory = `${parent}/libsignal-${crypto.randomUUID()}`;
    if (libc.mkdir(cString(directory), 0o700) < 0) continue;
    const path = `${directory}/libsignal`;
    const fd = libc.creat(cString(path), 0o600);
    try {
      if (fd >= 0 && writeAll(libc, fd, bytes)) return openAt(platform, path);
    } catch (error) {
      if (platform.explain(error) !== error) throw error;
    } finally {
      libc.close(fd);
      libc.unlink(cString(path));
      libc.rmdir(cString(directory));
    }
  }
  throw new Error("no directory takes a temporary file that may be executed");
}

export type Native = Functions<typeof opened & typeof numbered>;

function openAt(platform: Library, path: string): Native {
  return withNumbered(platform.open(path, opened));
}

export function openEmbedded(platform: Library): Native {
  const bytes = bytesOf(platform);
  const ways = platform.os() === "linux" ? [openFromMemory, openFromFile] : [openFromFile];
  const failures: Error[] = [];
  for (const way of ways) {
    try {
      return way(platform, bytes);
    } catch (error) {
      if (platform.explain(error) !== error) throw error;
      failures.push(error as Error);
    }
  }
  const advice = isTableFull(platform)
    ? "No file descriptor is left: close some, or raise the limit (ulimit -n)"
    : 'Write the library where it may be executed, with "@posix/signal/save", and call open({ library }) with its path first';
  throw new Error(
    `Cannot load the native part of @posix/signal: ${failures.map(({ message }) => message).join("; ")}. ${advice}`,
    { cause: failures[0] },
  );
}

/** A file that the user names. It must be of the same build, so that its functions and layouts match. */
export function openFile(platform: Library, path: string): Native {
  const advice = `'${path}' is of another version of @posix/signal: write it again, with "@posix/signal/save"`;
  let functions: Native;
  try {
    functions = openAt(platform, path);
  } catch (error) {
    if (platform.explain(error) !== error) throw error; // explained there
    const { message } = error as Error;
    if (/symbol/i.test(message)) throw new Error(`Cannot load the native part: ${advice}`, { cause: error });
    throw new Error(
      `Cannot load the native part of @posix/signal: ${message}; write it there with "@posix/signal/save"`,
      { cause: error },
    );
  }
  if (functions.ps_build() !== build) throw new Error(`Cannot load the native part: ${advice}`);
  return functions;
}
