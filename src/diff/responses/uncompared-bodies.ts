/** Routes whose bodies nobody has seen on both sides: what is said of the others says nothing of them. */
import type { BodyState } from '../../answers/answer.ts';
import type { UncomparedBodies } from '../model.ts';
import { compareTexts } from '../transitions.ts';
import type { ResponseTally } from './response-tally.ts';

/** Of more, those with the most pairs are listed. */
const MAX_ROUTES = 50;
/** A route with fewer of its bodies compared has hardly any. */
const HARDLY_ANY = 0.1;

export function uncomparedBodies(
  routes: readonly { readonly route: string; readonly tally: ResponseTally }[],
): UncomparedBodies[] {
  return routes
    .filter(
      ({ tally: { all, bodiesUnseen } }) => bodiesUnseen > 0 && all.bodies < HARDLY_ANY * (all.bodies + bodiesUnseen),
    )
    .map(({ route, tally }) => ({ route, pairs: tally.bodiesUnseen, state: whyUnseen(tally) }))
    .sort((a, b) => b.pairs - a.pairs || compareTexts(a.route, b.route))
    .slice(0, MAX_ROUTES);
}

/** The state of most of production's bodies; of the mirror's where production's are whole. */
function whyUnseen({ states }: ResponseTally): BodyState {
  return mostOf(states.production) ?? mostOf(states.mirror) ?? 'unasked';
}

function mostOf(states: ReadonlyMap<BodyState, number>): BodyState | undefined {
  const lacking = [...states].filter(([state]) => state !== 'whole' && state !== 'none');
  return lacking.sort(([a, x], [b, y]) => y - x || compareTexts(a, b))[0]?.[0];
}
