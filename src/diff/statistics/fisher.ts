import { requireCounts } from './domain.ts';
import { deviance, stirlingRest } from './factorial.ts';
import { sumTail } from './tail.ts';

/** Logarithms of probabilities this close are those of equally likely tables; R's fisher.test takes 1e-7. */
const TIE = 1e-9;

/** The margins of a table that are given, and the count in its first cell, on which everything else depends. */
interface Table {
  readonly first: number;
  readonly row1: number;
  readonly row2: number;
  readonly column1: number;
}

/**
 * Fisher's mid-p for the 2x2 table [[a, b], [c, d]], two-sided: of all tables with the same margins, the probability of
 * those less likely than this one plus half of that of those exactly as likely, itself included. Out: 0 to 1; 1 when
 * the margins allow no other table (a side without requests, no errors at all), since it then says nothing. A p below
 * the smallest double is 0.
 *
 * Lydersen, Fagerland & Laake, Recommended tests for association in 2×2 tables, Statist. Med. 28 (2009) 1159-1175.
 * @throws RangeError for anything but counts
 */
export function fisherMidP(a: number, b: number, c: number, d: number): number {
  requireCounts({ a, b, c, d });
  const table = { first: a, row1: a + b, row2: c + d, column1: a + c };
  const mirrored = { first: b, row1: a + b, row2: c + d, column1: b + d };
  if (least(table) === most(table)) return 1;
  return Math.min(1, fromUpperSide(a >= mode(table) ? table : mirrored));
}

/**
 * The same one-sided, for the first row having the larger share of the first column: P(more) + P(as many) / 2.
 * @throws RangeError for anything but counts
 */
export function fisherUpperMidP(a: number, b: number, c: number, d: number): number {
  requireCounts({ a, b, c, d });
  const table = { first: a, row1: a + b, row2: c + d, column1: a + c };
  if (least(table) === most(table)) return 1;
  if (a >= mode(table)) return upperTail(table);
  return 1 - upperTail({ first: c, row1: c + d, row2: a + b, column1: a + c });
}

function upperTail(table: Table): number {
  const { first, row1, row2, column1 } = table;
  const beyond = sumTail(
    (i) => ((row1 - first - i + 1) / (first + i)) * ((column1 - first - i + 1) / (row2 - column1 + first + i)),
  );
  return Math.exp(logProbability(table, first)) * (0.5 + beyond);
}

/** For a table at or above the mode: its own tail, and what is as unlikely on the other side of the mode. */
function fromUpperSide(table: Table): number {
  const { first, row1, row2, column1 } = table;
  const own = logProbability(table, first);
  const upper = upperTail(table);
  const other = lastAsUnlikely(table, own);
  if (other < least(table)) return upper;
  const logOther = logProbability(table, other);
  const below = sumTail(
    (i) => ((other - i + 1) / (row1 - other + i)) * ((row2 - column1 + other - i + 1) / (column1 - other + i)),
  );
  return upper + Math.exp(logOther) * ((logOther > own - TIE ? 0.5 : 1) + below);
}

/** The largest count below the mode that is at most as likely as `own`; below the least count when there is none. */
function lastAsUnlikely(table: Table, own: number): number {
  let low = least(table) - 1;
  let high = mode(table);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (logProbability(table, middle) <= own + TIE) low = middle;
    else high = middle;
  }
  return low;
}

function least({ row2, column1 }: Table): number {
  return Math.max(0, column1 - row2);
}

function most({ row1, column1 }: Table): number {
  return Math.min(row1, column1);
}

/** The likeliest count of the first cell; of two, the larger. */
function mode({ row1, row2, column1 }: Table): number {
  // Whole numbers: rounding below a whole result would miss the first of two likeliest, an exact tie.
  return Number((BigInt(row1 + 1) * BigInt(column1 + 1)) / BigInt(row1 + row2 + 2));
}

/** The hypergeometric probability of a count in the first cell. */
function logProbability({ row1, row2, column1 }: Table, first: number): number {
  const n = row1 + row2;
  const column2 = n - column1;
  const margins = [row1, row2, column1, column2] as const;
  const cells = [
    [first, row1 * (column1 / n)],
    [row1 - first, row1 * (column2 / n)],
    [column1 - first, row2 * (column1 / n)],
    [row2 - column1 + first, row2 * (column2 / n)],
  ] as const;
  let log = -stirlingRest(n);
  for (const margin of margins) log += stirlingRest(margin);
  for (const [observed, expected] of cells) log -= stirlingRest(observed) + deviance(observed, expected);
  return log;
}
