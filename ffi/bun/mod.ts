/** The backend for Bun. */
import type { Backend } from "../backend.ts";
import { library } from "./library.ts";
import { listeners } from "./listeners.ts";
import { loop } from "./loop.ts";

export const backend: Backend = { name: "Bun", library, loop, listeners };
