/** The order in which queued values arrive. */
import { assertEquals, assertLessOrEqual } from "@std/assert";
import { isBun } from "./process.ts";

export interface Found {
  different: number;
  least: number;
  most: number;
  /** How many arrived after a greater one. */
  late: number;
}

/** All of them, in order, but for `late`: a thread that was just spawned takes one, and Bun spawns a compiler thread
 * when it is busy. src/README.md documents it. */
export function assertWhole({ late, ...others }: Found, count: number, most = 1): void {
  assertEquals({ ...others, late: 0 }, { different: count, least: 0, most: count - 1, late: 0 });
  assertLessOrEqual(late, isBun ? most : 0);
}
