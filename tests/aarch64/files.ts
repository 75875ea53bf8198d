/** Which test files run in emulation, and when. Every test file has its place here, or run.ts fails. */

/** `step`: in CI's step, which has ten minutes on two cores: what the C library and the structures of the other
 * processor decide. `all`: only with `--all`. */
export type When = "step" | "all";

/** The longest first, so that none runs alone in the end. */
export const files: Record<string, { readonly Deno: When; readonly Bun: When }> = {
  "posix/wait": { Deno: "all", Bun: "step" },
  "posix/mask": { Deno: "step", Bun: "step" },
  "posix/siginfo": { Deno: "step", Bun: "step" },
  "shutdown": { Deno: "all", Bun: "all" },
  "services/forward": { Deno: "all", Bun: "all" },
  "services/stop": { Deno: "all", Bun: "all" },
  "services/notify": { Deno: "all", Bun: "all" },
  "restore": { Deno: "all", Bun: "step" },
  "bridge": { Deno: "step", Bun: "step" },
  "posix/stress": { Deno: "all", Bun: "all" },
  "stress": { Deno: "all", Bun: "all" },
  "examples/python_programs": { Deno: "all", Bun: "all" },
  "posix/exit": { Deno: "all", Bun: "all" },
  "posix/faults": { Deno: "all", Bun: "step" },
  "posix/disposition": { Deno: "all", Bun: "all" },
  "posix/children": { Deno: "all", Bun: "all" },
  "posix/eintr": { Deno: "all", Bun: "all" },
  "beside": { Deno: "all", Bun: "all" },
  "posix/listeners": { Deno: "all", Bun: "all" },
  "posix/queue": { Deno: "all", Bun: "step" },
  "posix/names": { Deno: "all", Bun: "all" },
  "posix/send": { Deno: "step", Bun: "step" },
  "posix/timers": { Deno: "step", Bun: "step" },
  "posix/workers": { Deno: "all", Bun: "all" },
  "posix/wakeup": { Deno: "all", Bun: "step" },
  "events": { Deno: "step", Bun: "step" },
  "deadline": { Deno: "step", Bun: "step" },
  "keypress": { Deno: "step", Bun: "step" },
  "examples/daemon": { Deno: "step", Bun: "step" },
  "stats": { Deno: "step", Bun: "step" },
  "hold": { Deno: "step", Bun: "step" },
  "abort": { Deno: "step", Bun: "step" },
  "on": { Deno: "all", Bun: "step" },
  "examples/server": { Deno: "all", Bun: "all" },
  "examples/stuck": { Deno: "all", Bun: "all" },
  "surroundings": { Deno: "all", Bun: "all" },
  "security": { Deno: "all", Bun: "all" },
  "examples/python_programs_restore": { Deno: "all", Bun: "all" },
  "inspect": { Deno: "all", Bun: "all" },
  "arguments": { Deno: "all", Bun: "all" },
  "open": { Deno: "all", Bun: "all" },
  "claim_window": { Deno: "all", Bun: "all" },
  "runtime_listeners": { Deno: "all", Bun: "step" },
};

/** Why the others run in no emulation. */
export const leftOut: readonly { readonly because: string; readonly files: readonly string[] }[] = [
  {
    because: "They start no program: sources, types, documents, bytes",
    files: ["ffi/codec", "ffi/library", "layering", "posix/coverage", "types"],
  },
  {
    because:
      "They start tools and programs of this machine's processor: bundlers, packers, watchers, documents' examples",
    files: [
      "docs",
      "packages/bundles",
      "packages/install",
      "packages/runtimes",
      "packages/types",
      "packages/vendored",
      "publish",
      "reload",
      "services/examples",
      "services/systemd",
      "shipping",
    ],
  },
  {
    because: "What they test is the same on every processor: hostile arguments, permissions",
    files: ["fuzz", "permissions"],
  },
  {
    because: "The emulator shows its own threads and descriptors in /proc, by which it tells orphans from children",
    files: ["services/reap"],
  },
  {
    because: "They are of another platform or runtime: macOS, Windows and others, Node",
    files: ["ffi/elsewhere", "ffi/macos", "macos/points", "node"],
  },
];
