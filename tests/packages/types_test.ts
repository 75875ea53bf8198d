/** The types of the package, as the compilers of its users see them. */
import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { mkdirSync, symlinkSync } from "node:fs";
import { isBun, projectPath } from "../support/process.ts";
import { compilers, deno, once, packedProject, type Project } from "./project.ts";

/** Every check beyond `strict` that `bun init` or a careful project adds. */
const STRICT = {
  strict: true,
  skipLibCheck: false,
  noEmit: true,
  target: "ES2022",
  exactOptionalPropertyTypes: true,
  noFallthroughCasesInSwitch: true,
  noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  verbatimModuleSyntax: true,
};

const MODULES = [
  { moduleResolution: "bundler", module: "preserve" },
  { moduleResolution: "nodenext", module: "nodenext" },
];
const TYPES: Record<string, { lib: string[]; types: string[] }> = {
  "bun-types": { lib: [], types: ["bun-types"] },
  "@types/node": { lib: [], types: ["node"] },
  DOM: { lib: ["DOM"], types: [] },
};
const LIBS = ["ES2022", "ESNext"];

const MAIN = `import * as signal from "@posix/signal";
import "@posix/signal/save";

signal.on("SIGRTMIN", (_signum, info) => {
  if (info.codeName === "SI_QUEUE") console.log(info.value.toFixed(1));
});
signal.sigqueue(1, "SIGRTMIN", 7);
// @ts-expect-error misspelt
signal.raise("SIGTREM");
export const section: Disposable = signal.hold("SIGINT");
export const events: AsyncIterableIterator<signal.SigInfo> & AsyncDisposable = signal.events("SIGHUP");
export const options: signal.ShutdownOptions = { signals: ["SIGTERM"], deadline: 5, force: "never", exit: 0 };
export const aborted: AbortSignal = signal.shutdown(options).signal;
signal.open({ library: new URL("file:///libsignal.so") });
`;

describe("the types of the package", () => {
  let project: Project;
  beforeAll(() => {
    if (isBun) return;
    project = packedProject();
    project.save("main.ts", MAIN);
    mkdirSync(project.path("node_modules/@types"));
    symlinkSync(
      projectPath("node_modules/bun-types"),
      project.path("node_modules/bun-types"),
    );
    symlinkSync(
      projectPath("node_modules/@types/node"),
      project.path("node_modules/@types/node"),
    );
  });
  afterAll(() => project?.[Symbol.dispose]());

  for (const [version, tsc] of Object.entries(compilers)) {
    for (const modules of MODULES) {
      for (const [types, own] of Object.entries(TYPES)) {
        const name = `satisfy tsc, ${version}: ${modules.moduleResolution}, ${types}, lib ${LIBS.join(" or ")}`;
        once(name, async () => {
          await Promise.all(LIBS.map(async (lib) => {
            const compilerOptions = {
              ...STRICT,
              ...modules,
              types: own.types,
              lib: [lib, ...own.lib],
            };
            const config = project.save(
              `${lib}.json`,
              JSON.stringify({ compilerOptions, files: ["main.ts"] }),
            );
            assertEquals(
              await project.succeeds(`${tsc} --project ${config}`),
              "",
            );
          }));
        });
      }
    }
  }

  once(
    "satisfy deno check",
    () => project.succeeds(`${deno} check main.ts`).then(() => {}),
  );
});
