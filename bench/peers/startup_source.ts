/** A first handler of this module, from its sources. */
import { signal } from "../../mod.ts";

signal("SIGUSR1", () => {});
