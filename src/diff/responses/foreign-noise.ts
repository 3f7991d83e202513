/**
 * Whether what is held to be the noise can be of production's version. What comes and goes is as often the other way round,
 * so that it is never one way in most pairs; where a field is, the two do not run the same.
 */
import type { DifferenceKind } from '../../answers/differences.ts';
import { formatAmount, formatShare } from '../../text/numbers.ts';
import { DIFFERENCE_WORDS } from '../difference-words.ts';
import { comparable } from './field-tests.ts';
import type { FieldCounts, ResponseTally } from './response-tally.ts';

/** Of fewer pairs most may be so by chance. */
const LEAST_PAIRS = 20;
const MOST = 0.5;
const ONE_WAY: ReadonlySet<DifferenceKind> = new Set([
  'missing',
  'extra',
  'type',
  'status',
  'content-type',
  'body-state',
]);

interface Foreign {
  readonly route: string;
  readonly counts: FieldCounts;
  readonly n: number;
  readonly share: number;
}

/** In words, unescaped: where it differs most; undefined where nothing says that it is of another version. */
export function foreignNoise(
  routes: readonly { readonly route: string; readonly tally: ResponseTally }[],
  name = 'the noise',
): string | undefined {
  const found = routes.flatMap(({ route, tally }) =>
    [...tally.fields.values()].flatMap((counts): Foreign[] => {
      const n = noisePairs(tally, counts);
      const share = isForeign(tally, counts) ? oneWay(tally, counts) / n : 0;
      return share === 0 ? [] : [{ route, counts, n, share }];
    }),
  );
  const [worst] = found.sort((a, b) => b.share - a.share || b.n - a.n);
  if (worst === undefined) return undefined;
  const { route, counts, n, share } = worst;
  return `${name} cannot be production's version: ${counts.place} of ${route} ${DIFFERENCE_WORDS[counts.kind].sentence} in ${formatShare(share)} of its ${formatAmount(n, 'pair')} (where that is of the place and not of the version, --ignore-field)`;
}

/** Whether production's version cannot differ from itself so. */
export function isForeign(tally: NoiseCounts, counts: FieldCounts): boolean {
  const n = noisePairs(tally, counts);
  return ONE_WAY.has(counts.kind) && n >= LEAST_PAIRS && oneWay(tally, counts) > MOST * n;
}

type NoiseCounts = Pick<ResponseTally, 'withNoise' | 'otherNoise' | 'opposite'>;

function noisePairs({ withNoise, otherNoise }: NoiseCounts, counts: FieldCounts): number {
  return comparable(withNoise, counts) + comparable(otherNoise, counts);
}

/** Pairs that differ, without as many as differ the other way round. */
function oneWay(tally: NoiseCounts, counts: FieldCounts): number {
  if (counts.kind === 'missing' || counts.kind === 'extra')
    return seenIn(counts) - seenIn(tally.opposite(counts) ?? { noise: 0, otherNoise: 0 });
  const { noiseShapes } = counts;
  const back = (shape: string) => noiseShapes.get(shape.split(ARROW).reverse().join(ARROW)) ?? 0;
  return Math.max(0, ...Array.from(noiseShapes, ([shape, times]) => times - back(shape)));
}

const ARROW = ' → ';

function seenIn({ noise, otherNoise }: Pick<FieldCounts, 'noise' | 'otherNoise'>): number {
  return noise + otherNoise;
}
