/** The parts of macOS that other platforms can test: how the bytes reach its loader, on a backend that records the
 * calls; numbers and records, in a program that takes its platform for macOS. */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Library } from "../../ffi/backend.ts";
import { bytesOf, openEmbedded } from "../../ffi/library.ts";
import { outcome } from "../support/cases.ts";
import { isNode } from "../support/process.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));

/** The directory that macOS gives each user for temporary files. */
const OWN = "/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T";

/** An in-memory macOS: files that its C library creates exist until they are removed. It writes a page at a time. */
function macos(arch: string, { directories = [OWN, "/private/tmp"], room = Infinity, loads = true } = {}) {
  const there = new Map<string, number[]>(); // path -> content; directories have none
  const open = new Map<number, string>();
  let loaded: { path: string; bytes: Uint8Array<ArrayBuffer> } | undefined;
  const parent = (path: string) => path.slice(0, path.lastIndexOf("/"));
  const make = (path: string) => directories.includes(parent(path)) && !there.has(path);
  const libc = {
    mkdtemp(template: Uint8Array) {
      template.set(new TextEncoder().encode("a1B2c3"), template.length - 7);
      if (make(text(template))) there.set(text(template), []);
    },
    mkdir(path: Uint8Array, mode: number) {
      assertEquals(mode, 0o700);
      if (!make(text(path))) return -1;
      there.set(text(path), []);
      return 0;
    },
    creat(path: Uint8Array, mode: number) {
      assertEquals(mode, 0o600);
      if (!there.has(parent(text(path))) || there.has(text(path))) return -1;
      there.set(text(path), []);
      open.set(7, text(path));
      return 7;
    },
    write(fd: number, bytes: Uint8Array, size: number) {
      const content = there.get(open.get(fd)!)!;
      const taken = Math.min(size, 4096, room - content.length);
      content.push(...bytes.subarray(0, taken));
      return taken;
    },
    socket: () => -1,
    close: (fd: number) => open.delete(fd) ? 0 : -1,
    unlink: (path: Uint8Array) => there.delete(text(path)) ? 0 : -1,
    rmdir: (path: Uint8Array) => there.delete(text(path)) ? 0 : -1,
    confstr(name: number, to: Uint8Array, size: number) {
      const path = new TextEncoder().encode(`${OWN}/\0`);
      if (name !== 65537) return 0; // _CS_DARWIN_USER_TEMP_DIR: <unistd.h>
      to.set(path.subarray(0, size));
      return path.length;
    },
  };
  const library = {
    os: () => "macos",
    arch: () => arch,
    libc: () => libc,
    open(path: string) {
      loaded = { path, bytes: new Uint8Array(there.get(path)!) };
      if (!loads) throw new Error("dlopen: code signature invalid");
      return { ps_pending: () => 7 };
    },
    explain: (error: unknown) => error,
  } as Partial<Library> as Library;
  return { library, loaded: () => loaded, left: () => [...there.keys(), ...open.keys()] };
}

describe("on macOS the library", () => {
  for (const arch of ["aarch64", "x86_64"]) {
    it(`goes whole by a file of a directory of its own, and both are gone once it is open: ${arch}`, () => {
      const { library, loaded, left } = macos(arch);
      assertEquals(openEmbedded(library).ps_pending(), 7);
      const { path, bytes } = loaded()!;
      assertMatch(path, new RegExp(`^${OWN}/libsignal-[\\w-]+/libsignal$`));
      assertEquals(bytes, bytesOf(library));
      assertEquals(left(), []);
    });
  }

  it("goes by /private/tmp where the user's own directory takes no file", () => {
    const { library, loaded, left } = macos("aarch64", { directories: ["/private/tmp"] });
    assertEquals(openEmbedded(library).ps_pending(), 7);
    assertMatch(loaded()!.path, /^\/private\/tmp\/libsignal-[\w-]+\/libsignal$/);
    assertEquals(left(), []);
  });

  it("leaves nothing behind when the loader refuses it", () => {
    const { library, loaded, left } = macos("aarch64", { loads: false });
    assertThrows(() => openEmbedded(library), Error);
    assert(loaded());
    assertEquals(left(), []);
  });

  it("is not loaded from a disk that is full, and leaves nothing there", () => {
    const { library, loaded, left } = macos("aarch64", { room: 10_000 });
    assertThrows(() => openEmbedded(library), Error, "no directory takes a temporary file");
    assertEquals([loaded(), left()], [undefined, []]);
  });

  it("is not loaded where no directory can be made", () => {
    const { library, loaded, left } = macos("aarch64", { directories: [] });
    assertThrows(() => openEmbedded(library), Error, "no directory takes a temporary file");
    assertEquals([loaded(), left()], [undefined, []]);
  });
});

/** <sys/signal.h> of xnu. */
const NUMBERS = {
  ...{ SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGEMT: 7, SIGFPE: 8, SIGKILL: 9 },
  ...{ SIGBUS: 10, SIGSEGV: 11, SIGSYS: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15, SIGURG: 16, SIGSTOP: 17 },
  ...{ SIGTSTP: 18, SIGCONT: 19, SIGCHLD: 20, SIGTTIN: 21, SIGTTOU: 22, SIGIO: 23, SIGXCPU: 24, SIGXFSZ: 25 },
  ...{ SIGVTALRM: 26, SIGPROF: 27, SIGWINCH: 28, SIGINFO: 29, SIGUSR1: 30, SIGUSR2: 31 },
};

describe("a program on macOS", () => {
  // deno-lint-ignore no-explicit-any
  const seen = outcome<any>("ffi_macos", []);

  it("has the signals of <sys/signal.h>, and no real-time ones", async () => {
    const { signals, valid, limits } = await seen;
    const byNumber = (of: Record<string, number>) => Object.entries(of).sort(([, a], [, b]) => a - b);
    assertEquals(byNumber(signals), byNumber(NUMBERS));
    assertEquals([valid, ...limits], [31, 32, null]);
  });

  it('looks for the C library where macOS has it, dlopen("") being no way there', async () => {
    const { tried, error } = await seen;
    assertEquals([...new Set(tried)], isNode ? [null] : ["/usr/lib/libSystem.B.dylib"]); // null: dlopen(NULL)
    assertStringIncludes(error, "no such library here");
  });

  it("reads siginfo_t member by member as <sys/signal.h> has it", async () => {
    const { sent, queued, exited, polled, key } = await seen;
    assertEquals(sent, {
      signum: 30,
      name: "SIGUSR1",
      code: 0,
      codeName: "SI_USER",
      pid: 4321,
      uid: 501,
      sequence: 1,
    });
    assertEquals([queued.codeName, queued.pid, queued.uid, queued.value], ["SI_QUEUE", 4321, 501, -7]);
    assertEquals([exited.codeName, exited.pid, exited.status, "utime" in exited], ["CLD_EXITED", 77, 3, false]);
    assertEquals([polled.codeName, polled.band, "fd" in polled], ["POLL_IN", 5, false]);
    assertEquals([key.name, key.codeName, key.pid], ["SIGINT", "SI_USER", 0]);
  });

  it("names the codes of faults as <sys/signal.h> numbers them, which is not as Linux does", async () => {
    const { divided, trapped } = await seen;
    assertEquals([divided.codeName, divided.address], ["FPE_INTDIV", 0x1000]);
    assertEquals([trapped.codeName, trapped.address], ["ILL_ILLTRP", 0x2000]);
  });
});
