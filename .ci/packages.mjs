/** Changes what `npm install` and Deno will take, for machines that reach JSR: the real @std packages instead of
 * tests/std; with the argument `newest`, the newest Deno and Bun instead of those that package.json names. (An
 * `npm install deno@latest` would not last: `npm test` puts back what package.json says.)
 *
 * @std/testing is Deno's alone, since its tests are `Deno.test`: Bun and Node keep the stand-in over node:test. */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";

function change(name, edit) {
  const file = new URL(`../${name}`, import.meta.url);
  const config = JSON.parse(readFileSync(file, "utf8"));
  edit(config);
  writeFileSync(file, JSON.stringify(config, null, 2) + "\n");
}

change("deno.json", (config) => delete config.links);
change("package.json", ({ devDependencies }) => {
  devDependencies["@std/assert"] = "npm:@jsr/std__assert@^1.0.0";
  if (process.argv[2] !== "newest") return;
  for (const name of ["deno", "bun", "bun-types"]) devDependencies[name] = "latest";
});
rmSync(new URL("../package-lock.json", import.meta.url)); // which would keep what it has: the stand-in, and the old versions
appendFileSync(new URL("../.npmrc", import.meta.url), "@jsr:registry=https://npm.jsr.io\n");
