/** Whether the process waits for signals: listeners that asked for it keep it alive, no others. */
import { keepAlive } from "../ffi/mod.ts";

let holders = 0;

/** One more reason to stay alive. @returns the function that takes it away again, once. */
export function stayAlive(): () => void {
  if (holders++ === 0) keepAlive(true);
  let over = false;
  return () => {
    if (over) return;
    over = true;
    if (--holders === 0) keepAlive(false);
  };
}
