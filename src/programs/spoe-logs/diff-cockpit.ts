/** The full-screen view of `diff --follow`. */
import { type ComparisonMoment, comparisonPicture, lineAge, RequestWatch } from '../../cockpit/comparison-picture.ts';
import type { CockpitState } from '../../cockpit/state.ts';
import { renderRequest } from '../../report/diff-ndjson.ts';
import { Cockpit, openKeys } from './cockpit.ts';
import type { Interruption } from './interrupt.ts';

export { RequestWatch };

export interface DiffCockpitOptions {
  readonly interruption: Interruption;
  readonly captureMs: number;
  /** The report as lines, the word of its verdict, and the age of the last line. */
  readonly present: () => Omit<ComparisonMoment, 'watch'>;
}

/** Opens the view; undefined where there is no terminal to read keys from. */
export function openDiffCockpit(
  watch: RequestWatch,
  { interruption, captureMs, present }: DiffCockpitOptions,
): Cockpit<ComparisonMoment> | undefined {
  const keys = openKeys();
  if (keys === undefined) return undefined;
  return new Cockpit(
    {
      mode: 'comparison',
      interruption,
      captureMs,
      capture: (still): ComparisonMoment => ({ ...present(), watch: still ? watch.snapshot() : watch }),
      picture: (moment: ComparisonMoment, state: CockpitState, size) =>
        comparisonPicture(moment, state, size, renderRequest),
      brief: ({ verdict, lineMs, watch: { requests } }) => ({ verdict, events: requests, age: lineAge(lineMs) }),
    },
    keys,
  );
}
