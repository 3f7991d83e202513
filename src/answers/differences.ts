/** Two prints of one request → what differs, without any value. */
import type { AnswerPrint, BodyPrint, BodyState } from './answer.ts';
import { TYPE_NAMES } from './body/json-fields.ts';
import { arraysAround, ELEMENT, ID_MEMBER, isBelow, ROOT_PATH, wayTo } from './paths.ts';

export const DIFFERENCE_KINDS = [
  'status',
  /** Production has it, the other has not. */
  'missing',
  /** The other has it, production has not. */
  'extra',
  'type',
  'value',
  /** The same values in another order. */
  'order',
  /** It is there another number of times. */
  'count',
  /** Of cookies: their names or what stands behind their values, as `Secure`. */
  'attributes',
  /** An array has another number of elements, or a body that is not compared another length. */
  'length',
  'content-type',
  /** One has a body and the other none, or one that cannot be decoded. */
  'body-state',
] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

export interface Difference {
  /** `status`, `content-type`, `length`, `body`, `header x-cache`, or the path of a field: `$.items[*].price`. */
  readonly place: string;
  readonly kind: DifferenceKind;
  /** From production's to the other's, where it is no value: `number → string`, `200 → 404`. */
  readonly shape?: string;
}

/** What became of the bodies. */
export const BODY_COMPARISONS = [
  'compared',
  /** Of one side it is not all here, or not readable, or JSON that HAProxy did not send. */
  'not-whole',
  'other-status',
  /** Neither has one. */
  'none',
  /** Nobody asked for it on one side. */
  'unasked',
  /** The hashes were made with different keys: nothing is compared. */
  'other-key',
] as const;
export type BodyComparison = (typeof BODY_COMPARISONS)[number];

export interface Comparison {
  readonly differences: readonly Difference[];
  readonly body: BodyComparison;
}

/** Headers of a connection or of a moment, and those that have a place of their own. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'date',
  'age',
]);

/** What differs between production's answer and another one to the same request. With another status that is all. */
export function compareAnswers(production: AnswerPrint, other: AnswerPrint): Comparison {
  if (production.key !== other.key) return { differences: [], body: 'other-key' };
  if (production.status !== other.status) {
    const shape = `${production.status} → ${other.status}`;
    return { differences: [{ place: 'status', kind: 'status', shape }], body: 'other-status' };
  }
  const differences: Difference[] = [];
  compareTypes(production, other, differences);
  compareHeaders(production, other, differences);
  const body = compareBodies(production.body, other.body, differences);
  return { differences, body };
}

function compareTypes({ body: a }: AnswerPrint, { body: b }: AnswerPrint, into: Difference[]): void {
  if (a.type !== b.type)
    into.push({ place: 'content-type', kind: 'content-type', shape: `${a.type ?? 'none'} → ${b.type ?? 'none'}` });
}

function compareHeaders(a: AnswerPrint, b: AnswerPrint, into: Difference[]): void {
  const [production, other] = [a.headers, b.headers];
  const typed = into.length > 0;
  for (const name of Object.keys(production)) {
    if (LEFT_OUT.has(name) || (typed && name === 'content-type')) continue;
    const place = `header ${name}`;
    if (!Object.hasOwn(other, name)) {
      // What is beyond the other's bounds may be there.
      if (b.headers_dropped === undefined) into.push({ place, kind: 'missing' });
      continue;
    }
    const kind = listDifference([production[name] ?? ''].flat(), [other[name] ?? ''].flat());
    if (kind !== undefined)
      into.push({ place, kind: kind === 'value' && isOfCookies(name, a, b) ? 'attributes' : kind });
  }
  if (a.headers_dropped !== undefined) return;
  for (const name of Object.keys(other)) {
    if (LEFT_OUT.has(name) || (typed && name === 'content-type') || Object.hasOwn(production, name)) continue;
    into.push({ place: `header ${name}`, kind: 'extra' });
  }
}

/** Where as many cookies as before have other names or attributes. Their values differ in any case. */
function isOfCookies(name: string, { cookies: a }: AnswerPrint, { cookies: b }: AnswerPrint): boolean {
  if (name !== 'set-cookie' || a === undefined || b === undefined) return false;
  return listDifference(a, b) === 'value';
}

function listDifference(a: readonly string[], b: readonly string[]): DifferenceKind | undefined {
  if (a.length !== b.length) return 'count';
  if (a.every((print, i) => print === b[i])) return undefined;
  const sorted = b.toSorted();
  return a.toSorted().every((print, i) => print === sorted[i]) ? 'order' : 'value';
}

function compareBodies(a: BodyPrint, b: BodyPrint, into: Difference[]): BodyComparison {
  if (a.state === 'none' && b.state === 'none') return 'none';
  if (a.state === 'whole' && b.state === 'whole') {
    compareWhole(a, b, into);
    return 'compared';
  }
  const isAsked = a.state !== 'unasked' && b.state !== 'unasked';
  const [from, to] = [presence(a), presence(b)];
  // Of one that nobody asked for it is not known whether it can be decoded.
  if (from !== to && from !== undefined && to !== undefined && (isAsked || from === 'none' || to === 'none')) {
    into.push({ place: 'body', kind: 'body-state', shape: `${from} → ${to}` });
    if (isAsked) return 'compared';
    return isUnasked(a, b) ? 'unasked' : 'not-whole';
  }
  if (a.encoding === b.encoding && isOtherLength(a, b)) into.push({ place: 'length', kind: 'length' });
  return isUnasked(a, b) ? 'unasked' : 'not-whole';
}

/** Of JSON nobody means to know one side alone: where the other one was read, what is missing is missed. */
function isUnasked(a: BodyPrint, b: BodyPrint): boolean {
  if (a.state !== 'unasked' && b.state !== 'unasked') return false;
  const isKnown = [a, b].some(({ state }) => state !== 'unasked' && state !== 'none');
  return !isKnown || ![a, b].some(({ type }) => type?.includes('json'));
}

const WITH_BODY: readonly BodyState[] = ['whole', 'cut', 'too_long'];

/** Undefined where nothing can be said yet. */
function presence({ state, length, bytes }: BodyPrint): string | undefined {
  if (state === 'unreadable') return state;
  // The answer to HEAD announces what it has not.
  if (state === 'none') return (length ?? 0) > 0 ? undefined : state;
  return WITH_BODY.includes(state) || (length ?? 0) > 0 || bytes > 0 ? 'body' : undefined;
}

/** The answer to HEAD has the length of another one. How long the same is when compressed is up to who compresses it: half as long is news. */
function isOtherLength(a: BodyPrint, b: BodyPrint): boolean {
  if (a.length === null || b.length === null || a.state === 'none' || b.state === 'none') return false;
  if (a.encoding === null || a.encoding === 'identity') return a.length !== b.length;
  return 2 * Math.min(a.length, b.length) < Math.max(a.length, b.length);
}

function compareWhole(a: BodyPrint, b: BodyPrint, into: Difference[]): void {
  if (a.hash === b.hash) return;
  if (a.fields === undefined && b.fields === undefined) {
    into.push({ place: 'body', kind: 'value' });
    return;
  }
  if (a.fields === undefined || b.fields === undefined) {
    into.push({ place: ROOT_PATH, kind: 'type', shape: a.fields === undefined ? 'other → JSON' : 'JSON → other' });
    return;
  }
  const found = compareFields(a, b);
  // What is beyond the bounds is in the hash alone, which differs.
  if (found.length === 0 && (a.fields_dropped !== undefined || b.fields_dropped !== undefined))
    into.push({ place: 'body', kind: 'value' });
  into.push(...found);
}

function compareFields(a: BodyPrint, b: BodyPrint): Difference[] {
  const [production, other] = [a.fields ?? {}, b.fields ?? {}];
  const found: Difference[] = [];
  const ofNames: Difference[] = [];
  for (const path of Object.keys(production)) {
    const [before, after] = [production[path], Object.hasOwn(other, path) ? other[path] : undefined];
    if (before === undefined || before === after) continue;
    if (after !== undefined) (isOfNames(before, after) ? ofNames : found).push(...fieldDifference(path, before, after));
    // A path that is beyond the other's bounds may be there.
    else if (b.fields_dropped === undefined) found.push({ place: path, kind: 'missing' });
  }
  if (a.fields_dropped === undefined)
    for (const path of Object.keys(other))
      if (!Object.hasOwn(production, path)) found.push({ place: path, kind: 'extra' });
  // What is at the place of ids says more than that their names are others.
  const places = new Set(found.map(({ place }) => place));
  for (const { place, kind } of ofNames) {
    const ids = place + ID_MEMBER;
    const haveBoth = Object.hasOwn(production, ids) && Object.hasOwn(other, ids);
    if (haveBoth && !places.has(ids)) found.push({ place: ids, kind });
  }
  return inArrays(withoutBelow(found, production, other));
}

/** All that an object has of its own are the names of its ids. */
function isOfNames(before: string, after: string): boolean {
  const [a, b] = [readField(before), readField(after)];
  return a.types === 'o' && b.types === 'o' && a.times === b.times;
}

type Fields = NonNullable<BodyPrint['fields']>;

/**
 * Below what is missing or of another type everything else differs, too, and in an array of another length so do values and numbers. Not types there, nor
 * what each element has: these are told unless other elements, as they come and go, explain them. An array without elements has none that miss
 * something.
 */
function withoutBelow(found: readonly Difference[], production: Fields, other: Fields): Difference[] {
  const placesOf = (...kinds: DifferenceKind[]) =>
    new Set(found.filter(({ kind }) => kinds.includes(kind)).map(({ place }) => place));
  const ends = placesOf('missing', 'extra', 'type');
  const lengths = placesOf('length', 'count');
  return found.filter((difference) => {
    const { place, kind } = difference;
    if (isBelow(place, ends)) return false;
    if (kind === 'missing' || kind === 'extra') {
      if (place.endsWith(ELEMENT)) return false;
      return !isBelow(place, lengths) || isOfEach(place, kind === 'missing' ? production : other);
    }
    if (!isBelow(place, lengths)) return true;
    return kind === 'type' && isOfNoElement(production[place] ?? '', other[place] ?? '');
  });
}

/** Whether all that could have it do. */
function isOfEach(place: string, fields: Fields): boolean {
  const above = wayTo(place).findLast((path) => Object.hasOwn(fields, path)) ?? ROOT_PATH;
  return readField(fields[place] ?? '').times === readField(fields[above] ?? '').times;
}

/** Whether a change of types is none that fewer or more elements explain: fewer have no types that were not there. */
function isOfNoElement(before: string, after: string): boolean {
  const [a, b] = [readField(before), readField(after)];
  const letters = { a: a.types.split('|'), b: b.types.split('|') };
  const isNew = letters.b.some((letter) => !letters.a.includes(letter));
  const isGone = letters.a.some((letter) => !letters.b.includes(letter));
  return (isNew && b.times <= a.times) || (isGone && b.times >= a.times);
}

/**
 * The elements of one array in another order are one difference, whatever is in them: it is reported of the array. Where elements have arrays
 * in them it is the outermost that explains it: with the outer one in order, only paths of the inner ones are here.
 */
function inArrays(found: readonly Difference[]): Difference[] {
  const innermost = new Set<string | undefined>();
  for (const { place, kind } of found) if (kind === 'order') innermost.add(arraysAround(place).at(-1));
  if (innermost.size === 0) return [...found];
  const reported = new Set<string>();
  return found.flatMap((difference) => {
    if (difference.kind !== 'order') return [difference];
    const place = arraysAround(difference.place).find((array) => innermost.has(array)) ?? difference.place;
    if (reported.has(place)) return [];
    reported.add(place);
    return [{ place, kind: 'order' as const }];
  });
}

interface FieldPrint {
  readonly types: string;
  /** How often the path occurs. */
  readonly times: number;
  readonly set: string;
}

function readField(text: string): FieldPrint {
  const [head = '', hashes = ''] = text.split(':', 2);
  const [types = '', count = '1'] = head.split('*', 2);
  // The number of an array that is there once is its length.
  const single = types === 'a' && hashes === '';
  return {
    types,
    times: single ? 1 : Number(count),
    set: hashes.split('~', 2)[1] ?? '',
  };
}

/** Of two prints that are not the same. */
function fieldDifference(place: string, before: string, after: string): Difference[] {
  const [a, b] = [readField(before), readField(after)];
  const found: Difference[] = [];
  if (a.types !== b.types) found.push({ place, kind: 'type', shape: `${typeNames(a.types)} → ${typeNames(b.types)}` });
  if (a.times !== b.times) found.push({ place, kind: 'count' });
  if (found.length > 0) return found;
  if (a.set !== '' && a.set === b.set) return [{ place, kind: 'order' }];
  return [{ place, kind: a.types === 'a' ? 'length' : 'value' }];
}

function typeNames(letters: string): string {
  return Array.from(letters.split('|'), (letter) => TYPE_NAMES[letter] ?? letter).join('|');
}
