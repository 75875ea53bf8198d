/** This module and a first handler. */
import "./stay.js";
import { signal } from "../../mod.ts";

signal("SIGUSR1", () => {});
