/** The module on another platform, simulated: the runtime reports that platform before the module is imported. */
export {};

const args: string[] = process.argv.slice(2);
const [os, arch] = args;
// deno-lint-ignore no-explicit-any
const { Deno } = globalThis as any;
if (Deno) Object.defineProperty(Deno, "build", { value: { ...Deno.build, os, arch } });
else {
  Object.defineProperty(process, "platform", { value: os === "windows" ? "win32" : os });
  Object.defineProperty(process, "arch", { value: { x86_64: "x64", aarch64: "arm64" }[arch] ?? arch });
}

const signal = await import("../../mod.ts");

function failure(call: () => unknown): string {
  try {
    return `none: ${call()}`;
  } catch (error) {
    return (error as Error).message;
  }
}

const { SIGHUP, SIGUSR1, SIGABRT, SIGBREAK, SIGINFO, SIGSTKFLT, SIGPOLL, SIGRTMIN, SIGRTMAX, NSIG } = signal;
console.log(JSON.stringify({
  numbers: { SIGHUP, SIGUSR1, SIGABRT, SIGBREAK, SIGINFO, SIGSTKFLT, SIGPOLL, SIGRTMIN, SIGRTMAX, NSIG },
  signals: Object.keys(signal.Signals).length,
  valid: [...signal.validSignals()],
  texts: [15, "SIGTERM", "SIGUSR1", "SIGRTMIN+1", 32].map((sig) => failure(() => signal.strsignal(sig as "SIGTERM"))),
  first: failure(() => signal.signal("SIGTERM", () => {})),
}));
