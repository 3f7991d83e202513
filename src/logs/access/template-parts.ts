/** The text and the values of a format, and what follows from them for how its lines are read. */

import { AccessFormatError } from '../access-errors.ts';
import { allows, type Characters, NUMBER, NUMBER_LIST, TOKEN_LIST } from './characters.ts';
import { Slot } from './slots.ts';

export interface Value {
  readonly slot: Slot;
  readonly characters: Characters;
  /** The name of the value in messages: `%HU`. */
  readonly label: string;
  /** Delimiters of its own, with which it may be absent: HAProxy's `{captures}`. Absent, one of two spaces goes too. */
  readonly open?: string;
  readonly close?: string;
  /** It may be nothing; then one of two spaces goes too. */
  readonly isOptional?: boolean;
  /** An address: the colon in front of the port is the last one. */
  readonly isAddress?: boolean;
  /** The text for no value, which cannot be the whole text of a client. */
  readonly none?: string;
  /** The rank: of several values for one slot the one with the lowest rank is used, else the first. */
  readonly rank?: number;
}

export type TemplatePart = string | Value;

/** The way in which the end of a value is found: template.ts. */
export type Op = 'scan' | 'find' | 'address' | 'list' | 'rest';

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
  /** The text that follows when the value is absent. */
  readonly afterAbsent: string;
  readonly isOptional: boolean;
  readonly op: Op;
  /** The character it ends at, when the first one like it is the end; empty otherwise. */
  readonly first: string;
  readonly excludesSpace: boolean;
  /** It cannot hold what ends it. */
  readonly isContained: boolean;
  /** It cannot hold what stands before it: read from the right it is as sure. */
  readonly isContainedLeft: boolean;
  /** The text for no value, with the text behind it. */
  readonly none: string | undefined;
  /** The separators of a list of values; a `list` only. */
  readonly list: RegExp | undefined;
}

/** @throws AccessFormatError `ambiguous-format` */
export function compileParts(parts: readonly TemplatePart[]): { lead: string; fields: readonly Field[] } {
  const joined = markGroups(moveSpaces(joinNeighbours(keepBest(parts))));
  return { lead: typeof joined[0] === 'string' ? joined[0] : '', fields: toFields(joined) };
}

function keepBest(parts: readonly TemplatePart[]): TemplatePart[] {
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

/** Texts become one, and so do values with nothing between them that are one thing: `$scheme://$host$uri$is_args$args`. */
function joinNeighbours(parts: readonly TemplatePart[]): TemplatePart[] {
  const joined: TemplatePart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part === '') continue;
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else if (typeof part === 'object' && typeof last === 'object' && isOneThing(last, part)) {
      joined[joined.length - 1] = merge(last, part);
      if (last.slot === Slot.none && isTarget(part)) takeAuthority(joined);
    } else joined.push(part);
  }
  return joined;
}

function isOneThing(first: Value, second: Value): boolean {
  if (first.close !== undefined || second.open !== undefined) return false;
  if (isTarget(first)) return second.slot === Slot.query || second.slot === Slot.none;
  return first.slot === Slot.none && (second.slot === Slot.none || isTarget(second));
}

function isTarget({ slot }: Value): boolean {
  return slot === Slot.target || slot === Slot.path;
}

/** A value that is two: it may hold what either may. */
function merge(first: Value, second: Value, between = ''): Value {
  const table = first.characters.table.map((allowed, code) => allowed | (second.characters.table[code] as number));
  for (const char of between) table[char.charCodeAt(0)] = 1;
  const characters = { table, escapes: first.characters.escapes || second.characters.escapes };
  const slot = isTarget(first) || isTarget(second) ? Slot.target : Slot.none;
  return { slot, characters, label: `${first.label}${between}${second.label}`, rank: first.rank ?? 0 };
}

/** The last value is a target with its host: scheme and port before it are of the same URL. */
function takeAuthority(joined: TemplatePart[]): void {
  for (;;) {
    const [scheme, between, target] = joined.slice(-3);
    if (typeof scheme !== 'object' || typeof target !== 'object') return;
    if (scheme.slot !== Slot.none || scheme.close !== undefined || (between !== '://' && between !== ':')) return;
    joined.splice(-3, 3, merge(scheme, target, between));
  }
}

/**
 * Marks groups of numbers with slashes between them: where one ends, a line may have one more than the format, and with another
 * format all of them would be something else. Reading a part of such a group makes its end worth a look.
 */
function markGroups(parts: readonly TemplatePart[]): TemplatePart[] {
  let isRead = false;
  return parts.map((part, index) => {
    if (typeof part === 'string') return part;
    if (parts[index - 1] !== '/') isRead = false;
    isRead ||= part.slot !== Slot.none;
    const isEnd = parts[index - 1] === '/' && parts[index + 1] !== '/';
    const isNumber = part.characters === NUMBER && part.slot === Slot.none;
    return isEnd && isRead && isNumber ? { ...part, slot: Slot.lastOfGroup } : part;
  });
}

function toFields(parts: readonly TemplatePart[]): Field[] {
  const fields: Field[] = [];
  parts.forEach((part, index) => {
    if (typeof part === 'string') return;
    const next = parts[index + 1];
    const previous = parts[index - 1];
    if (typeof next === 'object') refuseAdjacent(part, next);
    const before = typeof previous === 'string' ? previous : '';
    const after = typeof next === 'string' ? next : '';
    const boundary = typeof next === 'object' ? (next.open ?? '') : after;
    fields.push(toField(part, { before, after, boundary, isLast: next === undefined }));
  });
  return fields;
}

/** A value at the end that may be absent takes the space before it with it: spaces at the end of a line do not count. */
function moveSpaces(parts: TemplatePart[]): TemplatePart[] {
  const moved = [...parts];
  for (let i = moved.length - 1; i > 0; i -= 2) {
    const value = moved[i] as TemplatePart;
    const before = moved[i - 1] as TemplatePart;
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
  /** The text that shows the end, or the delimiter of a value that follows directly. */
  readonly boundary: string;
  readonly isLast: boolean;
}

function toField(value: Value, { before, after, boundary, isLast }: Surroundings): Field {
  const { slot, characters, open = '', close = '' } = value;
  const { table, escapes } = characters;
  const ending = close + boundary;
  const isRest = isLast && ending === '';
  const list = LISTS.get(characters);
  const isList = list !== undefined;
  const lacks = (text: string) => [...text].some((char) => !allows(table, char.charCodeAt(0)));
  const isContained = isRest ? lacks(' "') : value.isAddress === true || isList || lacks(ending);
  const isContainedLeft = before === '' || open !== '' || isList || lacks(before);
  const op = opOf(value, { isList, isRest, isEnded: lacks(ending.slice(0, 1)), after });
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
    isOptional: open !== '' || value.isOptional === true,
    op,
    isContained,
    isContainedLeft,
    none,
    list,
  };
}

/** The lists of nginx's values of several upstreams: `, ` and ` : ` do not end them, another space does. */
const LISTS: ReadonlyMap<Characters, RegExp> = new Map([
  [NUMBER_LIST, /[-0-9.]*(?:(?:, | : )[-0-9.]+)*/y],
  [TOKEN_LIST, /[^\s,"|;]*(?:(?:, | : )[^\s,"|;]+)*/y],
]);

interface Ending {
  readonly isList: boolean;
  readonly isRest: boolean;
  readonly isEnded: boolean;
  readonly after: string;
}

function opOf(value: Value, { isList, isRest, isEnded, after }: Ending): Op {
  if (isList) return 'list';
  if (value.isAddress === true && after.startsWith(':')) return 'address';
  return isRest ? 'rest' : isEnded ? 'scan' : 'find';
}

function refuseAdjacent(value: Value, next: Value): void {
  if (value.close !== undefined || next.open !== undefined) return;
  throw new AccessFormatError(
    'ambiguous-format',
    `nothing separates ${value.label} from ${next.label}: where one ends cannot be told`,
    'put a space or another separator between them, also in the configuration of the proxy',
  );
}
