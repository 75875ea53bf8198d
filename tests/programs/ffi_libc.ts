/** The runtime reports the other C library before the module is imported. */
export {};

// deno-lint-ignore no-explicit-any
const { Deno, Bun } = globalThis as any;
const musl = (name: string) => name.includes("musl") ? name.replace("musl", "gnu") : `${name}-musl`;
if (Deno) Object.defineProperty(Deno, "build", { value: { ...Deno.build, target: musl(Deno.build.target) } });
else if (Bun) {
  const { release } = process;
  Object.defineProperty(process, "release", { value: { ...release, sourceUrl: musl(release.sourceUrl!) } });
} else Object.defineProperty(process, "execPath", { value: "/lib/ld-musl-x86_64.so.1" });

const { raise, SIGRTMIN } = await import("../../mod.ts");
try {
  raise("SIGURG");
} catch (error) {
  console.log(JSON.stringify([SIGRTMIN, (error as Error).message]));
}
