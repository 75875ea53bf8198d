import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { found, outcome } from "../support/cases.ts";
import { run } from "../support/process.ts";

const PROGRAM = "wakeup";
const BAD_FD = "PosixError EBADF 9";

describe("setWakeupFd()", () => {
  it("refuses a boolean, unknown options and what is no descriptor [PY-60, CPython test_invalid_call]", async () => {
    assertEquals(await outcome(PROGRAM, ["shapes"]), {
      refused: Array(5).fill("TypeError"),
      range: Array(5).fill("RangeError"),
      present: -1,
      accepted: "none",
    });
  });

  for (const kind of ["pipe", "socket"]) {
    it(`refuses a closed ${kind} and keeps what was set [PY-61, CPython test_invalid_fd]`, async () => {
      assertEquals(await outcome(PROGRAM, ["badFd", kind]), { thrown: BAD_FD, kept: true });
    });

    it(`returns the last descriptor, a ${kind} [PY-62, CPython test_set_wakeup_fd_result]`, async () => {
      assertEquals(await outcome(PROGRAM, ["previous", kind]), [-1, true, true, -1]);
    });
  }

  it("refuses a descriptor that may block, and names it [PY-63, CPython test_set_wakeup_fd_blocking]", async () => {
    assertEquals(await outcome(PROGRAM, ["blocking"]), { thrown: "PosixError EINVAL 22", told: true, set: -1 });
  });

  it("gets the numbers of the signals, in their order [PY-64, CPython test_signum]", async () => {
    assertEquals(await outcome(PROGRAM, ["numbers"]), [10, 14]);
  });

  it("gets a byte for each of two pending signals, at their release [PY-65, CPython test_pending]", async () => {
    assertEquals(await outcome(PROGRAM, ["pending"]), { blocked: [], released: [10, 12] });
  });

  it("gets its byte although the handler threw before anyone waited [PY-66, CPython test_wakeup_fd_early]", async () => {
    assertEquals(await outcome(PROGRAM, ["early"]), { first: "Error", second: true, fast: true });
  });

  it("wakes a poll() that is waiting for it [PY-67, CPython test_wakeup_fd_during]", async () => {
    assertEquals(await outcome(PROGRAM, ["during"]), { woken: true, inTime: true, bytes: [14] });
  });

  it("takes a pipe, a stream socket and a datagram socket [PY-69, CPython test_socket, signal-hook pipe.rs]", async () => {
    assertEquals(await outcome(PROGRAM, ["kinds"]), [[2], [2], [2]]);
  });

  it("warns of a full buffer unless told not to, and handlers run all the same [PY-71, CPython test_warn_on_full_buffer]", async () => {
    const end = await run("tests/programs/wakeup.ts", ["full"]);
    assertEquals(found(end), { filled: true, calls: 4 });
    const warned = end.stderr.split(/round \d\n/).slice(1).map((text) => text.includes("did not fit"));
    assertEquals(warned, [true, true, false, true]);
  });

  it("says what is wrong when its other end is closed, and handlers run all the same [CPython test_wakeup_write_error]", async () => {
    const end = await run("tests/programs/wakeup.ts", ["unread"]);
    assertEquals([found(end), end.stderr.includes("its other end is closed: 1 signal number did not fit")], [1, true]);
  });

  it("stays as it was set when handlers come, fail to come and go [PY-72, CPython asyncio test_remove_signal_handler]", async () => {
    assertEquals(await outcome(PROGRAM, ["owner"]), {
      steps: ["PosixError EINVAL 22", true, "PosixError EINVAL 22", true, true, true, true, true],
      bytes: [10, 12, 12],
      cleared: [true, -1],
    });
  });

  it("is not what deliveries rest on: 70,000 arrive though the pipe holds 65,536 [VF-45]", async () => {
    const end = await run("tests/programs/wakeup.ts", ["capacity"]);
    assertEquals(found(end), { capacity: 65536, calls: 70_000, lost: 0, size: 65536, bytes: [10] });
    assert(end.stderr.includes("4464 signal numbers did not fit"), end.stderr);
  });
});

describe("a set-up that fails", () => {
  it("says so, and works when there are descriptors again [PY-74, CPython asyncio test_add_signal_handler_setup_error]", async () => {
    const { thrown, untouched, calls } = await outcome<Record<string, unknown>>(PROGRAM, ["noDescriptor"]);
    assert(thrown !== "none");
    assertEquals([untouched, calls], [0, 1]);
  });

  it("leaves nothing of it behind [PY-74, CPython asyncio test_add_signal_handler_install_error]", async () => {
    assertEquals(await outcome(PROGRAM, ["halfInstalled"]), { thrown: "PosixError EINVAL 22", usr2: "default" });
  });
});
