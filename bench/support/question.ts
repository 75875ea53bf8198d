/** Questions and their answers. */
import { differences, quotients, type Spread, spread } from "./statistics.ts";

/** The measure of one subject under one condition. */
export interface Measure extends Spread {
  readonly subject: string;
  readonly condition: string;
  readonly unit: string;
  readonly rounds: readonly number[];
}

/** The goal of a ratio or difference of two measures, or of one measure. */
export interface Goal {
  readonly atMost?: number;
  readonly atLeast?: number;
  /** Applies to every round, not to their median: for counts that must be exact. */
  readonly every?: boolean;
  /** A limit for comparison, not a goal: the cost that the runtime or the kernel has for any program. */
  readonly limit?: boolean;
}

export interface Comparison extends Spread {
  readonly what: string;
  readonly unit: string;
  readonly rounds: readonly number[];
  readonly goal?: Goal;
  readonly met?: boolean;
}

export interface Answer {
  readonly measures: readonly Measure[];
  readonly comparisons: readonly Comparison[];
}

export interface Context {
  /** A short run that only shows that everything works. */
  readonly quick: boolean;
  /** How many rounds the run has; each measures all subjects. */
  readonly rounds: number;
  progress(text: string): void;
}

export interface Question {
  readonly name: string;
  readonly title: string;
  run(context: Context): Promise<Answer>;
}

/** Collects the measures of each round, and compares them. */
export class Notebook implements Answer {
  readonly #rows = new Map<string, { subject: string; condition: string; unit: string; rounds: number[] }>();
  readonly comparisons: Comparison[] = [];

  note(subject: string, condition: string, unit: string, value: number): void {
    const key = `${subject}\n${condition}`;
    if (!this.#rows.has(key)) this.#rows.set(key, { subject, condition, unit, rounds: [] });
    this.#rows.get(key)!.rounds.push(value);
  }

  get measures(): Measure[] {
    return [...this.#rows.values()].map((row) => ({ ...row, ...spread(row.rounds) }));
  }

  rounds(subject: string, condition: string): number[] {
    const row = this.#rows.get(`${subject}\n${condition}`);
    if (!row) throw new Error(`Nothing was measured of ${subject}, ${condition}`);
    return row.rounds;
  }

  has(subject: string, condition: string): boolean {
    return this.#rows.has(`${subject}\n${condition}`);
  }

  #compare(what: string, unit: string, rounds: number[], goal?: Goal): void {
    const of = spread(rounds);
    const judged = goal?.every ? [of.low, of.high] : [of.median];
    const { atMost = Infinity, atLeast = -Infinity } = goal ?? {};
    const met = !goal || goal.limit ? undefined : judged.every((value) => value <= atMost && value >= atLeast);
    this.comparisons.push({ what, unit, rounds, ...of, goal, met });
  }

  ratio(ours: string, theirs: string, condition: string, goal?: Goal, theirCondition = condition): void {
    if (!this.has(theirs, theirCondition)) return; // the peer is not installed
    const rounds = quotients(this.rounds(ours, condition), this.rounds(theirs, theirCondition));
    const what = theirCondition === condition ? condition : `${condition} / ${theirCondition}`;
    this.#compare(`${ours} / ${theirs}, ${what}`, "", rounds, goal);
  }

  difference(ours: string, theirs: string, condition: string, unit: string, goal?: Goal): void {
    const rounds = differences(this.rounds(ours, condition), this.rounds(theirs, condition));
    this.#compare(`${ours} - ${theirs}, ${condition}`, unit, rounds, goal);
  }

  value(subject: string, condition: string, unit: string, goal?: Goal): void {
    this.#compare(`${subject}, ${condition}`, unit, this.rounds(subject, condition), goal);
  }
}

/** Calls `body` for every subject in every round, beginning with another one each time. */
export async function interleave<T>(
  context: Context,
  subjects: readonly T[],
  body: (subject: T, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < context.rounds; round++) {
    context.progress(`round ${round + 1} of ${context.rounds}`);
    for (let i = 0; i < subjects.length; i++) await body(subjects[(i + round) % subjects.length], round);
  }
}
