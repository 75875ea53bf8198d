/** Prints the error of inspect(). */
import { inspect } from "../../mod.ts";

try {
  console.log(inspect().program);
} catch (error) {
  console.log(String(error));
}
