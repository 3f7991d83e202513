/**
 * What stands before the message of a line: framings.ts has the table of all that is known.
 *
 * Everything is consumed from the start by the patterns of that table and nothing is searched for. What an access line
 * says after its header comes from clients: a rule that skipped to a later `tag:` would let them write events.
 */
import { FRAMINGS, type Framing } from './framing/framings.ts';
import {
  type Beginning,
  beginningOf,
  CLIENT,
  type CompiledPattern,
  compilePattern,
  readMatch,
} from './framing/pieces.ts';
import type { LineHeader } from './record.ts';
import { MARKER } from './spoe-line.ts';

export interface ParsedHeader {
  readonly header: LineHeader;
  /** Index in the line where the message starts. */
  readonly messageStart: number;
}

/** Entries of the table that were recognised, one after the other, and the index behind the last. */
interface Scanned {
  readonly header: LineHeader;
  readonly end: number;
  readonly rule: Rule;
  /** The position where the first header ends. */
  readonly ownEnd: number;
  readonly rest: Scanned | undefined;
}

/** An entry of the table and the part of the line it took, line[start, end). */
export interface HeaderStep {
  readonly name: string;
  readonly layer: Framing['layer'];
  readonly start: number;
  readonly end: number;
}

const BOM = '\ufeff';
const BRACE = '{';

/** An entry of the table. */
interface Rule extends Beginning {
  readonly framing: Framing;
  readonly pattern: string;
  /** The pattern, once a line has asked for it: a log needs a few of all. */
  compiled: CompiledPattern | undefined;
  /** A bit of the layer: each is there once. */
  readonly layer: number;
  readonly before: Framing['before'];
}

const LAYERS = { search: 1, count: 2, label: 4, stamp: 8, priority: 16, header: 32 } as const satisfies Readonly<
  Record<Framing['layer'], number>
>;
const NESTED = 64;
/** The bit of entries that are known only where a shipper says that a line begins. */
const INSIDE = 128;
/** Layers that a header inside a line cannot have: nothing that begins with any word. */
const GLUED = LAYERS.search | LAYERS.label | INSIDE;
/** Layers that a header behind another one cannot have. */
const INNER = GLUED | LAYERS.count | LAYERS.stamp | NESTED;
/** Layers that stand before everything else. */
const FOREMOST = LAYERS.search | LAYERS.count;

const RULES: readonly Rule[] = FRAMINGS.flatMap((framing) => {
  const patterns = framing.usual === undefined ? [framing.pattern] : [framing.usual, framing.pattern];
  return patterns.map((pattern) => ({
    ...beginningOf(pattern),
    framing,
    pattern,
    compiled: undefined,
    layer: LAYERS[framing.layer] | (framing.inside ? INSIDE : 0),
    before: framing.before,
  }));
});

const OTHER_CHARACTERS = 128;
/**
 * The rules that may begin with each ASCII character, in the order of the table; the last is for all others. They depend
 * on the table alone, so the process finds them once.
 */
const rulesByCharacter: (readonly Rule[] | undefined)[] = [];

/** The rules for a first character, found on first use: a log needs those of a few characters. */
function rulesOf(code: number): readonly Rule[] {
  const character = code === OTHER_CHARACTERS ? '\u00e9' : String.fromCharCode(code);
  const rules = RULES.filter(({ first, beginsWithDate }) => first.test(character) && !beginsWithDate);
  rulesByCharacter[code] = rules;
  return rules;
}

const RULES_BY_DATE = RULES.filter(({ beginsWithDate }) => beginsWithDate);
const DATE = /\d{4}[-/]\d\d[-/]\d\d[T _]\d\d:/y;

/** The rules that may begin with a date and one of two characters, by what follows it. */
const rulesBehindDate = new Map<number, readonly Rule[]>();
const [SPACE, TAB] = [0x20, 0x09];
/** The length of the shortest date. */
const DATE_LENGTH = 19;

/** A zone may follow after a space, and another space: then what comes next is not known. */
function rulesBehind(line: string, at: number): readonly Rule[] {
  let end = at + DATE_LENGTH;
  let code = line.charCodeAt(end);
  while (code > SPACE) code = line.charCodeAt(++end);
  const next = line.charCodeAt(end + 1);
  const isKnown = code === TAB || (code === SPACE && ((next >= 0x30 && next <= 0x39) || (next >= 0x61 && next < 0x7b)));
  if (!isKnown || next >= OTHER_CHARACTERS || line[end - 1] === ':' || line[at + 10] === '_') return RULES_BY_DATE;
  const known = rulesBehindDate.get(code * OTHER_CHARACTERS + next);
  return known ?? rulesBehindOf(code, next);
}

function rulesBehindOf(code: number, next: number): readonly Rule[] {
  const [separator, character] = [String.fromCharCode(code), String.fromCharCode(next)];
  const rules = RULES_BY_DATE.filter(
    ({ behindDate }) =>
      behindDate === undefined ||
      (behindDate.separator === separator && (code === TAB || behindDate.first.test(character))),
  );
  rulesBehindDate.set(code * OTHER_CHARACTERS + next, rules);
  return rules;
}

/** The rules that may fit: most fail at their first character, and a date begins only a few. */
function rulesFor(line: string, at: number, code: number): readonly Rule[] {
  if (code >= 0x30 && code <= 0x39 && matchAt(DATE, line, at) !== undefined) return rulesBehind(line, at);
  const character = Math.min(code, OTHER_CHARACTERS);
  return rulesByCharacter[character] ?? rulesOf(character);
}

/** Reads the header of a line. A line that follows no grammar is raw: an empty header, and all of it is the message. */
export function parseHeader(line: string): ParsedHeader {
  return parseFrom(line, INSIDE);
}

/** The same for what a member of JSON or a cell of a table holds. */
export function parseInnerHeader(text: string): ParsedHeader {
  return parseFrom(text, 0);
}

function parseFrom(line: string, used: number): ParsedHeader {
  const start = skipSpaces(line, line.startsWith(BOM) ? 1 : 0);
  const scanned = scan(line, start, used);
  const end = scanned?.end ?? start;
  return { header: scanned?.header ?? {}, messageStart: skipBlank(line, end) };
}

/** Reads prefixes and a time before a JSON object, which is no header of syslog. `end` is where the line starts without them. */
export function scanPrefixes(line: string): { readonly header: LineHeader; readonly end: number } {
  const start = skipSpaces(line, line.startsWith(BOM) ? 1 : 0);
  return scan(line, start, LAYERS.priority | LAYERS.header) ?? { header: {}, end: start };
}

/**
 * The entries of the table that stand before the message, in the order of the line, as parseHeader finds them. `where`: a
 * member of JSON or a cell (parseInnerHeader), or what stands before JSON (scanPrefixes).
 */
export function listHeaderSteps(line: string, where: 'line' | 'member' | 'before JSON' = 'line'): HeaderStep[] {
  const used = { line: INSIDE, member: 0, 'before JSON': LAYERS.priority | LAYERS.header }[where];
  const steps: HeaderStep[] = [];
  let start = skipSpaces(line, line.startsWith(BOM) ? 1 : 0);
  for (let at = scan(line, start, used); at !== undefined; at = at.rest) {
    const { name, layer } = at.rule.framing;
    steps.push({ name, layer, start, end: at.ownEnd });
    start = layer === 'search' ? at.ownEnd : skipSpaces(line, at.ownEnd);
  }
  return steps;
}

/**
 * Reads a header that begins inside a line, at `at`: where a second line was glued to a cut one. Undefined when there
 * is none. Prefixes that begin with any word are not looked for.
 */
export function parseHeaderAt(line: string, at: number): ParsedHeader | undefined {
  const scanned = scan(line, at, GLUED);
  return scanned && { header: scanned.header, messageStart: skipBlank(line, scanned.end) };
}

/** Entries of layers that are not in `used`, each layer once, from `at` on; undefined when there is none. */
function scan(line: string, at: number, used: number): Scanned | undefined {
  const code = line.charCodeAt(at);
  if (Number.isNaN(code) || isClient(line, at) || line.startsWith(MARKER, at)) return undefined;
  const rules = rulesFor(line, at, code);
  for (const rule of rules) {
    if ((rule.layer & used) !== 0) continue;
    rule.compiled ??= compilePattern(rule.pattern);
    const { regex, fields } = rule.compiled;
    const match = matchAt(regex, line, at);
    const header = match && readMatch(match, fields);
    if (header === undefined) continue;
    const { lastIndex } = regex;
    const next = rule.layer === LAYERS.search ? lastIndex : skipSpaces(line, lastIndex);
    const rest =
      rule.layer === LAYERS.header
        ? scanNested(line, next, header, used)
        : scan(line, next, used | rule.layer | FOREMOST);
    if (rule.before === 'header' && (rest?.header.time === undefined || rest.header.process === undefined)) continue;
    if (rest !== undefined) {
      return { header: Object.assign(header, rest.header), end: rest.end, rule, ownEnd: lastIndex, rest };
    }
    if (rule.before !== undefined && !isKnown(line, next, rule.before)) continue;
    return { header, end: lastIndex, rule, ownEnd: lastIndex, rest: undefined };
  }
  return undefined;
}

/**
 * Reads a second header behind a whole one: what HAProxy wrote to its standard output before docker or systemd put their header
 * in front. It is a priority, with a header of its own or not, or a time alone. A second header without a priority is none: an
 * access line may begin with a time.
 */
function scanNested(line: string, at: number, outer: LineHeader, used: number): Scanned | undefined {
  if (outer.process === undefined || (used & NESTED) !== 0) return undefined;
  const inner = scan(line, at, INNER);
  if (inner === undefined || line.startsWith('<', at)) return inner;
  const isTimeAlone = inner.header.host === undefined && inner.header.process === undefined;
  return isTimeAlone && startsMessage(line, inner.end) ? inner : undefined;
}

/** True where a message may begin that needs no header. */
function isKnown(line: string, at: number, before: Framing['before']): boolean {
  return line.startsWith(MARKER, at) || line[at] === BRACE || (before === 'known' && isClient(line, at));
}

function startsMessage(line: string, at: number): boolean {
  return line.startsWith(MARKER, skipSpaces(line, at));
}

const CLIENT_ADDRESS = new RegExp(CLIENT, 'y');

function isClient(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  return code >= 0x30 && code <= 0x39 && matchAt(CLIENT_ADDRESS, line, at) !== undefined;
}

/** Skips the space before the message: rsyslog leaves one or two, RFC 5424 allows a BOM. */
function skipBlank(line: string, at: number): number {
  const mark = skipSpaces(line, at);
  return line[mark] === BOM ? skipSpaces(line, mark + 1) : mark;
}

function skipSpaces(line: string, at: number): number {
  let end = at;
  while (line[end] === ' ') end += 1;
  return end;
}

function matchAt(pattern: RegExp, line: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(line) ?? undefined;
}
