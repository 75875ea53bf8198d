/** The same, in a program that goes on for a tenth of a second. */
import "./startup_published.js";

setTimeout(() => {}, 100);
