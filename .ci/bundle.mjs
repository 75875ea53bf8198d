/** Builds what is published, dist/: for each entry point one ESM file, its source map and its declarations.
 *
 * `using` is lowered, so that an older Node parses the file and the first call can say what it needs. The result is
 * the same to the byte on every machine: paths are relative, and the tools are those of package-lock.json. */
import { build } from "esbuild";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";

const root = fileURLToPath(new URL("../", import.meta.url));
const entries = { mod: "mod.ts", save: "ffi/save.ts" };

rmSync(`${root}dist`, { recursive: true, force: true });
mkdirSync(`${root}dist`);

for (const [name, source] of Object.entries(entries)) {
  await build({
    absWorkingDir: root,
    entryPoints: { [name]: source },
    outdir: "dist",
    bundle: true,
    format: "esm",
    platform: "neutral",
    external: ["node:*"],
    target: "es2022",
    charset: "utf8",
    // Runtimes parse the file at every start. Names stay: errors and classes are printed with theirs.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160, // an older Node quotes the line of an error
    sourcemap: true,
    // Bun need not transpile it, which takes 6 ms where it has no cache yet; Deno finds the types without package.json.
    banner: { js: `// @bun\n/* @ts-self-types="./${name}.d.ts" */` },
    logLevel: "warning",
  });

  const bundle = await rollup({
    input: root + source,
    plugins: [dts({ tsconfig: `${root}tests/support/tsconfig.json` })],
    onwarn(warning) {
      if (warning.code !== "EMPTY_BUNDLE") throw new Error(warning.message); // save.ts exports nothing
    },
  });
  const { output: [{ code }] } = await bundle.generate({});
  await bundle.close();
  const [moduleDoc] = /^\/\*\*.*?\*\/\n/s.exec(readFileSync(root + source, "utf8"));
  writeFileSync(`${root}dist/${name}.d.ts`, moduleDoc + code);
}

// `Disposable`, for compilers whose `lib` is older. JSR refuses such a line, and Deno needs none.
writeFileSync(`${root}dist/npm.d.ts`, '/// <reference lib="esnext.disposable" />\nexport * from "./mod.js";\n');
