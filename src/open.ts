/** Loading the native part by hand. */
import { DEFAULT_RECORDS } from "../ffi/mod.ts";
import { options as checkOptions, show, wholeNumber } from "./arguments.ts";
import { program } from "./program.ts";

/** Options of `open`: the file to load, and the capacity of the ring.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const roomy: signal.OpenOptions = { records: 1_000_000 };
 * signal.open(roomy);
 * ```
 * @see dlopen(3); Deno, `--allow-ffi` */
export interface OpenOptions {
  /** The shared object to load instead of the embedded one, for permissions as narrow as
   * `--allow-ffi=./libsignal.so`: a path or a `file:` URL. */
  readonly library?: string | URL;
  /** How many signals can be queued for JavaScript. Default: 131072; memory is allocated only as far as it is used. */
  readonly records?: number;
}

/** Loads the native part now rather than at first use, from a given file or with another capacity.
 *
 * @throws {Error} It is open already, with other options.
 * @throws {RangeError} `records` is not a whole number from 1 to 16777216; an empty path.
 * @throws {TypeError} `library` is neither a path nor a `file:` URL.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * try {
 *   signal.open(); // says what is missing before the program begins, such as --allow-ffi
 * } catch (error) {
 *   console.error((error as Error).message);
 *   process.exit(1);
 * }
 * ```
 * @see dlopen(3); Deno, `--allow-ffi` */
export function open(options?: OpenOptions): void {
  const { library, records } = checkOptions<OpenOptions>(options, "open", ["library", "records"]);
  if (library !== undefined && typeof library !== "string" && !(library instanceof URL)) {
    throw new TypeError(`Cannot open: 'library' must be a path or a file URL, got ${show(library)}`);
  }
  if (library instanceof URL && library.protocol !== "file:") {
    throw new TypeError(`Cannot open: 'library' must be a file: URL, got ${library.href}`);
  }
  if (records !== undefined) wholeNumber(records, "open", "records", 1, 2 ** 24);
  let path = library instanceof URL ? pathOf(library) : library;
  if (path === "" || path?.includes("\0")) { // C would cut it there, and load another file
    throw new RangeError(`Cannot open: 'library' must be the path of a file, got ${show(path)}`);
  }
  if (path !== undefined && !path.includes("/")) path = `./${path}`; // C would search the system for a bare name
  const before = program().openedWith;
  if (before) {
    if (
      (path === undefined || path === before.library) && (records === undefined || records === before.records)
    ) return;
    throw new Error(
      `Cannot open: the native part is open already, with ${before.records} records from ` +
        `${before.library ?? "the embedded object"}; call open() before the first other function`,
    );
  }
  program().open({ library: path, records: records ?? DEFAULT_RECORDS });
}

function pathOf(url: URL): string {
  try {
    return decodeURIComponent(url.pathname);
  } catch {
    throw new TypeError(
      `Cannot open: 'library' must be a path or a file URL, got ${url.href}, which cannot be decoded`,
    );
  }
}
