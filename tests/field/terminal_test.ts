/** The terminal after a graceful end, and after one that the deadline or a second request has cut short in C. */
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { CTRL_C, taken } from "../support/process.ts";
import { quote } from "./support/layers.ts";
import { programWords } from "./support/matrix.ts";
import { lives, pause, sendTo, Session } from "./support/session.ts";

const SHOW_CURSOR = "\x1b[?25h";
const SIGINT = 2;
const SIGTERM = 15;
/** Longer than the second in which a request by a process counts as a copy of the first. */
const LATE_MS = 1500;
const options = (more: Record<string, unknown> = {}) =>
  `options=${JSON.stringify({ resetTerminal: SHOW_CURSOR, ...more })}`;

/** Each way ends a ready program that has changed the modes of its terminal. */
const ENDINGS: Record<string, { args: string[]; end: (session: Session, program: number) => unknown }> = {
  "a clean end by SIGTERM, raw": {
    args: ["terminal=raw", "ms=0", options()],
    end: (_, program) => sendTo(program, "SIGTERM"),
  },
  "a clean end by Ctrl+C": { args: ["terminal=cbreak", "ms=0", options()], end: (session) => session.type(CTRL_C) },
  "a clean end with a status": {
    args: ["terminal=raw", "ms=0", options({ exit: 0 })],
    end: (_, program) => sendTo(program, "SIGTERM"),
  },
  "the deadline": {
    args: ["terminal=raw", "ms=forever", options({ deadline: 0.5 })],
    end: (_, program) => sendTo(program, "SIGTERM"),
  },
  "the deadline with the event loop dead": {
    args: ["terminal=raw", "stuck=busy loop", options({ deadline: 0.5 })],
    end: (_, program) => sendTo(program, "SIGTERM"),
  },
  "the second keypress": {
    args: ["terminal=cbreak", "ms=forever", options()],
    end: async (session) => {
      session.type(CTRL_C);
      await session.until(/^begin$/);
      await pause(300);
      session.type(CTRL_C);
    },
  },
  "the second keypress with the event loop dead": {
    args: ["terminal=cbreak", "stuck=busy loop", options()],
    end: async (session, program) => {
      session.type(CTRL_C);
      await pause(300);
      await taken(program, SIGINT);
      session.type(CTRL_C);
    },
  },
  "a later SIGTERM with the event loop dead, raw": {
    args: ["terminal=raw", "stuck=busy loop", options()],
    end: async (_, program) => {
      sendTo(program, "SIGTERM");
      await taken(program, SIGTERM);
      await pause(LATE_MS);
      sendTo(program, "SIGTERM");
    },
  },
};

describe("the terminal has its modes, and `resetTerminal`, after", () => {
  for (const [name, { args, end }] of Object.entries(ENDINGS)) {
    it(`${name}`, async () => {
      const session = new Session();
      try {
        const program = quote(programWords("graceful", session, args));
        const modes = `echo "modes $(stty -g)" >> ${session.log}`;
        // A shell that survives, as an interactive one does.
        session.start(() => ["sh", "-c", `trap : INT; ${modes}; ${program}; ${modes}`], { terminal: true, job: true });
        const pid = Number((await session.until(/^ready (\d+)$/))[1]);
        await end(session, pid);
        await session.empty(20_000);
        const modesSeen = session.lines().filter((line) => line.startsWith("modes"));
        assertEquals(modesSeen[1], modesSeen[0], `${session}`);
        assertEquals(session.output.split(SHOW_CURSOR).length - 1, 1, JSON.stringify(session.output));
      } finally {
        await session.end();
      }
    });
  }
});

describe("the terminal is another's while the program is in the background:", () => {
  for (
    const [how, args] of [
      ["a clean end", ["ms=0", options()]],
      ["the deadline with the event loop dead", ["stuck=busy loop", options({ deadline: 0.5 })]],
    ] as const
  ) {
    it(`${how} leaves it alone`, async () => {
      const session = new Session();
      try {
        const program = quote(programWords("graceful", session, [...args]));
        // The foreground job changes the modes after the program has read them.
        const script = `${program} & until grep -q ^ready ${session.log}; do kill -0 %1 || exit; sleep 0.05; done
          stty -echo -icanon; kill %1; wait %1; echo "status $?" >> ${session.log}
          echo "modes $(stty -a | tr '\\n' ' ')" >> ${session.log}`;
        session.start(() => ["bash", "-mc", script], { terminal: true, job: true });
        await session.empty(20_000);
        assertEquals(session.count("status 143"), 1, `${session}`);
        assertMatch(session.lines().find((line) => line.startsWith("modes"))!, / -icanon .* -echo /);
        assertEquals(session.output.includes(SHOW_CURSOR), false);
      } finally {
        await session.end();
      }
    });
  }
});

describe("in tmux the alternate screen is left and the cursor shown after", () => {
  const reset = options({ resetTerminal: `${SHOW_CURSOR}\x1b[?1049l` });
  const endings: Record<string, { args: string[]; end: (press: () => void, program: number) => unknown }> = {
    "a clean end by Ctrl+C": { args: ["ms=0", reset], end: (press) => press() },
    "the second keypress with the event loop dead": {
      args: ["stuck=busy loop", reset],
      end: async (press, program) => {
        press();
        await pause(300);
        await taken(program, SIGINT);
        press();
      },
    },
    "the deadline with the event loop dead": {
      args: ["stuck=busy loop", options({ resetTerminal: `${SHOW_CURSOR}\x1b[?1049l`, deadline: 0.5 })],
      end: (press) => press(),
    },
  };
  for (const [name, { args, end }] of Object.entries(endings)) {
    it(`${name}`, async () => {
      const session = new Session();
      const server = ["-S", join(session.directory, "tmux"), "-f", "/dev/null"];
      const tmux = (...words: string[]) => spawnSync("tmux", [...server, ...words], { encoding: "utf8" }).stdout.trim();
      const screen = () => tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}");
      try {
        const program = quote(programWords("graceful", session, ["terminal=screen", ...args]));
        const shell = `trap : INT; ${program}; echo over >> ${session.log}; exec sleep 1000`;
        session.start(() => ["tmux", ...server, "new-session", "-d", "-x", "80", "-y", "24", shell]);
        const pid = Number((await session.until(/^(?:ready (\d+)|over)$/))[1]);
        await session.wait(() => screen() === "1 0", 10_000);
        assertEquals(screen(), "1 0", "before");
        await end(() => void tmux("send-keys", "C-c"), pid);
        await session.until(/^over$/);
        assertEquals(lives(pid), false);
        await session.wait(() => screen() === "0 1", 5000);
        assertEquals(screen(), "0 1", `${session}`);
      } finally {
        await session.end();
      }
    });
  }
});
