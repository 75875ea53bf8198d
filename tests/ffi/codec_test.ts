import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  actionFlags,
  actionMask,
  type Field,
  fromMask,
  Itimerval,
  type Layout,
  plainAction,
  readCounters,
  readField,
  readMask,
  RECORD_WORDS,
  toMask,
} from "../../ffi/codec.ts";
import { layouts } from "../../ffi/layout.ts";

const linux = layouts["linux-x86_64"];
const macos = layouts["macos-aarch64"];
const every = Object.entries(layouts);

/** Writes little-endian numbers at offsets taken from the systems' headers, not from layout.ts. */
function bytesWith(size: number, put: (view: DataView) => void): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  put(new DataView(bytes.buffer));
  return bytes;
}

describe("sets of signals", () => {
  it("are bit n - 1 for signal n, in two halves [POSIX sigset_t as Linux has it]", () => {
    assertEquals(toMask([]), [0, 0]);
    assertEquals(toMask([1]), [1, 0]);
    assertEquals(toMask([2, 15]), [0x4002, 0]);
    assertEquals(toMask([32]), [0x80000000, 0]);
    assertEquals(toMask([33]), [0, 1]);
    assertEquals(toMask([64]), [0, 0x80000000]);
  });

  it("come back as they went, each one alone and all together", () => {
    const all = Array.from({ length: 64 }, (_, i) => i + 1);
    for (const signal of all) assertEquals(fromMask(...toMask([signal])), new Set([signal]));
    assertEquals(toMask(all), [0xffffffff, 0xffffffff]);
    assertEquals(fromMask(0xffffffff, 0xffffffff), new Set(all));
  });

  it("are read from C's uint64_t, also where it lies within a larger buffer", () => {
    const bytes = bytesWith(24, (view) => view.setBigUint64(8, 1n << 63n | 1n << 9n, true));
    assertEquals(readMask(bytes.subarray(8, 16)), new Set([10, 64]));
  });
});

function itimerval(seconds: number, interval: number, layout: Layout): Uint8Array<ArrayBuffer> {
  const timer = new Itimerval(layout);
  timer.set(seconds, interval);
  return timer.bytes;
}

function readItimerval(bytes: Uint8Array<ArrayBuffer>, layout: Layout): [seconds: number, interval: number] {
  const timer = new Itimerval(layout);
  timer.bytes.set(bytes);
  return timer.get();
}

describe("struct itimerval", () => {
  /** it_value as whole microseconds; values that the kernel refuses fail here. */
  function micros(seconds: number, layout = linux): number {
    const view = new DataView(itimerval(seconds, 0, layout).buffer);
    const usec = Number(view.getBigInt64(24, true));
    assert(usec >= 0 && usec < 1_000_000, `tv_usec ${usec} of ${seconds} s`);
    return Number(view.getBigInt64(16, true)) * 1_000_000 + usec;
  }

  it("is it_interval, then it_value, each of seconds and microseconds [<sys/time.h>]", () => {
    const view = new DataView(itimerval(7.25, 3.5, linux).buffer);
    assertEquals([0, 8, 16, 24].map((at) => Number(view.getBigInt64(at, true))), [3, 500_000, 7, 250_000]);
    const mac = new DataView(itimerval(7.25, 3.5, macos).buffer);
    assertEquals([8, 24].map((at) => mac.getInt32(at, true)), [500_000, 250_000]); // suseconds_t is 32 bits there
  });

  it("never turns a positive time into 0, which would disarm the timer [PY-43]", () => {
    for (const seconds of [1e-6, 1e-7, 1e-12, Number.MIN_VALUE]) assertEquals(micros(seconds), 1, `${seconds}`);
    assertEquals(micros(0), 0);
    assertEquals(readItimerval(itimerval(0, 1e-9, linux), linux), [0, 1e-6]);
  });

  it("carries into the seconds when it rounds up, so that tv_usec never reaches a million [VF-30]", () => {
    assertEquals(micros(0.9999996), 1_000_000);
    assertEquals(micros(1.9999999), 2_000_000);
    assertEquals(micros(0.999999), 999_999);
  });

  it("does not take the noise of binary fractions for another microsecond [VF-30]", () => {
    assertEquals(micros(0.1 + 0.2), 300_000);
    assertEquals(micros(1.1), 1_100_000);
    assertEquals(micros(0.07), 70_000);
  });

  it("is at most one microsecond above the time that was asked for, and never below [VF-30]", () => {
    for (let seconds = 1e-5; seconds < 1e9; seconds = seconds * 1.37 + 1.1e-7) {
      const [armed] = readItimerval(itimerval(seconds, 0, linux), linux);
      const noise = seconds * 2 ** -50; // of a number of this size
      assertGreaterOrEqual(armed, seconds - 2e-10 - noise);
      assertLessOrEqual(armed, seconds + 1e-6 + noise);
    }
  });

  it("comes back as it went, on every target", () => {
    for (const [name, layout] of every) {
      for (const [seconds, interval] of [[0, 0], [1.5, 0.25], [0.000001, 2147483647.5], [2 ** 33, 1]]) {
        assertEquals(readItimerval(itimerval(seconds, interval, layout), layout), [seconds, interval], name);
      }
    }
  });
});

describe("struct sigaction", () => {
  it("is SIG_DFL or SIG_IGN with no flags and no mask, on every target", () => {
    for (const [name, layout] of every) {
      for (const handler of [0, 1] as const) {
        const bytes = plainAction(handler, layout);
        assertEquals(bytes.length, layout.sigaction.size, name);
        assertEquals(new DataView(bytes.buffer).getBigUint64(0, true), BigInt(handler), name);
        assertEquals([actionFlags(bytes, layout), actionMask(bytes, layout)], [0, new Set()], name);
      }
    }
  });

  it("gives its flags and its mask from where the C library has them", () => {
    const glibc = bytesWith(152, (view) => {
      view.setBigUint64(8, 1n << 63n | 1n << 14n, true);
      view.setUint32(136, 0x90000004, true);
    });
    assertEquals(actionMask(glibc, linux), new Set([15, 64]));
    assertEquals(actionFlags(glibc, linux) >>> 0, 0x90000004); // SA_RESETHAND is the sign bit of an int
    const darwin = bytesWith(16, (view) => {
      view.setUint32(8, 1 << 14 | 1 << 30, true);
      view.setInt32(12, 0x42, true);
    });
    assertEquals(actionMask(darwin, macos), new Set([15, 31]));
    assertEquals(actionFlags(darwin, macos), 0x42);
  });
});

describe("records of the ring", () => {
  /** A record with a different number in every member. */
  function record(os: "linux" | "macos", into: DataView, base: number): void {
    into.setUint32(base, 1, true); // ready
    into.setUint32(base + 4, 3, true);
    into.setInt32(base + 8, 1234, true);
    into.setInt32(base + 12, 567_890_123, true);
    const info = base + 16;
    into.setInt32(info, 17, true);
    into.setInt32(info + 4, 5, true);
    into.setInt32(info + 8, -1, true);
    const [pid, uid, status] = os === "linux" ? [16, 20, 24] : [12, 16, 20];
    into.setInt32(info + pid, 4321, true);
    into.setUint32(info + uid, 4294967294, true); // the user "nobody", where uid_t is unsigned
    into.setInt32(info + status, -7, true);
    if (os === "macos") into.setInt32(info + 32, 77, true); // si_value
  }

  for (const [name, layout] of every) {
    const os = name.startsWith("linux") ? "linux" : "macos";
    it(`are read member by member, each at its place, on ${name}`, () => {
      const bytes = bytesWith(192, (view) => record(os, view, 128));
      const words = new Int32Array(bytes.buffer);
      const { record: { flags, time_s, time_ns, info }, siginfo } = layout;
      const at = 2 * RECORD_WORDS;
      assertEquals(readField(words, flags, at), layout.constants.PS_HELD | layout.constants.PS_NO_INFO);
      assertEquals([readField(words, time_s, at), readField(words, time_ns, at)], [1234, 567_890_123]);
      const value = os === "linux" ? -7 : 77; // Linux has the status at the offset of the value
      const { si_signo, si_errno, si_code, si_pid, si_uid, si_status, si_value } = siginfo;
      assertEquals(
        [si_signo, si_errno, si_code, si_pid, si_uid, si_status, si_value].map((place) =>
          readField(words, place, at + info.at / 4)
        ),
        [17, 5, -1, 4321, 4294967294, -7, value],
      );
    });
  }

  it("give what lies in the tail of a Linux siginfo: times of a child, a descriptor, a timer, an address", () => {
    const bytes = bytesWith(64, (view) => {
      view.setBigInt64(16 + 16, 0x123456789n, true);
      view.setInt32(16 + 24, 9, true);
      view.setBigInt64(16 + 32, 250n, true);
      view.setBigInt64(16 + 40, 31n, true);
    });
    const words = new Int32Array(bytes.buffer);
    const member = (place: Field): number => readField(words, place, linux.record.info.at / 4);
    const { si_addr, si_band, si_timerid, si_overrun, si_fd, si_utime, si_stime } = linux.siginfo;
    assertEquals([member(si_addr), member(si_band)], [0x123456789, 0x123456789]);
    assertEquals([member(si_timerid), member(si_overrun)], [0x23456789, 1]);
    assertEquals([member(si_fd), member(si_utime), member(si_stime)], [9, 250, 31]);
  });

  it("have no member that the platform lacks", () => {
    assertEquals(
      ["si_timerid", "si_overrun", "si_fd", "si_utime", "si_stime"].filter((name) => name in macos.siginfo),
      [],
    );
  });

  it("fit one cache line, with the head of siginfo within, on every target", () => {
    for (const [name, { record, siginfo }] of every) {
      assertEquals([record.size, record.size / 4, record.info.at], [64, RECORD_WORDS, 16], name);
      for (const [member, place] of Object.entries(siginfo)) {
        if (typeof place === "number") continue;
        const size = place.type.endsWith("64") ? 8 : 4;
        assertLessOrEqual(place.at + size, record.size - record.info.at, `${name} ${member}`);
      }
    }
  });
});

describe("counters", () => {
  it("are uint64_t, read also where they lie within a larger buffer", () => {
    const bytes = bytesWith(32, (view) => [9n, 1n, 2n ** 40n, 3n].forEach((n, i) => view.setBigUint64(i * 8, n, true)));
    assertEquals(readCounters(bytes.subarray(8)), [1, 2 ** 40, 3]);
  });
});
