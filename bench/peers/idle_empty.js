/** Nothing: what a program costs before it does anything. */
import "./stay.js";
