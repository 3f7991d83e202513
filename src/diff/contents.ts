/** Size and media type of the answers, from both logs: what changed, and what is said about it. */

import { formatShare } from '../text/numbers.ts';
import { intervalOf, type Method } from './comparison.ts';
import { type ContentTally, SIZE_MEANINGS, type SizeMeaning } from './content-tally.ts';
import type { Finding } from './gates.ts';
import type {
  ContentComparison,
  DiffSettings,
  RouteContents,
  SizeComparison,
  TypeComparison,
  Warning,
} from './model.ts';
import { compareTexts } from './transitions.ts';

/** A typical answer that is larger or smaller by more is told. */
const TOLD_FACTOR = 1.25;
/** Fewer changes are no finding, unless all of a route's are. */
const MIN_CHANGED = 5;
const MAX_CHANGES = 5;
const MAX_ROUTES = 50;
const MAX_WARNED = 5;

/** @param whole what `tallies` add up to @returns undefined where neither size nor media type is known on both sides */
export function compareContents(
  whole: ContentTally,
  names: readonly string[],
  tallies: readonly ContentTally[],
  settings: DiffSettings,
): ContentComparison | undefined {
  const [types, sizes] = [compareTypes(whole, settings), compareSizes(whole)];
  if (types === null && sizes === null && whole.suppressed.size === 0) return undefined;
  const routes = tallies
    .map(
      (tally, i): RouteContents => ({
        route: names[i] as string,
        types: compareTypes(tally, settings),
        sizes: compareSizes(tally, sizes?.meaning),
        examples: tally.examples,
      }),
    )
    .filter(({ types: own, sizes: size }) => (own?.changed ?? 0) > 0 || size?.differs === true)
    .sort(worstFirst);
  return {
    types,
    sizes,
    ...(sizes === null && { sizesUnknown: whyUnknown(whole) }),
    routes: routes.slice(0, MAX_ROUTES),
    suppressed: [...whole.suppressed]
      .map(([{ by, name }, differences]) => ({ by, name, differences }))
      .sort((a, b) => b.differences - a.differences || compareTexts(a.name, b.name)),
  };
}

function worstFirst(a: RouteContents, b: RouteContents): number {
  const regressed = ({ types }: RouteContents) => Number(types?.regressed ?? false);
  const changed = ({ types }: RouteContents) => types?.changed ?? 0;
  const distance = ({ sizes }: RouteContents) => (sizes === null ? 0 : Math.abs(Math.log(sizes.ratio)));
  return (
    regressed(b) - regressed(a) ||
    changed(b) - changed(a) ||
    distance(b) - distance(a) ||
    compareTexts(a.route, b.route)
  );
}

function compareTypes(
  { typed: n, changed, changes }: ContentTally,
  settings: Method & Pick<DiffSettings, 'minEffect'>,
): TypeComparison | null {
  if (n === 0) return null;
  const [low] = intervalOf(n, changed, 0, settings);
  return {
    n,
    changed,
    changes: changes.list().slice(0, MAX_CHANGES),
    regressed: changed >= MIN_CHANGED && low > settings.minEffect,
  };
}

/** @param wanted the meaning; without it the one that more pairs have on both sides */
function compareSizes({ sizes }: ContentTally, wanted?: SizeMeaning): SizeComparison | null {
  const meaning = wanted ?? (sizes['head-and-body'].n > sizes.body.n ? 'head-and-body' : 'body');
  const median = sizes[meaning].median();
  if (median === undefined) return null;
  const { ratio, interval } = median;
  const differs = interval[0] > TOLD_FACTOR || interval[1] < 1 / TOLD_FACTOR;
  return { meaning, n: sizes[meaning].n, ratio, ratioCi: interval, differs };
}

export const SIZE_WORDS: { readonly [meaning in SizeMeaning]: string } = {
  body: 'the body alone',
  'head-and-body': 'head and body together',
};

/** Why sizes are not compared: which side's log has what. */
export function whyUnknown({ known }: ContentTally): string {
  const words = (['production', 'mirror'] as const).map((side) => {
    const has = SIZE_MEANINGS.filter((meaning) => known[side][meaning] > 0).map((meaning) => SIZE_WORDS[meaning]);
    const whose = side === 'production' ? "production's log" : "the mirror's";
    return `${whose} has ${has.length === 0 ? 'none' : has.join(' and ')}`;
  });
  return `sizes have to be of the same on both sides: ${words.join(', ')}`;
}

/** Empty where no log tells media types: then nothing is to be said. */
export function findTypeChanges(contents: ContentComparison | undefined): readonly Finding[] {
  const types = contents?.types ?? null;
  if (contents === undefined || types === null) return [];
  const findings = contents.routes.flatMap(({ route, types: own }): Finding[] => {
    // All of them is no chance, but two are few to say so.
    const isOpen = own !== null && own.changed === own.n;
    if (own === null || !(own.regressed || isOpen)) return [];
    return [
      {
        state: own.regressed ? 'crossed' : 'open',
        observed: { changed: own.changed, share: own.changed / own.n },
        reason: `${own.changed} of ${own.n} pairs with another media type`,
        title: typeTitle(route, own),
        route,
      },
    ];
  });
  if (findings.length > 0) return findings;
  const reason = `${types.changed} of ${types.n} pairs with another media type`;
  return [{ state: 'fine', observed: { changed: types.changed, share: types.changed / types.n }, route: null, reason }];
}

function typeTitle(route: string, { n, changes }: TypeComparison): string {
  const words = changes.slice(0, 2).map(({ production, mirror, count }, i) => {
    const pairs = i === 0 ? `${n} pairs` : 'them';
    return `${production} → ${mirror} in ${formatShare(count / n)} of ${pairs}`;
  });
  return `media type of ${route}: ${words.join(', ')}`;
}

/** Sizes decide nothing unless they are asked for: they are said. */
export function contentWarnings(contents: ContentComparison | undefined): Warning[] {
  const { sizes, routes } = contents ?? { sizes: null, routes: [] };
  const differing = routes.flatMap(({ route, sizes: own }) => (own?.differs ? [{ route, own }] : []));
  const [first] = differing;
  if (sizes === null || first === undefined) return [];
  const named = differing.slice(0, MAX_WARNED).map(({ route, own }) => `${route} ${sizeWords(own)}`);
  const rest = differing.length - named.length;
  const list = rest > 0 ? [...named, `${rest} more routes`] : named;
  const message = `the typical answer has another size (${SIZE_WORDS[sizes.meaning]}, mirror / production): ${list.join('; ')}`;
  return [{ code: 'answer-sizes', message }];
}

function sizeWords({ n, ratio, ratioCi: [low, high] }: SizeComparison): string {
  return `${ratio}x (${low}–${high}x, ${n} pairs)`;
}
