/** `planFor`: the action of a signal, and the handlers that are called after ours. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { layout } from "../ffi/mod.ts";
import { type Facts, type Plan, planFor } from "../src/signal_state.ts";

const { PS_OWNER_DEFAULT, PS_OWNER_IGNORED, PS_OWNER_PROGRAM, PS_OWNER_OTHER } = layout.constants;
const { PS_CHAIN_RUNTIME, PS_CHAIN_FOREIGN, PS_CHAIN_OUTSIDE } = layout.constants;

/** No listener of ours or of others, and the default action was found. */
const NOBODY: Facts = {
  wanted: false,
  previous: PS_OWNER_DEFAULT,
  previousListened: false,
  runtimeKnown: true,
  others: 0,
  othersSince: false,
  ofRuntime: false,
  keptByAnother: false,
  installsOnce: false,
  callsPrevious: false,
};
const WANTED: Facts = { ...NOBODY, wanted: true };
/** Deno's handler is installed once, and calls the one that it replaced. */
const ON_DENO = { installsOnce: true, callsPrevious: true };
const FOREIGN = { previous: PS_OWNER_OTHER };
const PROGRAM = { previous: PS_OWNER_PROGRAM };
const IGNORED = { previous: PS_OWNER_IGNORED };
const LISTENED = { others: 1 };

type Row = readonly [sentence: string, facts: Facts, plan: Plan];
const ours = (chain: number): Plan => ({ install: "ours", chain });
const instead = (install: Plan["install"], chain = install === "runtime" ? PS_CHAIN_RUNTIME : 0): Plan => ({
  install,
  chain,
});

const WHILE_WANTED: readonly Row[] = [
  ["nobody else is called", WANTED, ours(0)],
  ["nobody is called for a signal that was ignored", { ...WANTED, ...IGNORED }, ours(0)],
  ["the runtime is called while other code listens", { ...WANTED, ...LISTENED }, ours(PS_CHAIN_RUNTIME)],
  ["the runtime is called over SIG_IGN as well", { ...WANTED, ...IGNORED, ...LISTENED }, ours(PS_CHAIN_RUNTIME)],
  ["another library's handler is called", { ...WANTED, ...FOREIGN }, ours(PS_CHAIN_FOREIGN)],
  ["another library's handler is called where the runtime's is unknown: real-time signals", {
    ...WANTED,
    ...FOREIGN,
    runtimeKnown: false,
  }, ours(PS_CHAIN_FOREIGN)],
  [
    "another library's handler and the runtime are called, each by us",
    { ...WANTED, ...FOREIGN, ...LISTENED },
    ours(PS_CHAIN_FOREIGN | PS_CHAIN_RUNTIME),
  ],
  ["Deno's handler calls the other library's, and we do not", {
    ...WANTED,
    ...FOREIGN,
    ...LISTENED,
    ...ON_DENO,
  }, ours(PS_CHAIN_RUNTIME)],
  [
    "the other library's is called on Deno once nobody listens",
    { ...WANTED, ...FOREIGN, ...ON_DENO },
    ours(
      PS_CHAIN_FOREIGN,
    ),
  ],
  ["the runtime's handler is not called while nobody listens", { ...WANTED, ...PROGRAM }, ours(0)],
  ["Deno's is called for what others send where a watcher or a prompt may use it", {
    ...WANTED,
    ...PROGRAM,
    ...ON_DENO,
    ofRuntime: true,
  }, ours(PS_CHAIN_OUTSIDE)],
  ["Deno's is called for every one of those while other code listens", {
    ...WANTED,
    ...PROGRAM,
    ...ON_DENO,
    ...LISTENED,
    ofRuntime: true,
  }, ours(PS_CHAIN_RUNTIME)],
  ["Deno's is not called for a signal that it does not use itself", { ...WANTED, ...PROGRAM, ...ON_DENO }, ours(0)],
  ["Deno's is called for those where the default action was found, too: a watcher may listen later", {
    ...WANTED,
    ...ON_DENO,
    ofRuntime: true,
  }, ours(PS_CHAIN_OUTSIDE)],
  ["Deno's is called for those beside another library's that it does not call itself", {
    ...WANTED,
    ...FOREIGN,
    installsOnce: true,
    ofRuntime: true,
  }, ours(PS_CHAIN_OUTSIDE | PS_CHAIN_FOREIGN)],
  ["Bun's is not called for those: it only ends the process", { ...WANTED, ...PROGRAM, ofRuntime: true }, ours(0)],
  ["a real-time signal has nobody at the runtime", { ...WANTED, ...LISTENED, runtimeKnown: false }, ours(0)],
  ["the runtime is left to a copy of this module that came first", {
    ...WANTED,
    ...LISTENED,
    keptByAnother: true,
  }, ours(0)],
  ["another library's handler is called beside such a copy", {
    ...WANTED,
    ...FOREIGN,
    ...LISTENED,
    keptByAnother: true,
  }, ours(PS_CHAIN_FOREIGN)],
];

const ONCE_GONE: readonly Row[] = [
  ["the default action is back", NOBODY, instead("previous")],
  ["SIG_IGN is back", { ...NOBODY, ...IGNORED }, instead("previous")],
  ["another library's handler is back", { ...NOBODY, ...FOREIGN }, instead("previous", PS_CHAIN_FOREIGN)],
  ["the runtime's handler stays for those who listen", { ...NOBODY, ...LISTENED }, instead("runtime")],
  ["the runtime's handler stays where it was found", { ...NOBODY, ...PROGRAM, ...LISTENED }, instead("runtime")],
  [
    "another library's, installed over the runtime's, is back over it",
    { ...NOBODY, ...FOREIGN, ...LISTENED },
    instead("previous", PS_CHAIN_FOREIGN),
  ],
  ["the runtime's is installed over another library's for those who began to listen since", {
    ...NOBODY,
    ...FOREIGN,
    ...LISTENED,
    othersSince: true,
  }, instead("runtime")],
  [
    "SIG_IGN, set after they began to listen, is back",
    { ...NOBODY, ...IGNORED, ...LISTENED },
    instead("previous"),
  ],
  ["the runtime's is installed over SIG_IGN for those who began to listen since", {
    ...NOBODY,
    ...IGNORED,
    ...LISTENED,
    othersSince: true,
  }, instead("runtime")],
  ["another library's handler is restored when later listeners of the runtime are removed", {
    ...NOBODY,
    ...FOREIGN,
    othersSince: true,
  }, instead("previous", PS_CHAIN_FOREIGN)],
  ["the action that the runtime restores stays when its earlier listeners are removed", {
    ...NOBODY,
    ...PROGRAM,
    previousListened: true,
  }, instead("released")],
  ["the runtime's handler stays while they listen", {
    ...NOBODY,
    ...PROGRAM,
    ...LISTENED,
    previousListened: true,
  }, instead("runtime")],
  ["what was found is back where the runtime's handler is unknown", {
    ...NOBODY,
    ...LISTENED,
    runtimeKnown: false,
  }, instead("previous")],
];

describe("the plan for a signal that somebody of ours has", () => {
  for (const [sentence, facts, plan] of WHILE_WANTED) it(sentence, () => assertEquals(planFor(facts), plan));

  it("is to install our handler, whatever the facts", () => {
    for (const facts of allFacts(true)) assertEquals(planFor(facts).install, "ours", JSON.stringify(facts));
  });

  it("calls no handler of another library that is not there, and the runtime's once at most", () => {
    for (const facts of allFacts(true)) {
      const { chain } = planFor(facts);
      const said = JSON.stringify(facts);
      if (facts.previous !== PS_OWNER_OTHER) assertEquals(chain & PS_CHAIN_FOREIGN, 0, said);
      if (!facts.runtimeKnown) assertEquals(chain & (PS_CHAIN_RUNTIME | PS_CHAIN_OUTSIDE), 0, said);
      assertEquals(chain & PS_CHAIN_RUNTIME && chain & PS_CHAIN_OUTSIDE, 0, said);
    }
  });

  it("calls everyone who listens or was there, but for what a copy or Deno's handler calls", () => {
    for (const facts of allFacts(true)) {
      const { chain } = planFor(facts);
      const said = JSON.stringify(facts);
      const listened = facts.others > 0 && facts.runtimeKnown && !facts.keptByAnother;
      assertEquals((chain & PS_CHAIN_RUNTIME) !== 0, listened, said);
      const called = (chain & PS_CHAIN_FOREIGN) !== 0 || (listened && facts.callsPrevious);
      if (facts.previous === PS_OWNER_OTHER) assertEquals(called, true, said);
    }
  });
});

describe("the plan once nobody of ours has it any more", () => {
  for (const [sentence, facts, plan] of ONCE_GONE) it(sentence, () => assertEquals(planFor(facts), plan));

  it("does not keep our handler, which calls what is installed instead for a delivery under way", () => {
    for (const facts of allFacts(false)) {
      const { install, chain } = planFor(facts);
      const foreign = install === "previous" && facts.previous === PS_OWNER_OTHER;
      const called = install === "runtime" ? PS_CHAIN_RUNTIME : foreign ? PS_CHAIN_FOREIGN : 0;
      assertEquals([install === "ours", chain], [false, called], JSON.stringify(facts));
    }
  });
});

/** Every combination. */
function* allFacts(wanted: boolean): Generator<Facts> {
  const flags = [false, true];
  for (const previous of [PS_OWNER_DEFAULT, PS_OWNER_IGNORED, PS_OWNER_PROGRAM, PS_OWNER_OTHER]) {
    for (const others of [0, 1]) {
      for (let bits = 0; bits < 128; bits++) {
        const [previousListened, runtimeKnown, othersSince, ofRuntime, keptByAnother, installsOnce, callsPrevious] = [
          0,
          1,
          2,
          3,
          4,
          5,
          6,
        ]
          .map((bit) => flags[bits >> bit & 1]);
        yield {
          wanted,
          previous,
          others,
          previousListened,
          runtimeKnown,
          othersSince,
          ofRuntime,
          keptByAnother,
          installsOnce,
          callsPrevious,
        };
      }
    }
  }
}
