/** Hostile values for fuzz.ts. */
import fc from "fast-check";

/** The error that a getter, an iterator or a trap of the caller throws: any call may pass it on. */
export class Own extends Error {
  override name = "Own";
}
const fail = (): never => {
  throw new Own("the caller's");
};

const numbers: number[] = [
  ...[-0, 0, NaN, Infinity, -Infinity, -1, 0.5, 1.5, 10.5, 32, 33, 34.5, 63.999, 64.5, 65, 128, 255, 256, 1e-320],
  ...[
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 32,
    2 ** 32 + 10,
    2 ** 32 - 10,
    2 ** 53,
    -(2 ** 53),
    2 ** 64,
    1e300,
  ],
];

const strings: string[] = [
  ...[
    "",
    "10",
    "SIGTERM\0",
    "SIG\0TERM",
    "\0SIGTERM",
    " SIGTERM",
    "SIGTERM ",
    "sigterm",
    "TERM",
    "SIGТERM",
    "SIGRTMIN+",
  ],
  ...[
    "SIGRTMIN+1e1",
    "SIGRTMIN+-1",
    "SIGRTMIN-1",
    "SIGRTMIN+31",
    "SIGRTMIN+٣",
    "SIGRTMAX+1",
    "SIGRTMAX-31",
    "SIGRTMIN+001",
  ],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "SIG_DFL", "NSIG", "\ud800", "SIGTERM".repeat(10_000)],
];

const everyTrap = Object.fromEntries(
  Object.getOwnPropertyNames(Reflect).filter((name) => typeof Reflect[name as "get"] === "function").map((
    name,
  ) => [name, fail]),
);

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(16);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

function ofDetached(): Uint8Array {
  const view = new Uint8Array(16);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function* many(value: unknown, count: number): Generator<unknown> {
  for (let i = 0; i < count; i++) yield value;
}

/** Made anew each time, since some are used up. None is a signal, nor an iterable of signals. */
const objects: (() => unknown)[] = [
  () => ({}),
  () => Object.create(null),
  () => [NaN],
  () => [, 15],
  () => [[10]],
  () => [34.5],
  () => new Date(NaN),
  () => new Map([[10, 10]]),
  () => new Set(["SIGFOO"]),
  () => new WeakMap(),
  () => new String("SIGTERM"),
  () => Object(10),
  () => /SIGTERM/,
  () => new Error("SIGTERM"),
  () => new ArrayBuffer(8),
  () => detached(),
  () => ofDetached(),
  () => new Float64Array([34.5]),
  () => new BigInt64Array([10n]),
  () => new Proxy({}, everyTrap),
  () => new Proxy(() => {}, { ...everyTrap, apply: fail }),
  () => new Proxy([10.5], {}),
  () => revoked({}),
  () => revoked(() => {}),
  () => ({ toString: fail, valueOf: fail, [Symbol.toPrimitive]: fail }),
  () => ({ valueOf: () => 10, toString: () => "SIGTERM", [Symbol.toPrimitive]: () => 10 }),
  () => ({
    get [Symbol.iterator]() {
      return fail();
    },
  }),
  () => ({ [Symbol.iterator]: fail }),
  () => ({ [Symbol.iterator]: () => ({ next: fail }) }),
  () => ({ [Symbol.iterator]: () => ({ next: () => ({ value: -5, done: false }), return: fail }) }),
  () => ({ [Symbol.iterator]: () => 5 }),
  () => ({ [Symbol.iterator]: 5 }),
  () => ({ length: 2 ** 53 - 1, 0: 10 }),
  () => many("SIGFOO", 100_000),
  () => [...many(10, 10_000), "SIGFOO"],
  () => ({
    get then() {
      return fail();
    },
  }),
  () => ({ then: fail }),
  () => Promise.resolve(10),
  () => Object.defineProperty({}, "handler", { get: fail, enumerable: true }),
  () => Object.defineProperty({}, "signal", { get: fail, enumerable: true }),
  () => Object.defineProperty({}, "signals", { get: fail, enumerable: true }),
  () => Object.create(AbortSignal.prototype),
  () => Object.create(AbortSignal.prototype, { aborted: { value: false } }),
  () => new Proxy(new AbortController().signal, {}),
  () => new Proxy(new URL("file:///"), {}),
  () => new URL("file:///%zz"),
  () => new URL("data:,x"),
  () => globalThis,
  () =>
    function () {
      fail();
    },
  () => class {},
  () => function* () {},
  () => Symbol(),
  () => Symbol.iterator,
];

/** A value to be constructed later: the library that picks values inspects them, and some throw when inspected. */
export class Value {
  constructor(readonly make: () => unknown, readonly text: string) {}
  toString(): string {
    return this.text;
  }
}
export type Values = fc.Arbitrary<Value>;

/** Values constructed from another arbitrary's. */
export const plain = (values: fc.Arbitrary<unknown>): Values =>
  values.map((value) => new Value(() => value, fc.stringify(value)));

const made: Values = fc.constantFrom(...objects).map((make) => new Value(make, `(${make})()`));
const simple: Values = plain(fc.oneof(
  fc.constantFrom<unknown>(null, undefined, true, false, 10n, -(2n ** 64n)),
  fc.constantFrom<unknown>(...numbers),
  fc.constantFrom<unknown>(...strings),
  fc.bigInt(),
  fc.string(),
));

/** `change(number)` for a number, other values unchanged. */
const changeNumbers = (values: Values, change: (number: number) => number): Values =>
  values.map((value) => {
    const number = value.text.length < 400 ? value.make() : undefined;
    if (typeof number !== "number") return value;
    const changed = change(number);
    return new Value(() => changed, fc.stringify(changed));
  });

/** Neither a signal nor an iterable of signals: nothing for which a call could wait. */
export const notSignals: Values = changeNumbers(
  fc.oneof({ weight: 3, arbitrary: made }, { weight: 2, arbitrary: simple }),
  (number) => number === 0 ? -1 : number,
);

/** Anything at all. */
export const hostile: Values = fc.oneof(
  { weight: 3, arbitrary: made },
  { weight: 3, arbitrary: simple },
  { weight: 1, arbitrary: plain(fc.integer()) },
  { weight: 1, arbitrary: plain(fc.double()) },
  { weight: 1, arbitrary: plain(fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 5 })) },
  {
    weight: 1,
    arbitrary: plain(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
    ),
  },
);

/** Options with some of these keys, each hostile; or something else. */
export const optionsOf = (...keys: string[]): Values =>
  fc.oneof(
    hostile,
    fc.record(Object.fromEntries(keys.map((key) => [key, hostile])), { requiredKeys: [] }).map((record) =>
      new Value(
        () => Object.fromEntries(Object.entries(record).map(([key, value]) => [key, value!.make()])),
        `{ ${Object.entries(record).map(([key, value]) => `${key}: ${value}`).join(", ")} }`,
      )
    ),
  );

/** A function that returns one of them. */
export const returning = (values: Values): Values =>
  values.map((value) => new Value(() => () => value.make(), `() => ${value}`));

/** Durations that, where they are valid, end soon. */
export const seconds: Values = changeNumbers(
  hostile,
  (number) => number > 0.001 && number <= 2 ** 63 / 1e9 ? 0.001 : number,
);

/** The ID of a process, group, thread or descriptor that does not exist: above the kernel's range, or hostile. */
export const nobody: Values = changeNumbers(
  hostile,
  (number) => Number.isInteger(number) && Math.abs(number) <= 2 ** 31 ? 2 ** 31 - 1 - Math.abs(number % 1000) : number,
);
