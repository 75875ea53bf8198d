/** Keeps the program that imports this, if it is told so. Not told through `process`, which takes Deno 13 ms. */
const words = "Bun" in globalThis ? Bun.argv : Deno.args;
if (words.includes("stay")) setInterval(() => {}, 2 ** 30);
