/** The text and the values of a format, and what follows from them for how its lines are read. */
import { allows, type Characters } from './characters.ts';
import { AccessFormatError } from './errors.ts';
import { Slot } from './slots.ts';

export interface Value {
  readonly slot: Slot;
  readonly characters: Characters;
  /** How messages call it: `%HU`. */
  readonly label: string;
  /** Delimiters of its own, with which it may be absent: HAProxy's `{captures}`. Absent, one of two spaces goes too. */
  readonly open?: string;
  readonly close?: string;
  /** An address: the colon in front of the port is the last one. */
  readonly isAddress?: boolean;
  /** What is written for no value and cannot be the whole text of a client. */
  readonly none?: string;
  /** Of several values for one slot the one with the lowest rank is used, else the first. */
  readonly rank?: number;
}

export type Part = string | Value;

/** How the end of a value is found: template.ts. */
export type Op = 'scan' | 'find' | 'address' | 'rest';

/** A value, with all that is known before there is a line. */
export interface Field {
  readonly slot: Slot;
  readonly table: Uint8Array;
  readonly escapes: boolean;
  readonly open: string;
  readonly close: string;
  readonly before: string;
  readonly after: string;
  /** `close` and `after`: what is looked for. */
  readonly terminator: string;
  /** What follows when it is absent. */
  readonly afterAbsent: string;
  readonly op: Op;
  /** The character it ends at, when the first one like it is the end; empty otherwise. */
  readonly first: string;
  readonly excludesSpace: boolean;
  readonly isContained: boolean;
  /** What is written for no value, with the text behind it. */
  readonly none: string | undefined;
}

/** @throws AccessFormatError `ambiguous-format` */
export function compileParts(parts: readonly Part[]): { lead: string; fields: readonly Field[] } {
  const joined = moveSpaces(joinLiterals(keepBest(parts)));
  return { lead: typeof joined[0] === 'string' ? joined[0] : '', fields: toFields(joined) };
}

function keepBest(parts: readonly Part[]): Part[] {
  const best = new Map<Slot, Value>();
  for (const part of parts) {
    if (typeof part === 'string') continue;
    const old = best.get(part.slot);
    if (old === undefined || (part.rank ?? 0) < (old.rank ?? 0)) best.set(part.slot, part);
  }
  return parts.map((part) =>
    typeof part === 'string' || best.get(part.slot) === part ? part : { ...part, slot: Slot.none },
  );
}

function joinLiterals(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part === '') continue;
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined;
}

function toFields(parts: readonly Part[]): Field[] {
  const fields: Field[] = [];
  parts.forEach((part, index) => {
    if (typeof part === 'string') return;
    const next = parts[index + 1];
    const previous = parts[index - 1];
    if (next !== undefined && typeof next !== 'string') refuseAdjacent(part, next);
    const before = typeof previous === 'string' ? previous : '';
    const after = typeof next === 'string' ? next : '';
    const boundary = typeof next === 'object' ? (next.open ?? '') : after;
    fields.push(toField(part, { before, after, boundary, isLast: next === undefined }));
  });
  return fields;
}

/** A value at the end that may be absent takes the space before it with it: spaces at the end of a line do not count. */
function moveSpaces(parts: Part[]): Part[] {
  const moved = [...parts];
  for (let i = moved.length - 1; i > 0; i -= 2) {
    const value = moved[i] as Part;
    const before = moved[i - 1] as Part;
    if (typeof value === 'string' || value.open === undefined) break;
    if (typeof before !== 'string' || !before.endsWith(' ')) break;
    moved[i] = { ...value, open: ` ${value.open}` };
    moved[i - 1] = before.slice(0, -1);
    if (moved[i - 1] !== '') break;
    moved.splice(i - 1, 1);
    i += 1;
  }
  return moved;
}

interface Surroundings {
  readonly before: string;
  /** The text behind the value. */
  readonly after: string;
  /** What shows its end: that text, or the delimiter of a value that follows directly. */
  readonly boundary: string;
  readonly isLast: boolean;
}

function toField(value: Value, { before, after, boundary, isLast }: Surroundings): Field {
  const { slot, characters, open = '', close = '' } = value;
  const { table, escapes } = characters;
  const ending = close + boundary;
  const isRest = isLast && ending === '';
  const codes = Array.from(ending, (char) => char.charCodeAt(0));
  const isContained = isRest
    ? [...' "'].some((char) => !allows(table, char.charCodeAt(0)))
    : value.isAddress === true || codes.some((code) => !allows(table, code));
  const isEnded = codes.length > 0 && !allows(table, codes[0] ?? 0);
  const op =
    value.isAddress === true && after.startsWith(':') ? 'address' : isRest ? 'rest' : isEnded ? 'scan' : 'find';
  const isMerged = before === '' || before.endsWith(' ');
  const afterAbsent = isMerged && after.startsWith(' ') ? after.slice(1) : after;
  const terminator = close + after;
  const none = value.none === undefined ? undefined : value.none + terminator;
  const first = op === 'scan' && open === '' && !escapes ? terminator.slice(0, 1) : '';
  const excludesSpace = !allows(table, 0x20);
  return {
    slot,
    first,
    excludesSpace,
    table,
    escapes,
    open,
    close,
    before,
    after,
    terminator,
    afterAbsent,
    op,
    isContained,
    none,
  };
}

function refuseAdjacent(value: Value, next: Value): void {
  if (value.close !== undefined || next.open !== undefined) return;
  throw new AccessFormatError(
    'ambiguous-format',
    `nothing separates ${value.label} from ${next.label}: where one ends cannot be told`,
    'put a space or another separator between them, also in the configuration of the proxy',
  );
}
