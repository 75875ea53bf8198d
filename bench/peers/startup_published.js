/** A first handler of this module, as it is published. */
import { signal } from "@posix/signal";

signal("SIGUSR1", () => {});
