/** The members used of the `Deno` namespace, and of Deno's internals. */
import type { NativeType } from "../backend.ts";

export interface DenoRuntime {
  readonly build: { readonly os: string; readonly arch: string; readonly target: string };
  readonly errors: { readonly NotCapable: new (message: string, options?: ErrorOptions) => Error };
  readonly permissions: { requestSync(of: { name: "ffi" }): { readonly state: string } };
  dlopen(
    path: string,
    symbols: Record<string, { parameters: Exclude<NativeType, "void">[]; result: NativeType }>,
    // deno-lint-ignore no-explicit-any
  ): { symbols: any };
  addSignalListener(name: string, listener: () => void): void;
  removeSignalListener(name: string, listener: () => void): void;
}

export const runtime = (): DenoRuntime => (globalThis as unknown as { Deno: DenoRuntime }).Deno;

/** Not part of Deno's public interface: each use has a fallback. */
export interface Internals {
  core?: {
    resources?(): Record<string, string>;
    getAsyncContext?(): unknown;
    setAsyncContext?(context: unknown): void;
  };
  /** Set when the `process` of `node:process` has been loaded, however that happened. */
  __nodeProcessBootstrapped?: boolean;
}

export function internals(): Internals {
  const deno = runtime() as unknown as { readonly internal?: symbol } & Record<symbol, Internals>;
  return (deno.internal && deno[deno.internal]) ?? {};
}

/** Deno resumes an asynchronous function, including its own loop over signals, in the context of its first call. */
export function outside<T>(fn: () => T): T {
  const { core } = internals();
  if (!core?.getAsyncContext || !core.setAsyncContext) return fn();
  const context = core.getAsyncContext();
  if (context === undefined) return fn();
  core.setAsyncContext(undefined);
  try {
    return fn();
  } finally {
    core.setAsyncContext(context);
  }
}
