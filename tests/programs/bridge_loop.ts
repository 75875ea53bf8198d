/** The bridge from the C handler to the event loop. The argument picks the case. A case that must block the loop reads
 * standard input until the test writes a line. */
import { readSync } from "node:fs";
import { createServer } from "node:net";
import * as signal from "../../mod.ts";

const say = (_signum: number, info: signal.SigInfo): void => console.log(`got ${info.name}`);

function stayAlive(): void {
  setInterval(() => {}, 2 ** 30);
}

function blockUntilLine(): void {
  console.log("ready");
  const byte = new Uint8Array(1);
  do readSync(0, byte); while (byte[0] !== 10);
}

const cases = {
  /** Nothing but handlers: the program exits. */
  handlersOnly() {
    for (const name of ["SIGHUP", "SIGTERM", "SIGUSR1", "SIGRTMIN"] as const) signal.signal(name, say);
  },

  /** As `handlersOnly`, after a handler has run on the event loop. */
  handlersThatRan() {
    signal.signal("SIGALRM", say);
    signal.setitimer(signal.ITIMER_REAL, 0.01);
    setTimeout(() => {}, 200);
  },

  /** The number of event loop turns for which each of ten signals waits for its handler, or for the runtime's own
   * listener, from the program's first turn on. In each turn the program keeps the loop busy for `busyMs`. */
  async firstTurns() {
    const busyMs = Number(process.argv[3]);
    let handled = 0;
    const handle = () => void handled++;
    if (process.argv[4] === "own") process.on("SIGUSR2", handle);
    else signal.signal("SIGUSR2", handle);
    const waited: number[] = [];
    for (let sent = 1; sent <= 10; sent++) {
      process.kill(process.pid, "SIGUSR2");
      let turns = 0;
      for (; handled < sent; turns++) {
        const turn = new Promise((resolve) => setTimeout(resolve));
        for (const end = performance.now() + busyMs; performance.now() < end;);
        await turn;
      }
      waited.push(turns);
    }
    console.log(waited.join(" "));
  },

  /** Two signals, the second after more than a runtime keeps of others for its listeners: other code listens before we
   * do, after that, or while the first is on its way. */
  async besideListener() {
    const when = process.argv[3];
    const listen = () => void process.on("SIGHUP", () => {});
    let handled = () => {};
    const next = () => new Promise<void>((resolve) => handled = resolve);
    if (when === "before") listen();
    signal.signal("SIGUSR2", () => handled());
    stayAlive();
    if (when === "after") listen();
    const first = next();
    process.kill(process.pid, "SIGUSR2");
    if (when === "meanwhile") listen();
    await first;
    const second = next();
    for (let i = 0; i < 10_000; i++) process.kill(process.pid, "SIGHUP");
    process.kill(process.pid, "SIGUSR2");
    await second;
    console.log("both");
    process.exit(0);
  },

  /** Other code listens for a while to the signal that the runtime's wake-up uses. */
  async urgentListener() {
    let told = () => {};
    const send = (name: string, heard: boolean) => {
      process.kill(process.pid, name);
      return heard ? new Promise<void>((resolve) => told = resolve) : undefined;
    };
    const urgent = () => {
      console.log("theirs");
      told();
    };
    signal.signal("SIGUSR2", (signum, info) => {
      say(signum, info);
      told();
    });
    stayAlive();
    for (const listen of ["on", "off"] as const) {
      process[listen]("SIGURG", urgent);
      await send("SIGURG", listen === "on");
      await send("SIGUSR2", true);
    }
    process.exit(0);
  },

  /** Other code removes every listener of `process`. */
  noListeners() {
    signal.signal("SIGUSR2", (signum, info) => {
      say(signum, info);
      process.exit(0);
    });
    process.removeAllListeners();
    stayAlive();
    process.kill(process.pid, "SIGUSR2");
  },

  timer() {
    signal.signal("SIGUSR2", say);
    signal.signal("SIGTERM", () => process.exit(0));
    stayAlive();
    console.log("ready");
  },

  server() {
    signal.signal("SIGUSR2", say);
    const server = createServer().listen(0, "127.0.0.1", () => console.log("ready"));
    signal.signal("SIGTERM", () => void server.close());
  },

  /** No handler of ours: only the threads that the runtime starts for its own listeners. */
  empty() {
    process.on("SIGUSR2", () => {});
    stayAlive();
    console.log("ready");
  },

  count() {
    let count = 0;
    signal.signal("SIGRTMIN+1", () => void count++);
    signal.signal("SIGTERM", () => {
      console.log(`counted ${count}`);
      process.exit(0);
    });
    stayAlive();
    blockUntilLine();
    console.log("free");
  },

  order() {
    for (const name of ["SIGHUP", "SIGUSR2", "SIGWINCH", "SIGRTMIN+1", "SIGCONT"] as const) signal.signal(name, say);
    signal.signal("SIGTERM", () => process.exit(0));
    stayAlive();
    blockUntilLine();
  },

  throwing() {
    signal.signal("SIGUSR2", () => {
      throw new RangeError("thrown by a handler");
    });
    stayAlive();
    console.log("ready");
  },

  throwingAmongOthers() {
    process.on("uncaughtException", (error) => console.log(`uncaught ${(error as Error).message}`));
    signal.signal("SIGUSR2", (_signum, info) => {
      throw new Error(info.name);
    });
    signal.signal("SIGHUP", say);
    signal.signal("SIGWINCH", say);
    signal.signal("SIGTERM", () => process.exit(0));
    stayAlive();
    blockUntilLine();
  },

  rejecting() {
    signal.signal("SIGUSR2", async () => {
      await Promise.resolve();
      throw new RangeError("rejected by a handler");
    });
    stayAlive();
    console.log("ready");
  },

  rejectingAmongOthers() {
    process.on("unhandledRejection", (error) => console.log(`unhandled ${(error as Error).message}`));
    signal.signal("SIGUSR2", async (_signum, info) => {
      await Promise.resolve();
      throw new Error(info.name);
    });
    signal.signal("SIGHUP", say);
    signal.signal("SIGTERM", () => process.exit(0));
    stayAlive();
    console.log("ready");
  },
};

cases[process.argv[2] as keyof typeof cases]();
