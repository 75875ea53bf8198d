/** The differences between the C libraries that a test can observe. */
import { isMusl } from "../../ffi/mod.ts";

/** The result of a call with either library. The tests ask the C library for SIGRTMIN (34 and 35) and the words of
 * strsignal(3). */
export const given = {
  /** alarm(0) with 3.4 s left: glibc rounds to the nearest second, musl up. */
  secondsLeft: isMusl ? 4 : 3,
};

interface Difference {
  readonly because: string;
}

/** Test files that are not run: the C library does not affect what they test. */
export const leftOut: readonly (Difference & { readonly files: readonly string[] })[] = [
  {
    because: "They start no program: sources, types, documents, bytes",
    files: ["ffi/codec", "ffi/library", "layering", "posix/coverage", "signal_state", "types"],
  },
  {
    because: "They start tools that are built for glibc: Deno, bundlers, packers",
    files: [
      "docs",
      "packages/bundles",
      "packages/install",
      "packages/runtimes",
      "packages/types",
      "packages/vendored",
      "publish",
      "shipping",
    ],
  },
  {
    because: "Their runners and managers are glibc's, and their programs run on musl in the other files",
    files: ["field/ending", "field/forced", "field/life", "field/matrix", "field/reload", "field/terminal"],
  },
  { because: "They are of another platform or runtime", files: ["ffi/macos", "macos/points", "node"] },
];

/** Tests that pass with glibc alone. */
export const onlyGlibc: readonly (Difference & { readonly tests: readonly string[] })[] = [];
