/**
 * The tables that every format shows, before one of them draws it: the same columns and the same figures everywhere.
 * A column that would say nothing in any row is left out.
 */
import type { DiffReport, RouteComparison } from '../../diff/model.ts';
import { formatExact, formatInterval, formatP, formatPointsNumber, formatShareNumber } from '../../text/numbers.ts';
import { fileName } from '../screen-verdict.ts';
import { hasMissing, hasStatus, isWeak, routeWord, VERDICT_WORDS } from './reading.ts';
import { ROLE_WORDS } from './words.ts';

export interface PlainColumn<T> {
  readonly head: string;
  /** `log` is a name of the logs, `sentence` may hold one; the others are ours. */
  readonly kind: 'words' | 'number' | 'log' | 'sentence';
  readonly cell: (of: T) => string;
  /** The order in which columns are left out when the screen is narrow, the highest first; a column without it stays. */
  readonly drop?: number;
  /** Where the text is cut, its end stays: paths of fields differ there. */
  readonly keepsEnd?: boolean;
  /** Of a `log` or a `sentence`: fewest columns of a screen of 80 or more, where it is not the usual number. */
  readonly narrowest?: number;
}

export interface PlainTable<T> {
  readonly columns: readonly PlainColumn<T>[];
  readonly rows: readonly T[];
}

/** The heading of intervals, which HTML draws. */
export const INTERVAL_HEAD = '95 % interval';

export function routeTable(report: DiffReport): PlainTable<RouteComparison> {
  const { routes, settings } = report;
  const weak = isWeak(report);
  const number = (
    head: string,
    cell: (route: RouteComparison) => string,
    drop?: number,
  ): PlainColumn<RouteComparison> => ({
    head,
    kind: 'number',
    cell,
    ...(drop !== undefined && { drop }),
  });
  const columns: PlainColumn<RouteComparison>[] = [
    { head: '', kind: 'words', cell: (route) => routeWord(route, settings.alpha) },
    { head: 'route', kind: 'log', cell: ({ route }) => route },
    number(weak ? 'requests' : 'pairs', ({ errors }) => formatExact(errors.n)),
  ];
  if (hasMissing(routes)) columns.push(number('missing', ({ delivery }) => formatExact(delivery?.unanswered)));
  if (!weak) {
    columns.push(number('new', ({ errors }) => formatExact(errors.newError)));
    columns.push(number('fixed', ({ errors }) => formatExact(errors.fixedError), 4));
  }
  if (hasStatus(routes)) columns.push(number('status', ({ errors }) => formatExact(errors.status?.worse)));
  return {
    columns: [
      ...columns,
      number('prod %', ({ errors }) => formatShareNumber(errors.productionRate), 3),
      number('mirror %', ({ errors }) => formatShareNumber(errors.mirrorRate), 2),
      number('diff pp', ({ errors }) => formatPointsNumber(errors.difference)),
      number(INTERVAL_HEAD, ({ errors }) => formatInterval(errors.differenceCi, formatPointsNumber), 5),
      number('q', ({ errors }) => formatP(errors.test.q), 1),
    ],
    rows: routes,
  };
}

type Destination = NonNullable<DiffReport['destinations']>[number];

/** The table of destinations; empty where the mirror has one only. */
export function destinationTable({ destinations = [] }: DiffReport): PlainTable<Destination> {
  return {
    columns: [
      { head: 'destination', kind: 'log', cell: ({ destination }) => destination },
      { head: '', kind: 'words', cell: ({ verdict }) => VERDICT_WORDS[verdict.status] },
      { head: 'pairs', kind: 'number', cell: ({ paired }) => formatExact(paired) },
      { head: 'new', kind: 'number', cell: ({ errors }) => formatExact(errors.newError) },
      { head: 'fixed', kind: 'number', cell: ({ errors }) => formatExact(errors.fixedError), drop: 3 },
      { head: 'prod %', kind: 'number', cell: ({ errors }) => formatShareNumber(errors.productionRate), drop: 2 },
      { head: 'mirror %', kind: 'number', cell: ({ errors }) => formatShareNumber(errors.mirrorRate), drop: 1 },
      {
        head: 'why',
        kind: 'sentence',
        cell: ({ isBaseline, verdict }) =>
          isBaseline ? 'baseline: its differences are the noise' : (verdict.reasons[0] ?? ''),
      },
    ],
    rows: destinations.length > 1 ? destinations : [],
  };
}

type Input = DiffReport['inputs'][number];

export function inputTable({ inputs }: DiffReport): PlainTable<Input> {
  const notices: PlainColumn<Input> = {
    head: 'notices',
    kind: 'number',
    cell: ({ notices: count = 0 }) => formatExact(count),
  };
  const answers: PlainColumn<Input> = {
    head: 'answers',
    kind: 'number',
    cell: ({ answers: count = 0 }) => formatExact(count),
    drop: 3,
  };
  return {
    columns: [
      { head: 'input', kind: 'words', cell: ({ role }) => ROLE_WORDS[role] },
      { head: 'file', kind: 'log', cell: ({ path }) => fileName(path) },
      { head: 'format', kind: 'log', cell: ({ description, format }) => description ?? format, drop: 1 },
      { head: 'lines', kind: 'number', cell: ({ lines }) => formatExact(lines) },
      { head: 'parsed', kind: 'number', cell: ({ parsed }) => formatExact(parsed) },
      { head: 'unparsed', kind: 'number', cell: ({ unparsed }) => formatExact(unparsed) },
      ...(inputs.some(({ notices: count = 0 }) => count > 0) ? [notices] : []),
      ...(inputs.some(({ answers = 0 }) => answers > 0) ? [answers] : []),
      { head: 'duplicates', kind: 'number', cell: ({ duplicateLines }) => formatExact(duplicateLines), drop: 2 },
    ],
    rows: inputs,
  };
}

type Generalized = NonNullable<DiffReport['generalized']>[number];

/** The table of positions of paths that became `{…}`, so that a reader can object. */
export function generalizedTable({ generalized = [] }: DiffReport): PlainTable<Generalized> {
  return {
    columns: [
      { head: 'route', kind: 'log', cell: ({ route }) => route },
      { head: 'values of its {…}', kind: 'number', cell: ({ values }) => formatExact(values) },
    ],
    rows: generalized,
  };
}
