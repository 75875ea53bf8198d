/** Behaviour of linux-aarch64 that emulation cannot show, and a machine of that processor must. `measured` names the
 * line of limits.c that shows the difference between the emulator and a kernel in a program without this project; null
 * means that only the tests show it. The tests are those that fail for that reason, and run.ts fails when any other
 * test does. */
export interface Limit {
  readonly measured: string | null;
  readonly because: string;
  readonly tests: readonly string[];
}

export const cannotShow: readonly Limit[] = [
  {
    measured: "number",
    because: "Real-time signals have other numbers outside the emulator than inside, two off; the tests add that " +
      "(numberOutside of tests/support/process.ts)",
    tests: [],
  },
  {
    measured: "highest",
    because:
      "The two highest real-time signals cannot be sent: raise(64) is EINVAL; tests that go through all of them " +
      "end at HIGHEST of tests/support/process.ts",
    tests: [
      "blocks everything but the kernel's, the C library's and the engine's own [BN-04",
      "come right from number to name and back, real-time ones included [SH-10",
    ],
  },
  {
    measured: "pending",
    because:
      "In SigPnd and SigBlk of /proc a real-time signal stands two places further: the module finds there neither " +
      "what it has sent its helper threads, before such a signal gets its old action back, nor who leaves it to the " +
      "main thread: it asks again who blocks it, where that request stays, and asks for no second signal whose place " +
      "the first one has",
    tests: [
      "survive short waits",
      "survive short handlers",
      "survive short holds",
      "leave nothing in the kernel's queues after 2,000 waits",
      "leave nothing in the kernel's queues after ten Workers",
      "keeps count, order and values of held real-time signals",
    ],
  },
  {
    measured: null,
    because:
      "Bun's Worker waits with an empty mask and takes the first signal of each wait, as on a kernel; emulated " +
      "it runs so late that others overtake it: in 11 runs of 26",
    tests: ["in order beside a Worker that waits"],
  },
  {
    measured: "caught",
    because: "SigCgt, SigIgn and SigBlk of /proc are the emulator's own",
    tests: [
      "refuses a value that is no handler, and leaves the disposition unchanged [PY-03",
      "is not installed by importing: no disposition changes, and SIGINT kills [PY-05",
      "tells of this process who catches a signal, and what is held and pending",
      "never lets a default action strike that is waited for, from outside",
      "under nohup SIGHUP stays ignored until a handler is installed, and is again after it has left",
    ],
  },
  {
    measured: "threads",
    because: "/proc/self/task has a thread more than the program",
    tests: [],
  },
  {
    measured: "change",
    because:
      "A process dies by SIGSEGV when one thread changes a signal's action from a handler to SIG_IGN as another " +
      "takes that signal: the emulator looks at the action twice",
    tests: [
      "changes between a handler and SIG_IGN against a raising thread",
      "nor while we leave, and come again: 5,000 times",
    ],
  },
  {
    measured: "exec",
    because: "The kernel starts no program of that processor: none can start another, or be set-user-ID",
    tests: [
      "sigqueue_talk.ts: numbers go both ways",
      "come from no path that the environment names, when the process is set-user-ID",
    ],
  },
  {
    measured: "maps",
    because:
      "Without memfd_create and without a place for a temporary file /proc/self/maps cannot be read, and Bun aborts",
    tests: ["and without a place for a temporary file, the error says how to save the library"],
  },
  {
    measured: "stopped",
    because: "SA_NOCLDSTOP and SA_NOCLDWAIT are not handed on to the kernel",
    tests: [
      "comes for the end alone with noChildStop [OP-91",
      "ignored, or with noChildWait, leaves nothing to wait for, and ignoring it warns [OP-92",
    ],
  },
  {
    measured: "spawn",
    because: "posix_spawn() of a program that does not exist succeeds",
    tests: ["is not lost among a hundred spawns that fail [UV-22"],
  },
  {
    measured: "process1",
    because: "As process 1, which no signal kills, a program that takes a default action stands still for ever",
    tests: [
      "exits with 128 + the signal's number, its work done [api: shutdown]",
      "stuck, is ended by a second signal with 128 + its number [api: shutdown]",
      "stuck, is ended by the deadline with 128 + the first signal's number [api: shutdown]",
    ],
  },
  {
    measured: "descriptor",
    because: "si_fd of a SIGIO does not come through",
    tests: ["of O_ASYNC and F_SETSIG with SIGIO has every member"],
  },
  {
    measured: "queue",
    because: "mq_notify() sends nothing",
    tests: ["of mq_notify() has every member"],
  },
];
