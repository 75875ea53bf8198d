/** The least that anything of this kind needs of the runtime, and nothing else: one C function, and the event
 * loop watching a descriptor. */
import "./stay.js";

const AF_UNIX = 1, SOCK_STREAM = 1;
const fds = new Int32Array(2);
if ("Bun" in globalThis) {
  const { dlopen } = await import("bun:ffi");
  const { symbols } = dlopen("libc.so.6", { socketpair: { args: ["i32", "i32", "i32", "ptr"], returns: "i32" } });
  symbols.socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
  (await Bun.connect({ fd: fds[0], socket: { data() {} } })).unref();
} else {
  const { symbols } = Deno.dlopen("libc.so.6", {
    socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  });
  symbols.socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
  const { Socket } = await import("node:net");
  new Socket({ fd: fds[0], readable: true, writable: false }).on("data", () => {}).unref();
}
