/** Keeps a comment below the size a forge accepts: whole rows are left out and counted, nothing is cut in the middle. */
import { Buffer } from 'node:buffer';

export interface BudgetPart {
  /** The text before the rows, with the head of their table. */
  readonly head: string;
  /** Each a line, escaped already. Without any the part is left out, unless it is fixed. */
  readonly rows: readonly string[];
  /** The noun for the rows when some are left out. */
  readonly noun: string;
  /** The text after the rows. */
  readonly foot?: string;
  /** Parts with the lowest get their rows first. */
  readonly rank: number;
  /** The most rows that are shown, however much room there is. */
  readonly most: number;
}

/** A part that is printed as it is. */
export function fixedPart(text: string): BudgetPart {
  return { head: text, rows: [], noun: '', rank: 0, most: 0 };
}

/** Bytes of rows that each part may take before any takes more. */
const FAIR_SHARE = 4000;

const SEPARATOR = '\n\n';

/** The parts in their order, at most `limit` bytes of UTF-8, given that heads and feet alone are below it. */
export function joinParts(all: readonly BudgetPart[], limit: number): string {
  const parts = all.filter((part) => part.noun === '' || part.rows.length > 0);
  // With no row shown the line that counts them is longest, so what is set aside is enough.
  let left = limit - bytes(`${parts.map((part) => partText(part, 0)).join(SEPARATOR)}\n`);
  const shown = new Map<BudgetPart, number>();
  const ranked = [...parts].sort((a, b) => a.rank - b.rank);
  // A fair share for everyone first: 40 gates of 1 kB each must not leave the routes without a row.
  for (const share of [FAIR_SHARE, limit]) {
    for (const part of ranked) {
      let room = Math.min(share, left);
      let count = shown.get(part) ?? 0;
      for (const row of part.rows.slice(count, part.most)) {
        const size = bytes(row) + 1;
        if (size > room) break;
        room -= size;
        left -= size;
        count++;
      }
      shown.set(part, count);
    }
  }
  return `${parts.map((part) => partText(part, shown.get(part) ?? 0)).join(SEPARATOR)}\n`;
}

function partText({ head, rows, noun, foot }: BudgetPart, count: number): string {
  const dropped = rows.length - count;
  const table = [head, ...rows.slice(0, count)].filter((text) => text !== '').join('\n');
  const note =
    dropped === 0 ? [] : [`… and ${dropped} more ${noun}${dropped === 1 ? '' : 's'} (--format json has all)`];
  return [table, ...note, foot ?? ''].filter((text) => text !== '').join(SEPARATOR);
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
