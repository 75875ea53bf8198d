/** Shared by the posix_*.ts programs. Each is a set of cases: the first argument picks the case, and its result is
 * printed as JSON. */
import { setImmediate } from "node:timers";
import type { SigInfo } from "../../mod.ts";

export type Cases = Record<string, (...args: string[]) => unknown>;

export async function runCase(cases: Cases): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  console.log(JSON.stringify(await cases[name](...args)));
}

/** One whole turn of the event loop: the timers that are due, then events from outside. A timer alone is not one: it
 * may be due before the loop has polled. */
export async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Waits on the event loop for a condition, for at most `limitMs`. @returns whether it became true */
export async function until(condition: () => boolean, limitMs = 10_000): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (!condition() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 1));
  return condition();
}

const answer = (worker: Worker, job: (string | number)[]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(job);
  });

/** A Worker of posix_worker.ts that is ready. Needs the permission to read it. */
export async function startWorker(): Promise<Worker> {
  const worker = new Worker(new URL("./posix_worker.ts", import.meta.url), { type: "module" });
  await answer(worker, ["ready"]);
  return worker;
}

/** Has a Worker run a job of posix_worker.ts. */
export async function inAWorker(...job: (string | number)[]): Promise<unknown> {
  const worker = await startWorker();
  const result = await answer(worker, job);
  worker.terminate();
  return result;
}

/** The error of a call in short: "RangeError", "PosixError EINVAL 22"; "none" without one. */
export function failure(call: () => unknown): string {
  try {
    call();
    return "none";
  } catch (error) {
    const { name, code, errno } = error as Error & { code?: unknown; errno?: number };
    return typeof code === "string" ? `${name} ${code} ${errno}` : name;
  }
}

/** The number of different values, the least, the most, and how many arrived after a higher one. */
export function ordered(values: number[]): { different: number; least: number; most: number; late: number } {
  const sorted = values.toSorted((a, b) => a - b);
  let most = -1;
  let late = 0;
  for (const value of values) {
    if (value < most) late++;
    else most = value;
  }
  return { different: new Set(values).size, least: sorted[0], most, late };
}

/** A SigInfo without the members that differ between deliveries. */
export function cause({ time: _time, sequence: _sequence, ...rest }: SigInfo): Omit<SigInfo, "time" | "sequence"> {
  return rest;
}

/** The duration of the call, in seconds. */
export function elapsed(call: () => unknown): number {
  const begun = performance.now();
  call();
  return (performance.now() - begun) / 1000;
}

/** Keeps the processor busy for the given seconds, without a call into this module. */
export function spin(seconds: number): void {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end);
}
