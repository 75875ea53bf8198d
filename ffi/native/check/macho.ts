/** Reads of a library for macOS what dyld and the kernel read before they run it.
 *
 * Structures and numbers: <mach-o/loader.h>, <mach/machine.h>, <mach/vm_prot.h>; of the
 * signature, which is big-endian: osfmk/kern/cs_blobs.h of xnu. */
import { createHash } from "node:crypto";

const MAGIC_64 = 0xfeedfacf;
const CPUS: Record<number, string> = { 0x01000007: "x86_64", 0x0100000c: "arm64" };
const COMMANDS: Record<number, string> = {
  0x2: "SYMTAB",
  0xb: "DYSYMTAB",
  0xc: "LOAD_DYLIB",
  0xd: "ID_DYLIB",
  0x19: "SEGMENT_64",
  0x1b: "UUID",
  0x1d: "CODE_SIGNATURE",
  0x26: "FUNCTION_STARTS",
  0x29: "DATA_IN_CODE",
  0x32: "BUILD_VERSION",
  0x80000022: "DYLD_INFO_ONLY",
};

export interface Section {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  /** S_REGULAR 0, S_ZEROFILL 1, S_CSTRING_LITERALS 2 ... */
  readonly type: number;
}

export interface Segment {
  readonly name: string;
  readonly address: number;
  readonly memory: number;
  readonly at: number;
  readonly size: number;
  /** "r-x", at first and at most. */
  readonly protection: readonly [initial: string, maximum: string];
  readonly sections: readonly Section[];
}

export interface MachO {
  readonly cpu: string;
  readonly fileType: number;
  readonly flags: number;
  /** Name -> how many; unknown ones by their number. */
  readonly commands: Record<string, number>;
  readonly segments: readonly Segment[];
  readonly installName?: string;
  readonly needs: readonly string[];
  readonly build?: { readonly platform: number; readonly minimum: string; readonly sdk: string };
  /** Where the signature lies. */
  readonly signature?: { readonly at: number; readonly size: number };
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function text(bytes: Uint8Array, at: number, limit: number): string {
  const part = bytes.subarray(at, at + limit);
  const end = part.indexOf(0);
  return new TextDecoder().decode(end < 0 ? part : part.subarray(0, end));
}

const protection = (bits: number): string => (bits & 1 ? "r" : "-") + (bits & 2 ? "w" : "-") + (bits & 4 ? "x" : "-");
const version = (packed: number): string => `${packed >>> 16}.${packed >>> 8 & 0xff}`;

function readSegment(bytes: Uint8Array, at: number): Segment {
  const data = view(bytes);
  const long = (offset: number) => Number(data.getBigUint64(offset, true));
  const sections = Array.from({ length: data.getUint32(at + 64, true) }, (_, i): Section => {
    const from = at + 72 + i * 80;
    return {
      name: text(bytes, from, 16),
      address: long(from + 32),
      size: long(from + 40),
      type: data.getUint32(from + 64, true) & 0xff,
    };
  });
  return {
    name: text(bytes, at + 8, 16),
    address: long(at + 24),
    memory: long(at + 32),
    at: long(at + 40),
    size: long(at + 48),
    protection: [protection(data.getUint32(at + 60, true)), protection(data.getUint32(at + 56, true))],
    sections,
  };
}

export function readMachO(bytes: Uint8Array): MachO {
  const data = view(bytes);
  const word = (at: number) => data.getUint32(at, true);
  if (word(0) !== MAGIC_64) throw new Error("not a 64-bit Mach-O file");
  const commands: Record<string, number> = {};
  const segments: Segment[] = [];
  const needs: string[] = [];
  let installName, build, signature;
  let at = 32;
  for (let left = word(16); left > 0; left--) {
    const [command, size] = [word(at), word(at + 4)];
    const name = COMMANDS[command] ?? `0x${command.toString(16)}`;
    commands[name] = (commands[name] ?? 0) + 1;
    if (name === "SEGMENT_64") segments.push(readSegment(bytes, at));
    else if (name === "ID_DYLIB") installName = text(bytes, at + word(at + 8), size);
    else if (name === "LOAD_DYLIB") needs.push(text(bytes, at + word(at + 8), size));
    else if (name === "CODE_SIGNATURE") signature = { at: word(at + 8), size: word(at + 12) };
    else if (name === "BUILD_VERSION") {
      build = { platform: word(at + 8), minimum: version(word(at + 12)), sdk: version(word(at + 16)) };
    }
    if (size < 8 || size % 8) throw new Error(`a load command of ${size} bytes`);
    at += size;
  }
  if (at !== 32 + word(20)) throw new Error("the load commands do not end where the header says");
  return {
    cpu: CPUS[word(4)] ?? String(word(4)),
    fileType: word(12),
    flags: word(24),
    commands,
    segments,
    installName,
    needs,
    build,
    signature,
  };
}

const CS = { EMBEDDED_SIGNATURE: 0xfade0cc0, CODE_DIRECTORY: 0xfade0c02, ADHOC: 2, LINKER_SIGNED: 0x20000, SHA256: 2 };

/** Checks an ad-hoc signature as the kernel does, page by page: it kills a process on arm64 that touches a
 * page which is not what its hash says. @returns what is wrong with it, nothing if it holds */
export function checkSignature(bytes: Uint8Array): string[] {
  const { signature, segments } = readMachO(bytes);
  if (!signature) return ["there is none"];
  const wrong: string[] = [];
  const expect = (holds: boolean, what: string) => void (holds || wrong.push(what));

  const linkedit = segments.at(-1)!;
  expect(signature.at % 16 === 0, "it is not aligned");
  expect(signature.at + signature.size === bytes.length, "it is not the end of the file");
  expect(linkedit.name === "__LINKEDIT" && linkedit.at + linkedit.size === bytes.length, "it is not within __LINKEDIT");

  const blob = bytes.subarray(signature.at, signature.at + signature.size);
  const super_ = view(blob);
  if (super_.getUint32(0) !== CS.EMBEDDED_SIGNATURE) return [...wrong, "it is no embedded signature"];
  expect(super_.getUint32(4) <= blob.length, "it is longer than its place");
  const index = Array.from({ length: super_.getUint32(8) }, (_, i) => super_.getUint32(12 + i * 8));
  expect(index.length === 1 && index[0] === 0, "it holds more than a code directory");

  const directory = blob.subarray(super_.getUint32(16));
  const data = view(directory);
  const word = (at: number) => data.getUint32(at);
  if (word(0) !== CS.CODE_DIRECTORY) return [...wrong, "it has no code directory"];
  const [flags, hashes, slots, limit] = [word(12), word(16), word(28), word(32)];
  const [hashBytes, hashType, pageBits] = [directory[36], directory[37], directory[39]];
  expect(word(8) >= 0x20400, "it tells of no executable segment");
  expect(flags === (CS.ADHOC | CS.LINKER_SIGNED), `its flags are 0x${flags.toString(16)}`);
  expect(word(24) === 0, "it hashes more than pages");
  expect(hashType === CS.SHA256 && hashBytes === 32, "its hashes are not SHA-256");
  expect(limit === signature.at, "it does not cover everything before it");
  const long = (at: number) => Number(data.getBigUint64(at));
  expect(long(64) === 0 && long(72) === segments[0].size, "its executable segment is not __TEXT");
  expect(long(80) === 0, "it is marked as a main program's");

  const page = 2 ** pageBits;
  expect(slots === Math.ceil(limit / page), `it has ${slots} hashes for ${limit} bytes`);
  for (let slot = 0; slot < slots; slot++) {
    const content = bytes.subarray(slot * page, Math.min((slot + 1) * page, limit));
    const recorded = directory.subarray(hashes + slot * 32, hashes + slot * 32 + 32);
    const actual = createHash("sha256").update(content).digest();
    expect(actual.equals(recorded), `page ${slot} is not what its hash says`);
  }
  return wrong;
}
