import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { found } from "../support/cases.ts";
import {
  asProcess1,
  command,
  CTRL_C,
  CTRL_Z,
  eventually,
  isBun,
  isNode,
  onTerminal,
  procStatus,
  Program,
  projectPath,
  run,
  shell,
} from "../support/process.ts";

const flags = isBun ? undefined : ["-A"];
const wrapper = (kind: string, words: string[]) =>
  kind === "foreground-child, on Node"
    ? ["node", projectPath("tests/services/programs/foreground_child.mjs"), ...words]
    : command("tests/services/programs/wrapper.ts", [kind, ...words], flags);
const told = (...args: string[]) => command("tests/services/programs/told.ts", args, flags);
const KINDS = isNode ? ["node"] : ["node", "runtime"];

/** The child's pid, once the child is ready. */
async function ready(program: Program): Promise<number> {
  await eventually(() => /child \d+/.test(program.stdout) && program.stdout.includes("ready"), "the child is ready");
  return Number(/child (\d+)/.exec(program.stdout)![1]);
}

const got = (program: Program): string[] => program.stdout.match(/got SIG.*(?=\r?\n)/g) ?? [];

/** Ends the child, and with it the wrapper. */
async function finish(program: Program, child: number): Promise<void> {
  await shell(`kill -KILL ${child}`);
  await program.ended;
}

/** The foreground process group of the terminal of a process: proc(5), tpgid. */
const foreground = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ")[5]);

/** Whether a process is sleep(1), not a shell on the way there. */
const sleepsIn = (pid: number): boolean => readFileSync(`/proc/${pid}/comm`, "utf8") === "sleep\n";

const isStopped = (pid: number): boolean => procStatus(pid, "State").startsWith("T");

describe("forward()", () => {
  // foreground-child has this behaviour too; it runs beside.
  for (const kind of [...KINDS, "foreground-child, on Node"]) {
    it(`passes on what is sent to the wrapper (${kind}) [foreground-child: proxy signals]`, async () => {
      const program = new Program(wrapper(kind, told()));
      const child = await ready(program);
      const names = ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "ALRM", "WINCH", "TSTP", "CONT"];
      for (const name of names) {
        await program.kill(name);
        await program.until(`got SIG${name} SI_USER`);
      }
      assertEquals(got(program), names.map((name) => `got SIG${name} SI_USER`));
      await finish(program, child);
    });

    for (
      const [script, code, signal] of [
        ["exit 0", 0, null],
        ["exit 42", 42, null],
        ["exit 255", 255, null],
        ["kill -TERM $$", null, "SIGTERM"],
        ["kill -INT $$", null, "SIGINT"],
        ["kill -HUP $$", null, "SIGHUP"],
        ["kill -KILL $$", null, "SIGKILL"],
        ["kill -USR1 $$", null, "SIGUSR1"],
      ] as const
    ) {
      it(`ends the wrapper as the child ended: ${script} (${kind}) [foreground-child: exit codes and signals]`, async () => {
        const end = await new Program(wrapper(kind, ["sh", "-c", script])).ended;
        assertEquals([end.code, end.signal, end.stderr], [code, signal, ""]);
      });
    }
  }

  for (
    const [beside, ...expected] of [
      ["nothing", 5, "exit 5\n"],
      ["process.exit", 9, "exit 9\n"],
      ["shutdown", "SIGTERM", "exit 143\n"],
      ["off", 0, "exit 0\n"],
      ["only the pid", 0, "exit 0\n"],
    ]
  ) {
    it(`gives the wrapper, after its exit listeners, the child's status, unless it has its own end: ${beside}`, async () => {
      const end = await run("tests/services/programs/forward_ends.ts", [String(beside)], { flags });
      assertEquals([end.code ?? end.signal, end.stdout, end.stderr], [...expected, ""]);
    });
  }

  it("passes on what hold() kept until there was a child", async () => {
    assertEquals((await run("tests/services/programs/forward_early.ts", [], { flags })).code, 4);
  });

  it("passes on a queued value with its signal", async () => {
    const program = new Program(command("tests/services/programs/forward_value.ts", told(), flags));
    await program.until("got SIGRTMIN 42");
    assertEquals((await program.ended).signal, "SIGKILL");
  });

  /** The number of SIGINTs that the child gets for one Ctrl+C. */
  async function interrupts(kind: string): Promise<number> {
    const program = onTerminal(wrapper(kind, told()));
    const child = await ready(program);
    program.write(CTRL_C);
    await program.until("got SIGINT");
    // A signal that the wrapper forwards arrives before one that is sent to the wrapper later.
    const parent = Number(procStatus(child, "PPid"));
    await shell(`kill -USR1 ${parent}`);
    await program.until("got SIGUSR1");
    await finish(program, child);
    return got(program).filter((line) => line.startsWith("got SIGINT")).length;
  }

  for (const kind of KINDS) {
    it(`does not pass on a Ctrl+C that the child had itself (${kind})`, async () =>
      assertEquals(await interrupts(kind), 1));
  }
  for (const when of ["unreaped", "reaped"]) {
    it(`nor one that is delivered after the child has ended of it, and ends as the child did: ${when}`, async () => {
      const program = onTerminal(command("tests/services/programs/forward_keypress.ts", [when], flags));
      await program.until("ready\r\n");
      program.write(CTRL_C);
      const { code, stdout } = await program.ended;
      assertEquals([code, stdout], [9, "ready\r\n^C"]);
    });
  }
  it("passes on a Ctrl+C to a child in a group of its own", async () => assertEquals(await interrupts("detached"), 1));
  it("does better there than foreground-child, which dies of the keypress: a helper of its own had it", async () => {
    const program = onTerminal(wrapper("foreground-child, on Node", told()));
    const child = await ready(program);
    program.write(CTRL_C);
    await eventually(() => !existsSync(`/proc/${child}`), "the child has been killed");
    assertMatch((await program.ended).stdout, /foreground-child watchdog process died unexpectedly/);
  });

  it("passes on a hang-up that the terminal sent to the wrapper alone, the leader of its session", async () => {
    const directory = mkdtempSync(join(tmpdir(), "posix-signal-forward-"));
    try {
      const file = join(directory, "told");
      const program = onTerminal(wrapper("node", told(file)));
      await eventually(() => existsSync(file) && /child \d+/.test(program.stdout), "the child is ready");
      await program.kill("KILL"); // script(1): its end of the terminal closes
      await eventually(() => readFileSync(file, "utf8").includes("got SIGHUP"), "the hang-up arrives");
      assertEquals(readFileSync(file, "utf8").match(/got SIGHUP/g)!.length, 1);
      await shell(`kill -KILL ${/child (\d+)/.exec(program.stdout)![1]}`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  describe("stops and continues with the child", () => {
    // `exec`: dash starts a command by vfork(2), and waits for its exec(2) without being able to stop.
    const busy = ["sh", "-c", "echo rea''dy; exec sleep 60"];
    const shellOf = () => onTerminal(["bash", "--norc", "--noprofile", "-i"]);
    const quoted = (words: string[]) => words.map((word) => `'${word}'`).join(" ");

    for (const kind of KINDS) {
      it(`on Ctrl+Z and fg, so that the shell has its job (${kind})`, async () => {
        const program = shellOf();
        program.write(`${quoted(wrapper(kind, busy))}\n`);
        await eventually(() => /child \d+\r/.test(program.stdout) && program.stdout.includes("ready\r"), "it runs");
        const child = Number(/child (\d+)\r/.exec(program.stdout)![1]);
        const parent = Number(procStatus(child, "PPid"));
        program.write(CTRL_Z);
        await program.until("Stopped");
        assertEquals([isStopped(child), isStopped(parent)], [true, true]);
        program.write("fg\n");
        await eventually(() => !isStopped(child) && !isStopped(parent), "both go on");
        program.write(CTRL_C); // ends the child, and so the wrapper, and the shell sees that
        await eventually(() => !existsSync(`/proc/${parent}`), "both have ended");
        program.write("echo status $?; exit 0\n");
        assertMatch((await program.ended).stdout, /status 130\r/);
      });

      it(`when SIGTSTP and SIGCONT are sent to the wrapper alone (${kind})`, async () => {
        const program = shellOf();
        program.write(`${quoted(wrapper(kind, busy))} &\n`);
        await eventually(() => /child \d+\r/.test(program.stdout) && program.stdout.includes("ready\r"), "it runs");
        const child = Number(/child (\d+)\r/.exec(program.stdout)![1]);
        const parent = Number(procStatus(child, "PPid"));
        for (let round = 0; round < 2; round++) {
          await shell(`kill -TSTP ${parent}`);
          await eventually(() => isStopped(child) && isStopped(parent), "both have stopped");
          await shell(`kill -CONT ${parent}`);
          await eventually(() => !isStopped(child) && !isStopped(parent), "both go on");
        }
        await shell(`kill -TERM ${parent}`);
        await eventually(() => !existsSync(`/proc/${parent}`), "both have ended");
        program.write("exit 0\n");
        await program.ended;
      });
    }
  });

  it("stands in for an interactive shell, which takes the terminal for itself", async () => {
    const program = onTerminal(wrapper("node", ["bash", "--norc", "--noprofile", "-i"]));
    await program.until("bash-");
    await eventually(() => /child \d+\r/.test(program.stdout), "the wrapper has printed");
    program.write("echo $((40 + 2))\n");
    await program.until("42\r");
    const child = Number(/child (\d+)\r/.exec(program.stdout)![1]);
    program.write("sleep 1000\n");
    await eventually(() => foreground(child) !== child && sleepsIn(foreground(child)), "its job has the terminal");
    program.write(CTRL_C); // the terminal sends it to the shell's job, and the wrapper is in another group
    await program.until("bash-");
    program.write("echo still $((1 + 1)) here\n");
    await program.until("still 2 here\r");
    program.write("exit 3\n");
    assertEquals((await program.ended).code, 3);
  });

  it("gives a signal that finds the child gone its usual action", async () => {
    const program = new Program(command("tests/services/programs/forward_gone.ts", [], flags));
    const { signal, stdout, stderr } = await program.ended;
    assertEquals([signal, stdout, stderr], ["SIGTERM", "the child is gone\n", ""]);
  });

  it("refuses a child that has ended, and what is no child of this process, before anything is sent", async () => {
    const end = await new Program(command("tests/services/programs/forward_bad.ts", [], flags)).ended;
    const over = "PosixError: waitid: No child processes (ECHILD): process N has ended, or is no child of this one";
    const not = (pid: string, who: string) =>
      `RangeError: Cannot forward signals: 'pid' must be that of a child, got ${pid}, which is ${who}`;
    const noObject = "TypeError: Cannot forward signals: the child must be an object with its pid, got";
    assertEquals(found<unknown>(end), {
      found: [
        over,
        over,
        over,
        not("-1", "every process"),
        not("0", "the group of this process"),
        not("1", "the init process"),
        not("N", "this process itself"),
        "RangeError: Cannot forward signals: 'pid' must be a whole number from -N to N, got 1.5",
        "TypeError: Cannot forward signals: the child has no pid; it could not be started, or is no child",
        `${noObject} N`,
        `${noObject} null`,
        `${noObject} "1"`,
        "RangeError: Cannot forward signals: no signal is given",
        "PosixError: sigaction: Invalid argument (EINVAL): cannot listen to SIGKILL: it belongs to the kernel, which lets " +
        "no process catch it",
        `RangeError: Cannot forward signals: there is no signal "SIGFOO" on this platform; Signals lists those it has`,
      ],
      untouched: true,
      end: "ended",
    });
  });

  it("as process 1 ends with 128 + n", async () => {
    const program = new Program([...asProcess1(), ...wrapper("node", ["sh", "-c", "kill -TERM $$"])]);
    assertEquals((await program.ended).code, 128 + constants.signals.SIGTERM);
  });
});
