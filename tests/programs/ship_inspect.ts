/** Prints why inspect() fails. */
import { inspect } from "../../mod.ts";

try {
  console.log(inspect().program);
} catch (error) {
  console.log(String(error));
}
