/** The module on macOS, simulated: the runtime reports macOS as its platform before the module is imported. No native
 * library can be opened; the attempts are printed. */
import type { Layout } from "../../ffi/codec.ts";

export {};

const tried: (string | null)[] = [];
const dlopen = (path: string | null) => {
  tried.push(path);
  throw new Error("no such library here");
};

// deno-lint-ignore no-explicit-any
const { Deno } = globalThis as any;
if (Deno) {
  Object.defineProperty(Deno, "build", { value: { ...Deno.build, os: "darwin", arch: "aarch64" } });
  Object.defineProperty(Deno, "dlopen", { value: dlopen });
} else {
  const builtin = process.getBuiltinModule;
  Object.defineProperty(process, "platform", { value: "darwin" });
  Object.defineProperty(process, "arch", { value: "arm64" });
  Object.defineProperty(process, "getBuiltinModule", {
    value: (name: string) => name.endsWith("ffi") ? { dlopen } : builtin(name),
  });
}

const { NSIG, signal, Signals, SIGRTMIN, validSignals } = await import("../../mod.ts");
const { layout } = await import("../../ffi/mod.ts");
const { toSigInfo } = await import("../../src/siginfo.ts");

/** A record with the words of siginfo_t at the offsets of <sys/signal.h>, and the result of toSigInfo() for it. */
function read(signum: number, words: Record<number, number>) {
  const record = new Uint8Array((layout as Layout).record.size);
  const info = new DataView(record.buffer, 16);
  info.setInt32(0, signum, true);
  for (const [at, value] of Object.entries(words)) info.setInt32(Number(at), value, true);
  const { time: _, ...rest } = toSigInfo(new Int32Array(record.buffer), 0, signum, 1, 0);
  return rest;
}

let error = "";
try {
  signal("SIGTERM", () => {});
} catch (thrown) {
  error = (thrown as Error).message;
}

const [code, pid, uid, status, address, value, band] = [8, 12, 16, 20, 24, 32, 40];
console.log(JSON.stringify({
  signals: Signals,
  valid: [...validSignals()].length,
  limits: [NSIG, SIGRTMIN ?? null],
  tried,
  error,
  sent: read(30, { [code]: 0, [pid]: 4321, [uid]: 501 }),
  queued: read(31, { [code]: 0x10002, [pid]: 4321, [uid]: 501, [value]: -7 }),
  exited: read(20, { [code]: 1, [pid]: 77, [uid]: 501, [status]: 3 }),
  divided: read(8, { [code]: 7, [address]: 0x1000 }),
  trapped: read(4, { [code]: 2, [address]: 0x2000 }),
  polled: read(23, { [code]: 1, [band]: 5 }),
  key: read(2, {}),
}));
