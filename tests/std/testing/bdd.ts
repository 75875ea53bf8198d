/** Stand-in for `@std/testing/bdd` where JSR cannot be reached: the functions that the suite uses, over
 * `node:test`. */
import {
  after,
  afterEach as nodeAfterEach,
  before,
  beforeEach as nodeBeforeEach,
  describe as nodeDescribe,
  it as nodeIt,
} from "node:test";

type Test = () => void | Promise<void>;

/** Registers a group of tests. */
export function describe(name: string, fn: () => void): void {
  nodeDescribe(name, fn);
}

/** Registers a test. */
export function it(name: string, fn: Test): void {
  nodeIt(name, () => fn());
}

/** Registers a test that does not run here: of another runtime or platform, as the comment at each use says. */
it.skip = function skip(name: string, fn: Test): void {
  nodeIt.skip(name, () => fn());
};

/** Runs once before the tests of the group. */
export function beforeAll(fn: Test): void {
  before(() => fn());
}

/** Runs once after the tests of the group. */
export function afterAll(fn: Test): void {
  after(() => fn());
}

/** Runs before every test of the group. */
export function beforeEach(fn: Test): void {
  nodeBeforeEach(() => fn());
}

/** Runs after every test of the group. */
export function afterEach(fn: Test): void {
  nodeAfterEach(() => fn());
}
