import * as signal from "../../mod.ts";
import { measure } from "./turns.js";

let handled = 0;
signal.signal("SIGRTMIN", () => void handled++);
measure(signal.SIGRTMIN!, () => handled);
