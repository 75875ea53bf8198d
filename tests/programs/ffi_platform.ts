/** The module as a platform without a native part sees it: the runtime is told to say that it runs on
 * a RISC-V processor before the module is imported. */
export {};

// deno-lint-ignore no-explicit-any
const { Deno } = globalThis as any;
if (Deno) Object.defineProperty(Deno, "build", { value: { ...Deno.build, arch: "riscv64" } });
else Object.defineProperty(process, "arch", { value: "riscv64" });

const signal = await import("../../mod.ts");
console.log(signal.strsignal("SIGTERM"));
try {
  signal.signal("SIGTERM", () => {});
} catch (error) {
  console.log((error as Error).message);
}
