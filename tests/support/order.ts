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

/** How many values may be late: a thread that was just spawned takes one, and Bun spawns compiler threads when it is
 * busy. src/README.md documents it. */
export const MOST_LATE: number = isBun ? 3 : 0;

/** All of them, in order, but for `late`. */
export function assertWhole({ late, ...others }: Found, count: number, most: number = MOST_LATE): void {
  assertEquals({ ...others, late: 0 }, { different: count, least: 0, most: count - 1, late: 0 });
  assertLessOrEqual(late, most);
}
