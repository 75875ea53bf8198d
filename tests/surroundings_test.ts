/** Surroundings that lack something which a program usually finds: the module works, or its error names the remedy. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { outcome } from "./support/cases.ts";
import { compile } from "./support/compile.ts";
import { isBun, isNode, mounted, procHas, run, shell, start } from "./support/process.ts";
import { assertAnswers, SHIP } from "./support/shipped.ts";

const noMemoryFile = () => [compile("without"), "memfd_create", "--"];
/** Every directory for temporary files. */
const PLACES = ["/dev/shm", "/tmp", "/var/tmp"];
const NO_PROC = "mount -t tmpfs none /proc";
/** Remounts them read-only, with their files still visible. */
const readOnly = (place: string) => `mount --bind ${place} ${place}; mount -o remount,bind,ro ${place}`;

describe("without /proc", () => {
  // Bun terminates at its start there, an empty program too.
  (isBun ? it.skip : it)("the native part loads, and the event loop is woken", async () => {
    await assertAnswers(undefined, { wrapper: mounted(NO_PROC) });
  });

  (isBun ? it.skip : it)("inspect() names the file that is missing", async () => {
    const { stdout } = await run("tests/programs/ship_inspect.ts", [], { wrapper: mounted(NO_PROC) });
    assertMatch(stdout, /^PosixError: open: No such file or directory \(ENOENT\): \/proc\/\d+\/status; is/);
  });

  (isBun ? it : it.skip)("Bun itself does not start", async () => {
    const { code, signal } = await shell('exec echo 1 | "$0" -', { wrapper: [...mounted(NO_PROC), process.execPath] });
    assert(code !== 0 || signal !== null);
  });
});

describe("without the JIT compiler, by which Bun calls C", () => {
  (isBun ? it : it.skip)("the first call that needs it says so", async () => {
    const { code, stderr } = await run(SHIP, [], { env: { BUN_JSC_useJIT: "0" } });
    assertEquals(code, 1);
    assertMatch(stderr, /Error: Cannot load the native part of @posix\/signal: .* run again without BUN_JSC_useJIT=0/i);
  });
});

describe("without memfd_create", () => {
  it("the native part is loaded from a temporary file, of which nothing is left", async () => {
    const program = start(SHIP, [], { wrapper: noMemoryFile() });
    await program.until("ready\n");
    const maps = readFileSync(`/proc/${program.pid}/maps`, "utf8");
    const directory = /(\/dev\/shm\/libsignal-[-0-9a-f]{36})\/libsignal \(deleted\)/.exec(maps)?.[1];
    assert(directory !== undefined && !existsSync(directory), maps);
    await program.kill("SIGUSR1");
    assertEquals((await program.ended).code, 0);
  });

  it("a place from which nothing may be executed is left out", async () => {
    const script = "mount -t tmpfs -o noexec none /dev/shm";
    await assertAnswers(undefined, { wrapper: [...mounted(script), ...noMemoryFile()] });
  });

  it("and without a place for a temporary file, the error says how to save the library", async () => {
    const wrapper = [...mounted(PLACES.map(readOnly).join("; ")), ...noMemoryFile()];
    const { code, stderr } = await run(SHIP, [], { wrapper });
    assertEquals(code, 1);
    assertStringIncludes(stderr, "memfd_create failed; no directory takes a temporary file that may be executed");
    assertStringIncludes(stderr, '"@posix/signal/save", and call open({ library })');
  });
});

describe("on file systems that are read-only, one and all", () => {
  it("the native part loads: it is never written to one", async () => {
    await assertAnswers(undefined, { wrapper: mounted(["/", ...PLACES].map(readOnly).join("; ")) });
  });
});

describe("without file descriptors", () => {
  const limited = { wrapper: ["prlimit", "--nofile=64"], flags: isBun ? [] : ["-A"] };

  it("the first call says that none is left, and works as soon as there are enough", async () => {
    const { caught, errors } = await outcome<{ caught: string; errors: string[] }>(
      "ship_limits",
      ["descriptors"],
      limited,
    );
    assertEquals(caught, "SIGUSR2");
    assert(errors.length > 0 && errors.length < 8, String(errors.length));
    for (const message of errors) assertMatch(message, /no file descriptor is left.*ulimit -n/i);
  });

  it("open listeners still receive signals, and calls that need a descriptor fail with EMFILE", async () => {
    const { got, refused } = await outcome<Record<string, string[]>>("ship_limits", ["descriptorsLater"], limited);
    assertEquals(got, ["SIGUSR2", "SIGALRM"]);
    assertEquals(refused, ["PosixError EMFILE 24", "PosixError EMFILE 24"]);
  });
});

describe("with the queue of signals full (RLIMIT_SIGPENDING)", () => {
  it("signals come as the kernel sends them then, and what needs room in it says so", async () => {
    const found = await outcome<Record<string, unknown>>("ship_limits", ["queue"], {
      wrapper: ["prlimit", "--sigpending=0"],
      flags: isBun ? [] : ["-A"],
    });
    // kill(2) of a standard signal may exceed the limit; of a real-time one the kernel keeps only the fact.
    assertEquals(found.got, [["SIGUSR1 SI_USER", found.self], ["SIGRTMIN SI_USER", 0], ["SIGALRM SI_KERNEL", 0]]);
    assertMatch(String(found.sigqueue), /^PosixError: sigqueue: .*EAGAIN.*ulimit -i$/);
    assertMatch(
      String(found.shutdown),
      /^PosixError: timer_create: .*EAGAIN.*ulimit -i; a shutdown with \{ deadline: Infinity \}/,
    );
    assertEquals(found.endless, "none");
  });
});

describe("without a terminal", () => {
  // Node resets every disposition at startup.
  (isNode ? it.skip : it)(
    "under nohup SIGHUP stays ignored until a handler is installed, and is again after it has left",
    async () => {
      const SIGHUP = 1;
      const program = start("tests/programs/ship_nohup.ts", [], { wrapper: ["nohup"] });
      await program.until("before");
      assert(procHas(program.pid, "SigIgn", SIGHUP));
      await program.kill("SIGHUP");
      program.write("\n");
      await program.until("listening");
      assert(procHas(program.pid, "SigCgt", SIGHUP));
      await program.kill("SIGHUP");
      await program.until("SIGHUP SI_USER");
      await program.until("after");
      assert(procHas(program.pid, "SigIgn", SIGHUP));
      await program.kill("SIGHUP");
      program.closeInput();
      const { code, stdout } = await program.ended;
      assertEquals([code, stdout], [0, "before\nlistening\nSIGHUP SI_USER\nafter\n"]);
    },
  );

  it("in a session of its own (setsid) it answers as ever", async () => {
    await assertAnswers(undefined, { wrapper: ["setsid"] });
  });
});
