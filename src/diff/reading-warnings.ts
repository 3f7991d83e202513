/** What is said about inputs of which something is not read. */
import { inputName } from '../logs/read.ts';
import type { Warning } from './model.ts';
import type { SideFacts, UnreadFields } from './sides.ts';

/** Ids that lines of a side were recognised by. */
export interface KnownIds {
  has(id: string): boolean;
}

/** An id field is worth a word when so many of its values are ids of the other side: chance gives no two. */
const SEVERAL = 2;
const OTHER = { production: 'mirror', mirror: 'production' } as const;

/** @param ids given only where no request could be paired: else no other field is needed */
export function readingWarnings(facts: readonly SideFacts[], ids: KnownIds | undefined): Warning[] {
  const unread = facts.flatMap((side) => side.unread);
  return unread.flatMap((input) => {
    const { role, path, time } = input;
    if (role !== 'production' && role !== 'mirror') return [];
    const warnings: Warning[] = [];
    const field = ids && input.ids.find(({ values }) => isOfOtherSide(values, role, unread, ids))?.field;
    if (field !== undefined) {
      const message = `${inputName(path)} has ids of the other side in ${field}, which is not read: --${role}-id '${field}'`;
      warnings.push({ code: 'unread-id', message });
    }
    if (time !== undefined) {
      const message = `the unit of ${time} in ${inputName(path)} is not known, so its times are not compared: --${role}-latency-unit`;
      warnings.push({ code: 'unknown-latency-unit', message });
    }
    return warnings;
  });
}

function isOfOtherSide(
  values: readonly string[],
  role: 'production' | 'mirror',
  unread: readonly UnreadFields[],
  ids: KnownIds,
): boolean {
  const others = unread.filter((input) => input.role === OTHER[role]).flatMap((input) => input.ids);
  const unreadThere = new Set(others.flatMap((field) => field.values));
  const known = new Set(values.filter((value) => ids.has(value) || unreadThere.has(value)));
  return known.size >= Math.min(SEVERAL, values.length) && known.size > 0;
}
