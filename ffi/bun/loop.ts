/** Bun's event loop: its own handler for the wake signal, or `Bun.connect` on a descriptor. */
import { type ErrorOwner, type Loop, type OutputStream, type Wake, WAKE_SIGNAL } from "../backend.ts";
import { restoringBySnapshot } from "../process.ts";
import { enterRoot, keepListener, onExit, onFirstOther, outside, stdout } from "../process_listeners.ts";
import { followExceptions, followRejections } from "../uncaught.ts";

interface Socket {
  unref(): void;
}

/** The members used of the `Bun` namespace. */
export interface BunRuntime {
  readonly isMainThread: boolean;
  readonly version: string;
  readonly semver: { satisfies(version: string, range: string): boolean };
  gc(force: boolean): unknown;
  connect(options: {
    fd: number;
    socket: { data(): void; error(): void };
  }): Promise<Socket>;
}

const runtime = (): BunRuntime => (globalThis as unknown as { Bun: BunRuntime }).Bun;

/** Bun's own handler is the quickest way into its event loop, but its queue holds 8,192 signals: further ones are
 * dropped without waking the loop, and before 1.4.2 two threads could corrupt it. So it is used only while the queue
 * holds nothing but wake-ups and signals that we listen to; afterwards a byte wakes the loop. */
function watch(wake: Wake, woken: () => void): void {
  enterRoot();
  let joining = false;
  const byByte = (): void => {
    if (joining) return;
    joining = true;
    // Bun calls the socket in the AsyncLocalStorage context that opened it, and a port outside every context.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      enterRoot();
      void runtime().connect({ fd: wake.fd, socket: { data: woken, error: () => {} } }).then((opened) =>
        opened.unref()
      );
    };
    port2.postMessage(undefined);
    wake.bySignal(false); // a byte is buffered until the socket is open
  };
  const { semver, version } = runtime();
  if (!semver.satisfies(version, ">=1.4.2")) return byByte();
  let called = false;
  keepListener(WAKE_SIGNAL, () => {
    if (!called) enterRoot();
    called = true;
    woken();
  });
  if (wake.bySignal(true)) onFirstOther(byByte);
  else byByte();
}

/** Spawns the engine's threads now, so that signals can be confined: the collector's by a collection, the compilers' by
 * more hot functions than there are threads. A function is hot after some 50 calls, and these take longer to compile
 * than the next one to become hot. 6 ms in all. */
function startHelpers(): void {
  runtime().gc(true);
  const functions = Array.from({ length: 16 }, (_, k) => new Function("n", `return ${`n * ${k} + `.repeat(160)}1`));
  for (let call = 0; call < 50; call++) for (const hot of functions) hot(call);
}

function followErrors(owner: ErrorOwner): () => void {
  const stops = [followExceptions(owner), followRejections(owner)];
  return () => stops.forEach((stop) => stop());
}

function printUncaught(error: unknown): void {
  if (error instanceof Error) console.error(error);
  else console.error("error:", error);
}

/** `write("", done)` would call back at once, with earlier output not yet in the pipe, and after `end` the listeners of
 * "exit" could print nothing. The sink behind the stream reports when it is empty: `flush` of Bun.FileSink. */
function finish(stream: OutputStream, done: () => void): void {
  if (!stream.writable) return done();
  const key = Object.getOwnPropertySymbols(stream).find(({ description }) => description === "kWriteStreamFastPath");
  const sink = key && (stream as unknown as Record<symbol, { flush?(): unknown } | undefined>)[key];
  if (sink?.flush) Promise.resolve(sink.flush()).then(done, done);
  else stream.end(done);
}

export const loop: Loop = {
  isWorker: () => !runtime().isMainThread,
  watchesPipes: false,
  watch,
  outside,
  restoring: restoringBySnapshot,
  startHelpers,
  onExit,
  followErrors,
  printUncaught,
  finish,
  terminal: stdout,
};
