/** Files and directories that run one at a time, and why. */
const ALONE: Record<string, string> = {
  "tests/bridge_test.ts": "counts turns of the event loop",
  "tests/claim_window_test.ts": "measures a window of microseconds",
  "tests/events_test.ts": "floods, and expects the values in order",
  "tests/posix/queue_test.ts": "fills queues, and expects the values in order",
  "tests/posix/stress_test.ts": "floods",
  "tests/stress_test.ts": "floods",
  "tests/restore_test.ts": "expects each thread to run within a hundredth of a second",
  "tests/publish_test.ts": "builds the package in the project",
  "tests/shipping_test.ts": "builds the package in the project",
  "tests/packages": "builds the package in the project",
};

export const within = (file: string, path: string): boolean => file === path || file.startsWith(`${path}/`);

export const isAlone = (file: string): boolean => Object.keys(ALONE).some((path) => within(file, path));
