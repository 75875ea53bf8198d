/** Sends queued signals although other processes of the same user may fill the kernel's queue. */
import * as signal from "../../mod.ts";

export function queue(signum: number, value: number): void {
  for (;;) {
    try {
      return signal.sigqueue(process.pid, signum, value);
    } catch (error) {
      if ((error as signal.PosixError).code !== "EAGAIN") throw error;
      signal.sleep(0.001);
    }
  }
}
