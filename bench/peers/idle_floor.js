/** The least that anything of this kind needs of the runtime, and nothing else: one C function, and a way for C to
 * wake the event loop. */
import "./stay.js";

if ("Bun" in globalThis) {
  const { dlopen } = await import("bun:ffi");
  dlopen("libc.so.6", { getppid: { args: [], returns: "i32" } }).symbols.getppid();
  process.on("SIGURG", () => {});
} else {
  const AF_UNIX = 1, SOCK_STREAM = 1;
  const fds = new Int32Array(2);
  const { symbols } = Deno.dlopen("libc.so.6", {
    socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  });
  symbols.socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
  const { Socket } = await import("node:net");
  new Socket({ fd: fds[0], readable: true, writable: false }).on("data", () => {}).unref();
}
