/** Attacks on the library's bytes and by signals; the trust model is in README. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { compile, startC } from "./support/compile.ts";
import {
  arch,
  command,
  eventually,
  isRoot,
  numberOutside,
  procStatus,
  Program,
  projectPath,
  shell,
  SIGRTMIN,
  start,
} from "./support/process.ts";
import { inDirectory, SHIP, succeeds } from "./support/shipped.ts";

const PROGRAM = "tests/programs/security.ts";
/** Only root may become another user. */
const asRoot = isRoot() ? it : it.skip;
const [NOBODY, OWNER] = [65534, 54321];

describe("the library's bytes", () => {
  it("are in no descriptor once the library is open", async () => {
    const program = start(PROGRAM);
    await program.until("ready\n");
    const fds = `/proc/${program.pid}/fd`;
    assertEquals(readdirSync(fds).filter((fd) => readlinkSync(`${fds}/${fd}`).includes("libsignal")), []);
    await program.kill("SIGKILL");
    await program.ended;
  });

  asRoot("are out of reach of other users in the temporary file, where there is one", async () => {
    // strace(1) keeps running, and the file existing, until the file has been checked.
    const unlink = arch === "aarch64" ? "unlinkat" : "unlink";
    const held = `strace -D -f -qq -o /dev/null -e trace=${unlink} -e inject=${unlink}:delay_enter=60s`.split(" ");
    const there = (): string[] => readdirSync("/dev/shm").filter((name) => /^libsignal-.{36}$/.test(name));
    const before = there();
    const program = start(SHIP, [], { wrapper: [...held, compile("without"), "memfd_create", "--"] });
    let path = "";
    const ours = () => there().filter((name) => !before.includes(name));
    await eventually(() => {
      path = ours().map((name) => `/dev/shm/${name}/libsignal`).find(existsSync) ?? "";
      return path !== "";
    }, "a temporary file");
    const { mode, uid } = statSync(dirname(path));
    assertEquals([mode & 0o777, uid, statSync(path).mode & 0o777], [0o700, 0, 0o600]);
    const other = `setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups`;
    for (
      const attempt of [
        `cat ${path}`,
        `cp /dev/null ${path}`,
        `mv ${dirname(path)} ${dirname(path)}.moved`,
        `ls ${dirname(path)}`,
      ]
    ) {
      const { code, stderr } = await shell(`${other} ${attempt}`);
      assert(code !== 0, attempt);
      assertMatch(stderr, /Permission denied|Operation not permitted/);
    }
    assert(existsSync(path), "it was looked at while it was there");
    process.kill(Number(procStatus(program.pid, "TracerPid")), "SIGKILL");
    await program.until("ready\n");
    assert(!existsSync(dirname(path)));
    await program.kill("SIGKILL");
    await program.ended;
  });

  asRoot(
    "come from no path that the environment names, when the process is set-user-ID",
    async () => {
      await inDirectory(async (directory) => {
        chmodSync(directory, 0o755);
        const runtime = join(directory, "runtime");
        copyFileSync(process.execPath, runtime);
        chownSync(runtime, OWNER, OWNER);
        chmodSync(runtime, 0o6755);
        for (const part of ["mod.ts", "ffi", "src", PROGRAM]) {
          cpSync(projectPath(part), join(directory, part), { recursive: true });
        }
        const hostile = join(directory, "hostile");
        await succeeds(`mkdir ${hostile}`);
        const names = ["libsignal.so", "libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];
        for (const name of names) copyFileSync(compile("native", { shared: true }), join(hostile, name));
        const [, ...args] = command(join(directory, PROGRAM));
        const variables = [`LD_LIBRARY_PATH=${hostile}`, `LD_PRELOAD=${hostile}/libsignal.so`, `TMPDIR=${hostile}`];
        const program = new Program([
          ...["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"],
          ...["env", `HOME=${hostile}`, ...variables, runtime, ...args],
        ]);
        await program.until("ready\n");
        assertEquals(procStatus(program.pid, "Uid").split(/\s+/).slice(0, 2), [String(NOBODY), String(OWNER)]);
        assert(!readFileSync(`/proc/${program.pid}/maps`, "utf8").includes(hostile));
        await program.kill("SIGKILL");
        await program.ended;
      });
    },
  );
});

describe("a forged sender", () => {
  const [SIGUSR1, SIGCHLD, SIGTERM] = [10, 17, 15];
  const [SI_USER, SI_QUEUE, SI_TIMER, SI_TKILL, CLD_EXITED] = [0, -1, -2, -6, 1];
  const EPERM = "1\n";

  async function forge(pid: number, signum: number, ...claim: number[]): Promise<string> {
    const forger = startC("forger", [pid, numberOutside(signum, pid), ...claim]);
    return (await forger.ended).stdout;
  }

  it("can claim neither SI_USER nor SI_TKILL nor a code of the kernel's: those tell the truth", async () => {
    const program = start(PROGRAM);
    await program.until("ready\n");
    for (const [signum, code] of [[SIGUSR1, SI_USER], [SIGUSR1, SI_TKILL], [SIGCHLD, CLD_EXITED], [SIGUSR1, 0x80]]) {
      assertEquals(await forge(program.pid, signum, code, 1, 0, 0), EPERM);
    }
    const sender = startC("sender", [program.pid, 1, 0, SIGUSR1]);
    await sender.ended;
    await program.until("\n");
    const uid = process.getuid!();
    assertEquals(
      program.stdout,
      `ready\n${JSON.stringify({ name: "SIGUSR1", codeName: "SI_USER", pid: sender.pid, uid })}\n`,
    );
    await program.kill("SIGKILL");
    await program.ended;
  });

  it("is seen by its code where it may claim any pid and uid: SI_QUEUE and below", async () => {
    const program = start(PROGRAM);
    await program.until("ready\n");
    const said = [];
    for (const code of [SI_QUEUE, -3, -60]) {
      assertEquals(await forge(program.pid, SIGRTMIN, code, 1, 0, 7), "0\n");
      await program.until("\n");
      said.push(JSON.parse(program.stdout.trimEnd().split("\n").at(-1)!));
    }
    assertEquals(said.map(({ codeName, pid, uid, value }) => [codeName, pid, uid, value]), [
      ["SI_QUEUE", 1, 0, 7],
      ["SI_MESGQ", 1, 0, 7],
      ["SI_ASYNCNL", 1, 0, 7],
    ]);
    await program.kill("SIGKILL");
    await program.ended;
  });

  it("cannot pass for the timer of a shutdown's deadline, which kills at once", async () => {
    const program = start(PROGRAM, ["shutdown"]);
    await program.until("ready\n");
    assertEquals(await forge(program.pid, SIGTERM, SI_TIMER, 0, 0, 0), "0\n");
    const { signal, stdout } = await program.ended;
    assertEquals([signal, stdout], ["SIGTERM", "ready\ngraceful\n"]);
  });
});
