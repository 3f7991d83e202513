/** A setting of V8 for programs whose JavaScript does little: what is in WebAssembly does the rest. */
import { setFlagsFromString } from 'node:v8';

/** The V8 of Node 20. Later ones count calls, and leave alone what is called some thousand times. */
const LAST_EAGER_V8 = 11;
/** Bytes of byte code that a function runs before V8 looks at it again. */
const USUAL_BUDGET = 67_584;
const LONG_BUDGET = 500_000;

/**
 * Has V8 wait longer before it optimizes functions, in all threads of the process: each thread does so for itself, and of code
 * that runs some ten thousand times a GB it costs more than it saves. A newer V8 stays as it is: it prints about flags that
 * it does not know.
 */
export function optimizeLater(): void {
  const [major] = process.versions.v8.split('.').map(Number);
  if (major !== LAST_EAGER_V8) return;
  setBudget(LONG_BUDGET);
  // Compiled code that is kept at the end is refused by a start with other flags.
  process.prependOnceListener('exit', () => setBudget(USUAL_BUDGET));
}

function setBudget(bytes: number): void {
  setFlagsFromString(`--interrupt-budget=${bytes}`);
}
