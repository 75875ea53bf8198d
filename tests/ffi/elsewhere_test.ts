/** Platforms without a native part: the import succeeds, and the signal tables match the platform. */
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { found } from "../support/cases.ts";
import { run, SIGRTMIN } from "../support/process.ts";

interface Seen {
  numbers: Record<string, number | undefined>;
  signals: number;
  valid: number[];
  texts: string[];
  first: string;
}

const to = (last: number) => Array.from({ length: last }, (_, i) => i + 1);
const from = (first: number, last: number) => to(last).slice(first - 1);

const PLATFORMS: { os: string; arch: string; numbers: Seen["numbers"]; valid: number[] }[] = [
  {
    os: "windows", // uv/win.h of libuv
    arch: "x86_64",
    numbers: { SIGHUP: 1, SIGABRT: 22, SIGBREAK: 21, NSIG: 29 },
    valid: [1, 2, 3, 4, 8, 9, 11, 15, 21, 22, 28],
  },
  {
    os: "freebsd", // sys/signal.h
    arch: "x86_64",
    numbers: { SIGHUP: 1, SIGUSR1: 30, SIGABRT: 6, SIGINFO: 29, SIGRTMIN: 65, SIGRTMAX: 126, NSIG: 128 },
    valid: [...to(31), ...from(65, 126)],
  },
  {
    os: "android", // Linux, and reserved_signals.h of bionic
    arch: "aarch64",
    numbers: {
      ...{ SIGHUP: 1, SIGUSR1: 10, SIGABRT: 6, SIGSTKFLT: 16, SIGPOLL: 29 },
      ...{ SIGRTMIN: 42, SIGRTMAX: 64, NSIG: 65 },
    },
    valid: [...to(31), ...from(42, 64)],
  },
  { os: "haiku", arch: "x86_64", numbers: {}, valid: [] },
];

describe("a C library other than the runtime says", () => {
  it("is noticed when the library opens, by its SIGRTMIN", async () => {
    const other = SIGRTMIN === 34 ? 35 : 34;
    const [realtimeMin, message] = found<[number, string]>(await run("tests/programs/ffi_libc.ts"));
    assertEquals(realtimeMin, other);
    assertMatch(message, new RegExp(`whose SIGRTMIN is ${other}, but its C library has ${SIGRTMIN}$`));
  });
});

describe("a platform without a native part", () => {
  for (const { os, arch, numbers, valid } of PLATFORMS) {
    it(`has its own signals, and never those of Linux: ${os}`, async () => {
      const seen = found<Seen>(await run("tests/programs/ffi_platform.ts", [os, arch]));
      assertEquals(seen.numbers, numbers);
      assertEquals(seen.valid, valid);
      const { SIGHUP, SIGUSR1, SIGRTMIN } = numbers;
      const none = (sig: string) => `Cannot describe a signal: there is no signal "${sig}" on this platform;`;
      const [byNumber, byName, usr1, realtime, reserved] = seen.texts;
      if (SIGHUP) assertEquals([byNumber, byName], ["none: Terminated", "none: Terminated"]);
      else assertEquals(byNumber, "Cannot describe a signal: signal 15 is none: those of this platform are not known");
      if (SIGUSR1) assertEquals(usr1, "none: User defined signal 1");
      else assertEquals(usr1.startsWith(none("SIGUSR1")), true, usr1);
      if (SIGRTMIN) assertEquals([realtime, reserved], ["none: Real-time signal 1", "none: null"]);
      else assertEquals(realtime.startsWith(none("SIGRTMIN+1")), true, realtime);
    });
  }

  for (
    const [os, arch] of [["windows", "x86_64"], ["freebsd", "x86_64"], ["android", "aarch64"], ["linux", "riscv64"]]
  ) {
    it(`says at the first call that needs it which platforms have one: ${os}-${arch}`, async () => {
      const { first } = found<Seen>(await run("tests/programs/ffi_platform.ts", [os, arch]));
      assertMatch(
        first,
        new RegExp(`^@posix/signal has no native part for ${os}-${arch}: it runs on linux-x86_64, .*$`),
      );
    });
  }
});
