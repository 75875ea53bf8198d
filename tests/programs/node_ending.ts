/** Ends while V8 compiles a caller of this module. Run with --allow-natives-syntax. */
import * as signal from "../../mod.ts";

const caller = (): number => signal.alarm(0);
const tell = (what: string): void => new Function("caller", what)(caller);

tell("%PrepareFunctionForOptimization(caller)");
for (let i = 0; i < 300; i++) caller();
tell("%OptimizeFunctionOnNextCall(caller, 'concurrent')");
caller();
