/** Loads the native part in one of several places; prints the outcome as JSON. */
import * as signal from "../../mod.ts";

function attempt(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message };
  }
}

const cases = {
  /** One signal, from its sending to its handler. */
  load(): unknown {
    const got: string[] = [];
    signal.signal("SIGUSR2", (_signum, info) => void got.push(info.name));
    signal.raise("SIGUSR2");
    return got;
  },

  /** As `load`, with the event loop kept alive. */
  stay(): unknown {
    setInterval(() => {}, 2 ** 30);
    return cases.load();
  },

  /** Functions that need no native part. */
  pure(): unknown {
    return [signal.SIGTERM, signal.strsignal("SIGTERM"), signal.validSignals().size > 30];
  },

  /** Several calls, each the first to need it. */
  refused(): unknown {
    return [
      attempt(() => signal.signal("SIGUSR2", () => {})),
      attempt(() => signal.alarm(1)),
      attempt(() => signal.kill(process.pid, 0)),
    ];
  },

  uncaught(): unknown {
    return signal.getsignal("SIGUSR2");
  },
};

console.log(JSON.stringify(cases[process.argv[2] as keyof typeof cases]()));
