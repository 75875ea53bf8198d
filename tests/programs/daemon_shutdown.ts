/** Cases of a graceful end; the first argument picks the case. Each prints its steps, in order. */
import * as signal from "../../mod.ts";
import { pause } from "./daemon_pause.ts";

const say = (text: string): void => console.log(text);
const stayAlive = (): void => void setInterval(() => {}, 1000);
const throwUp = (what: string): never => {
  throw new Error(what);
};

const cases: Record<string, (...args: string[]) => unknown> = {
  /** Options of shutdown() as JSON, and how long the deferred work takes. */
  clean(options = "{}", seconds = "0") {
    const end = signal.shutdown(JSON.parse(options));
    end.defer("work", async () => {
      say("stopping");
      await pause(Number(seconds));
      say("finished");
    });
  },

  order() {
    const end = signal.shutdown();
    end.signal.addEventListener("abort", () => {
      const { name, info } = end.signal.reason;
      say(`aborted: ${name} ${info.name} from ${info.pid}`);
    });
    end.defer("oldest", () => say("oldest"));
    end.defer("throws", () => throwUp("thrown on purpose"));
    end.defer("slow", async () => {
      say("slow begins");
      await pause(0.05);
      say("slow ends");
    });
    end.defer("rejects", async () => {
      await pause(0.01);
      throwUp("rejected on purpose");
    });
    end.defer("newest", () => {
      say("newest");
      end.defer("added meanwhile", () => say("added meanwhile"));
    });
    end.done.then((info) => say(`done: ${info?.name}`));
  },

  joins() {
    const first = signal.shutdown({ exit: 7 });
    const second = signal.shutdown();
    say(String(first === second));
    first.defer("first", () => say("first"));
    second.defer("second", () => say("second"));
  },

  /** The deadline, which would cut the work short, is moved beyond its end: "before" the signal, "during" the end, or
   * "never". */
  extended(when, deadline) {
    const seconds = Number(deadline);
    const end = signal.shutdown({ deadline: seconds });
    if (when === "before") end.extend(2.5 * seconds);
    end.defer("work", async () => {
      if (when === "during") end.extend(2.5 * seconds);
      say("stopping");
      await pause(1.75 * seconds);
      say("finished");
    });
  },

  cancelled() {
    const first = signal.shutdown({ signals: "SIGUSR1", exit: 7 });
    say(String(first.cancel()));
    const { action } = signal.inspect().signals.find(({ name }) => name === "SIGUSR1")!;
    const second = signal.shutdown({ signals: "SIGUSR2", exit: 8 });
    say(`${action} ${first !== second}`);
    second.defer("work", () => say("second"));
  },

  /** Most of the output is unread when the process is due to exit. */
  output(bytes) {
    const line = `${"x".repeat(1023)}\n`;
    signal.shutdown().defer("write", () => {
      for (let i = 0; i < Number(bytes) / line.length; i++) process.stdout.write(line);
      console.error("written");
    });
    signal.kill(process.pid, "SIGTERM");
  },

  /** Raw mode, which a program would otherwise have to undo itself. "stuck": it cannot. */
  raw(how) {
    signal.shutdown({ deadline: 0.2 });
    process.stdin.setRawMode(true);
    say(`raw ${process.pid}`);
    if (how === "stuck") { for (;;); }
  },

  /** The timers that remain free for the program's own use. */
  timers() {
    signal.signal("SIGALRM", () => say("SIGALRM"));
    const others = [signal.ITIMER_VIRTUAL, signal.ITIMER_PROF];
    for (const which of others) signal.setitimer(which, 1000, 2000);
    signal.alarm(1000);
    signal.shutdown({ deadline: 1 }).defer("look", async () => {
      for (const which of others) {
        say(`${which}: ${signal.getitimer(which).map((value) => Math.round(value / 10) * 10)}`);
      }
      say(`alarm: ${Math.round(signal.alarm(0) / 10) * 10}`);
      signal.setitimer(signal.ITIMER_REAL, 0.05);
      await new Promise(() => {});
    });
  },
};

const [name, ...args] = process.argv.slice(2);
stayAlive();
cases[name](...args);
say(`ready ${process.pid}`);
