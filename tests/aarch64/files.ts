/** Which test files run in emulation, and when. Every test file has its place here, or run.ts fails. */

/** `step`: in CI's step, which has six minutes on two cores: what the C library and the structures of the other
 * processor decide. `all`: only with `--all`. `never`: starting a program takes Deno three times as long as Bun,
 * and these say nothing of Deno on that processor that others do not. */
export type When = "step" | "all" | "never";

/** The longest first, so that none runs alone in the end. */
export const files: Record<string, { readonly Deno: When; readonly Bun: When }> = {
  "posix/wait": { Deno: "all", Bun: "step" },
  "posix/mask": { Deno: "all", Bun: "step" },
  "posix/siginfo": { Deno: "step", Bun: "step" },
  "shutdown": { Deno: "all", Bun: "all" },
  "restore": { Deno: "all", Bun: "step" },
  "bridge": { Deno: "step", Bun: "step" },
  "posix/stress": { Deno: "never", Bun: "all" },
  "stress": { Deno: "never", Bun: "all" },
  "examples/python_programs": { Deno: "never", Bun: "all" },
  "posix/exit": { Deno: "never", Bun: "all" },
  "posix/faults": { Deno: "never", Bun: "step" },
  "posix/disposition": { Deno: "never", Bun: "all" },
  "posix/children": { Deno: "never", Bun: "all" },
  "posix/eintr": { Deno: "never", Bun: "all" },
  "beside": { Deno: "never", Bun: "all" },
  "posix/listeners": { Deno: "all", Bun: "all" },
  "posix/names": { Deno: "never", Bun: "all" },
  "posix/send": { Deno: "all", Bun: "step" },
  "posix/timers": { Deno: "all", Bun: "step" },
  "posix/workers": { Deno: "never", Bun: "all" },
  "posix/wakeup": { Deno: "never", Bun: "step" },
  "events": { Deno: "step", Bun: "step" },
  "deadline": { Deno: "step", Bun: "step" },
  "keypress": { Deno: "step", Bun: "step" },
  "examples/daemon": { Deno: "step", Bun: "step" },
  "stats": { Deno: "step", Bun: "step" },
  "hold": { Deno: "step", Bun: "step" },
  "abort": { Deno: "step", Bun: "step" },
  "on": { Deno: "all", Bun: "step" },
  "examples/server": { Deno: "never", Bun: "all" },
  "surroundings": { Deno: "never", Bun: "all" },
  "security": { Deno: "never", Bun: "all" },
  "examples/python_programs_restore": { Deno: "never", Bun: "all" },
  "inspect": { Deno: "never", Bun: "all" },
  "arguments": { Deno: "never", Bun: "all" },
  "open": { Deno: "all", Bun: "all" },
  "claim_window": { Deno: "all", Bun: "step" },
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
    files: ["docs", "publish", "reload", "shipping"],
  },
  {
    because: "What they test is the same on every processor: hostile arguments, permissions",
    files: ["fuzz", "permissions"],
  },
  {
    because: "They are of another platform or runtime: macOS, Node",
    files: ["ffi/macos", "node"],
  },
];
