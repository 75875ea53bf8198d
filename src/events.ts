/** Signals as an asynchronous iterator. */
import { options as checkOptions, someSignals, wholeNumber } from "./arguments.ts";
import { Queue } from "./queue.ts";
import { checkAbortSignal, type Listener, on, type SignalsLike } from "./on.ts";
import type { SigInfo } from "./siginfo.ts";

/** Options of `events`: the size of its queue, and an `AbortSignal` that ends it.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const options: signal.EventsOptions = { capacity: 100_000, signal: AbortSignal.timeout(20) };
 * for await (const _info of signal.events("SIGUSR1", options));
 * console.log("the time was over"); // => the time was over
 * ```
 * @see Node events.on, its options */
export interface EventsOptions {
  /** How many unread signals are queued at most. Default: 1024. */
  readonly capacity?: number;
  /** Ends the iteration when it is aborted; signals queued by then can still be read. */
  readonly signal?: AbortSignal;
}

/** The signals of `events()`, read one by one.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * await using stream: signal.SignalEvents = signal.events("SIGRTMIN", { capacity: 1 });
 * for (const value of [1, 2, 3]) signal.sigqueue(process.pid, "SIGRTMIN", value);
 * const { value: first } = await stream.next();
 * console.log(first?.value, stream.lost); // => 1 2
 * ```
 * @see ECMAScript AsyncIterator, AsyncDisposable */
export interface SignalEvents extends AsyncIterableIterator<SigInfo>, AsyncDisposable {
  /** How many signals were dropped because `capacity` others were queued. The oldest are kept. */
  readonly lost: number;
  /** The oldest queued signal, or the next one delivered; keeps the process alive until then. */
  next(): Promise<IteratorResult<SigInfo, undefined>>;
  /** Ends the iteration: queued signals are dropped, and the listener is removed. */
  return(): Promise<IteratorResult<SigInfo, undefined>>;
  /** Returns itself, for `for await`. */
  [Symbol.asyncIterator](): SignalEvents;
}

type Result = IteratorResult<SigInfo, undefined>;

/** Listens to `sigs` from now on, and yields each delivered signal in order of arrival. Leaving the loop removes the
 * listener. Keeps the process alive only while a `next()` is awaited.
 *
 * @throws {RangeError} No signal is given; `capacity` is not a whole number from 1 up.
 * @throws {PosixError} `EINVAL`: a signal that cannot be caught.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const stream = signal.events(["SIGRTMIN", "SIGTERM"]);
 * signal.sigqueue(process.pid, "SIGRTMIN", 7);
 * signal.raise("SIGTERM");
 * for await (const info of stream) {
 *   if (info.name === "SIGTERM") break;
 *   console.log(info.value); // => 7
 * }
 * console.log(stream.lost); // => 0
 * ```
 * @see Node events.on */
export function events(sigs: SignalsLike, options?: EventsOptions): SignalEvents {
  const { capacity = 1024, signal } = checkOptions<EventsOptions>(options, "listen", ["capacity", "signal"]);
  wholeNumber(capacity, "listen", "capacity", 1, Number.MAX_SAFE_INTEGER);
  checkAbortSignal(signal, "listen");
  const signals = someSignals(sigs, "listen");

  const waiting = new Queue<SigInfo>();
  const readers: ((result: Result) => void)[] = [];
  let lost = 0;
  let open = true;

  const listener: Listener = on(signals, (_signum, info) => {
    const reader = readers.shift();
    if (reader) {
      if (readers.length === 0) listener.unref();
      reader({ done: false, value: info });
    } else if (waiting.length < capacity) waiting.push(info);
    else lost++;
  });

  const end = () => {
    if (!open) return;
    open = false;
    signal?.removeEventListener("abort", end);
    listener.off();
    for (const reader of readers.splice(0)) reader({ done: true, value: undefined });
  };
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end, { once: true });

  return {
    get lost() {
      return lost;
    },
    next() {
      const info = waiting.shift();
      if (info) return Promise.resolve({ done: false, value: info });
      if (!open) return Promise.resolve({ done: true, value: undefined });
      listener.ref();
      return new Promise((resolve) => readers.push(resolve));
    },
    return() {
      waiting.clear();
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await this.return();
    },
  };
}
