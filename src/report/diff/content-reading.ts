/** What both logs say of size and media type of the answers, in words that every format shows. Names are not escaped yet. */
import { SIZE_WORDS } from '../../diff/contents.ts';
import type { ContentComparison, RouteContents } from '../../diff/model.ts';
import { formatAmount, formatExact, formatInterval, formatTimes } from '../../text/numbers.ts';
import { INTERVAL_HEAD, type PlainColumn, type PlainTable } from './plain-table.ts';

/** `sizes and media types`, as far as both logs tell. */
export function contentSubjects({ types, sizes }: ContentComparison): string {
  const parts = [...(sizes === null ? [] : ['sizes']), ...(types === null ? [] : ['media types'])];
  return parts.length === 0 ? 'no sizes' : parts.join(' and ');
}

/** What both logs say of size and media type of the answers, each a sentence. */
export function contentWords({ types, sizes, sizesUnknown, suppressed }: ContentComparison): string[] {
  const ruled = suppressed.reduce((sum, { differences }) => sum + differences, 0);
  return [
    ...(types === null
      ? []
      : [`media type known of ${formatAmount(types.n, 'pair')}, another one in ${types.changed}`]),
    ...(sizes === null
      ? []
      : [
          `size of ${SIZE_WORDS[sizes.meaning]}, mirror / production of the typical pair: ${formatTimes(sizes.ratio)} ${formatInterval(sizes.ratioCi, formatTimes)} (${formatAmount(sizes.n, 'pair')})`,
        ]),
    ...(sizesUnknown === undefined ? [] : [sizesUnknown]),
    ...(ruled === 0 ? [] : [`${formatAmount(ruled, 'change')} of the media type not judged, by rules`]),
  ];
}

/** Routes whose answers have another size or media type, worst first. */
export function contentTable({ routes, types, sizes }: ContentComparison): PlainTable<RouteContents> {
  const typed: readonly PlainColumn<RouteContents>[] = [
    { head: 'media type', kind: 'sentence', cell: ({ types: own }) => typeText(own), narrowest: 24 },
    { head: 'pairs', kind: 'number', cell: ({ types: own }) => formatExact(own?.n), drop: 1 },
    { head: 'changed', kind: 'number', cell: ({ types: own }) => formatExact(own?.changed) },
  ];
  const sized: readonly PlainColumn<RouteContents>[] = [
    { head: 'size', kind: 'number', cell: ({ sizes: own }) => (own === null ? '-' : `${formatTimes(own.ratio)}x`) },
    {
      head: INTERVAL_HEAD,
      kind: 'number',
      cell: ({ sizes: own }) => formatInterval(own?.ratioCi, formatTimes),
      drop: 2,
    },
  ];
  return {
    columns: [
      { head: '', kind: 'words', cell: ({ types: own }) => (own?.regressed ? 'worse' : '') },
      { head: 'route', kind: 'log', cell: ({ route }) => route },
      ...(types === null ? [] : typed),
      ...(sizes === null ? [] : sized),
    ],
    rows: routes,
  };
}

function typeText(types: RouteContents['types']): string {
  const [first] = types?.changes ?? [];
  return first === undefined ? '' : `${first.production} → ${first.mirror}`;
}
