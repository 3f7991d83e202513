/**
 * What the fuzzers share, and properties whose cases take long. In `npm test` each runs from a fixed seed, the same cases every time; SPOE_LOGS_FUZZ=1000 runs a
 * thousand times as many from a new seed, which a failure prints. A case that failed once stays, as an example of its test.
 */
import fc from 'fast-check';
import { CODE_POINT } from '../text/code-points.ts';

/** How many times as many cases as usual are tried. */
export const factor = Number(process.env.SPOE_LOGS_FUZZ ?? 1);

export function fuzz<Inputs extends [unknown, ...unknown[]]>(
  property: fc.IPropertyWithHooks<Inputs>,
  numRuns: number,
  examples: Inputs[] = [],
): void {
  fc.assert(property, { numRuns: numRuns * factor, examples, ...(factor === 1 && { seed: 1 }) });
}

/** What makes a text another one: bytes put in, taken out, doubled. */
export function damaged(seeds: readonly string[], pieces: readonly string[]): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(20),
    insert: fc.oneof(
      fc.constantFrom(...pieces),
      fc.string({ unit: CODE_POINT, maxLength: 6 }),
      fc.constantFrom(...seeds),
    ),
  });
  return fc.tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 4 })).map(([seed, changes]) =>
    changes.reduce((text, { at, remove, insert }) => {
      const index = Math.floor(at * text.length);
      return text.slice(0, index) + insert + text.slice(index + remove);
    }, seed),
  );
}

/** The same for what takes turns of the event loop. */
export async function fuzzAsync<Inputs extends [unknown, ...unknown[]]>(
  property: fc.IAsyncPropertyWithHooks<Inputs>,
  numRuns: number,
  examples: Inputs[] = [],
): Promise<void> {
  await fc.assert(property, { numRuns: numRuns * factor, examples, ...(factor === 1 && { seed: 1 }) });
}
