/** Waiting for what must come: by looking again and again, with an end that says what did not come. */
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 20_000;
const AGAIN_MS = 10;

/** The first result that is neither undefined nor false; what `look` throws meanwhile only tells why it takes so long. */
export async function until<Found>(
  what: string,
  look: () => Found | undefined | false | Promise<Found | undefined | false>,
  patienceMs = PATIENCE_MS,
): Promise<Found> {
  const end = performance.now() + patienceMs;
  for (let why: unknown; ; await pause(AGAIN_MS)) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      why = undefined;
    } catch (error) {
      why = error;
    }
    if (performance.now() > end) throw new Error(`not within ${patienceMs} ms: ${what}`, { cause: why });
  }
}
