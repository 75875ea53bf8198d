/** The same, in a program that goes on for a tenth of a second. */
import "./startup_own.js";

setTimeout(() => {}, 100);
