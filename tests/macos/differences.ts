/** The tests that tests/macos/run.ts runs, and those in them that only Linux can pass. */

/** The test files. Files about numbers, real-time signals and /proc, and files that start no program, are left out. */
export const files: readonly string[] = [
  "shutdown",
  "shutdown/errors",
  "keypress",
  "hold",
  "on",
  "abort",
  "deadline",
  "beside",
  "bridge",
  "posix/exit",
  "posix/timers",
  "posix/eintr",
];

/** Tests that fail, by part of their names. */
export const differences: readonly { readonly because: string; readonly tests: readonly string[] }[] = [
  {
    because: "macOS has no real-time signals and no sigqueue(2)",
    tests: [
      "delays signals to the section's end, then delivers them by number, the queued ones all",
      "is whole after process.removeAllListeners()",
      "reads nothing that was not filled in, and is whole at the next signal",
      "get every queued value both, in order",
      "take no request of the other's, to block a real-time signal, for that signal",
      "handlers do not: a program that only installs them is over",
      "is delivered when it is free: all of 200 real-time signals",
      "is delivered in the order of arrival, not of the numbers",
      "does not trouble an idle event loop: 1,000 signals",
    ],
  },
  {
    because: "inspect() reads /proc",
    tests: [
      "is forgotten with a shutdown that was cancelled, and its signals are free again",
      "leaves by `using`, `once` and `signal`, and puts the default action back",
      "resolves with the first to come, gives up by `signal` and `timeout`, and leaves",
      "listens to every signal that can be caught, and to no other",
      "gives up at once by a `signal` that is aborted already, as events() ends",
      "tell the other's handler as a foreign one",
      "begins and ends as often as one likes, and puts SIG_IGN back",
    ],
  },
  {
    because: "It expects Linux's numbers of SIGUSR1 and SIGUSR2, or hands them to the system past the library",
    tests: [
      "runs the handler and every listener, in the order they were added, until off()",
      "delivers a caught signal to listeners after signal() or sigaction() has replaced the handler",
      "survives a handler whose own system call fails",
      "is told to the shell as 128 + the number",
      "40 signals do not cut Atomics.wait short",
    ],
  },
  {
    because: "It takes the signals of faults, which are the runtime's there",
    tests: [
      "calls the hook once and is seen by the parent, internal",
      "calls the hook once and is seen by the parent, external",
      "comes from a handler, after every signal there is was received",
    ],
  },
];
