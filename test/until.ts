/** Waiting for what must come and says so to nobody: by looking again and again, with an end that says what did not come. */
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';

/** A machine that runs many programs at once makes each of them many times slower. */
const PATIENCE_MS = 60_000;
/** What happens in this process comes within a few turns, what happens in another one does not. */
const TURNS = 50;
const AGAIN_MS = 10;

/** The first result that is neither undefined nor false; what `look` throws meanwhile only tells why it takes so long. */
export async function until<Found>(
  what: string,
  look: () => Found | undefined | false | Promise<Found | undefined | false>,
  patienceMs = PATIENCE_MS,
): Promise<Found> {
  const end = performance.now() + patienceMs;
  for (let why: unknown, looks = 1; ; looks++) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      why = undefined;
    } catch (error) {
      why = error;
    }
    if (performance.now() > end) throw new Error(`not within ${patienceMs} ms: ${what}`, { cause: why });
    await (looks < TURNS ? turn() : pause(AGAIN_MS));
  }
}

/** The same for a condition whose words are its source: `await untilTrue(() => agent.stats().connections === 0)`. */
export async function untilTrue(condition: () => boolean | Promise<boolean>): Promise<void> {
  await until(String(condition).replace(/^(async )?\(\) => /, ''), condition);
}
