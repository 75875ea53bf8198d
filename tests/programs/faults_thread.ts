/** The Worker of faults.ts: writes to unmapped memory. */
import { loadNative } from "./listeners_native.ts";

const scope = globalThis as unknown as { onmessage: (event: { data: string }) => void };
scope.onmessage = ({ data }) => void loadNative(data).native_write_to(0);
