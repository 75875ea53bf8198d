/** SHA-256 (FIPS 180-4), for a runtime whose own synchronous one takes three times as long to load as
 * everything else here: `node:crypto` brings Deno's whole Node layer along. */

// Signed, and each sum cut to 32 bits: what is larger V8 would allocate, until it has compiled this.
const K = new Int32Array(64);
const START = new Int32Array(8);

/** The fractional parts of the cube and square roots of the first primes, section 4.2.2 and 5.3.3. */
function fillTables(): void {
  for (let candidate = 2, count = 0; count < 64; candidate++) {
    let prime = true;
    for (let divisor = 2; prime && divisor * divisor <= candidate; divisor++) prime = candidate % divisor !== 0;
    if (!prime) continue;
    if (count < 8) START[count] = (candidate ** 0.5 % 1) * 2 ** 32;
    K[count++] = (Math.cbrt(candidate) % 1) * 2 ** 32;
  }
}

/** The digest in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  fillTables(); // not on import: not every runtime needs this
  const padded = new Uint8Array(((bytes.length + 8 >> 6) + 1) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  const hash = START.slice();
  const w = new Int32Array(64);
  for (let block = 0; block < padded.length; block += 64) mix(hash, w, view, block);
  return Array.from(hash, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function mix(hash: Int32Array, w: Int32Array, view: DataView, block: number): void {
  for (let t = 0; t < 16; t++) w[t] = view.getInt32(block + t * 4);
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15];
    const y = w[t - 2];
    const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ (x >>> 3);
    const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ (y >>> 10);
    w[t] = (w[t - 16] + s0 | 0) + (w[t - 7] + s1 | 0);
  }
  let a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4], f = hash[5], g = hash[6], h = hash[7];
  for (let t = 0; t < 64; t++) {
    const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
    const t1 = ((h + s1 | 0) + (e & f ^ ~e & g) | 0) + (K[t] + w[t] | 0) | 0;
    const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
    const t2 = s0 + (a & b ^ a & c ^ b & c) | 0;
    h = g;
    g = f;
    f = e;
    e = d + t1 | 0;
    d = c;
    c = b;
    b = a;
    a = t1 + t2 | 0;
  }
  hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d, hash[4] += e, hash[5] += f, hash[6] += g, hash[7] += h;
}
