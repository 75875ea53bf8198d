/** Nothing: what a program costs before it does anything. With "stay" it stays. */
import process from "node:process";

if (process.argv[2] === "stay") setInterval(() => {}, 2 ** 30);
