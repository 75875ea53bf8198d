/** Programs on macOS: on macOS itself unchanged; on Linux with the native part that build.ts makes. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { compile } from "../support/compile.ts";
import { command, isBun, type Options, Program, projectPath } from "../support/process.ts";
import { buildForLinux } from "./build.ts";

export const isMacos: boolean = process.platform === "darwin";

/** The directory that such a program takes for its user's own temporary directory. */
export const temporary: string = mkdtempSync(join(tmpdir(), "darwin-user-"));

const library = isMacos ? "" : buildForLinux();
const preload = projectPath("tests/macos/preload.ts");
/** The flags that make the runtime take its platform for macOS. */
export const flags: string[] = isMacos
  ? []
  : isBun
  ? [`--preload=${preload}`]
  : [`--preload=file://${preload}?library=${library}`];
export const env: Record<string, string> = isMacos
  ? {}
  : { LIBDARWIN: library, DARWIN_USER_TEMP_DIR: `${temporary}/`, DENO_NO_UPDATE_CHECK: "1" };

/** The words that run a file, with FFI alone permitted in Deno. */
export function words(file: string, ...args: string[]): string[] {
  return command(file, args, isBun ? flags : ["--allow-ffi", ...flags]);
}

export function start(file: string, ...args: string[]): Program {
  return new Program(words(file, ...args), { env });
}

export function onTerminal(words: string[], options: Options = {}): Program {
  return new Program([compile("terminal"), ...words], { ...options, env: { ...env, ...options.env } });
}
