/** SHA-256 of as many bytes as the library has, where the runtime has none of its own. Of zeros it would be
 * compiled three times, since no sum overflows at first. */
import "./stay.js";
import { sha256 } from "../../ffi/sha256.ts";

sha256(crypto.getRandomValues(new Uint8Array(20_000)));
