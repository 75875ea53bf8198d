import process from "node:process";
import { measure } from "./turns.js";

const SIGUSR2 = 12;
let handled = 0;
process.on("SIGUSR2", () => void handled++);
measure(SIGUSR2, () => handled);
