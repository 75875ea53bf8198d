/** This module, of which nothing is called. */
import "./stay.js";
import "../../mod.ts";
