/**
 * One line of a log: header, message, and which of the kinds of record.ts it is.
 *
 * This is the plain path: readable, and the definition of what every line means. It never throws.
 */
import { parseHeader, parseHeaderAt } from './header.ts';
import { describesRequest, type Fields, type OpenedLine, openJsonLine, openTableLine } from './json-line.ts';
import type { LineHeader, ParsedLine, SpoeEvent } from './record.ts';
import { MARKER, parseMessage, tornLength, trimEnd, trimTail } from './spoe-line.ts';

/** The marker inside a line. Away from the start of the message it is a client's text, or a header is not read. */
export const TEXT_MARKER = 'SPOE: [';
/** The character that begins colours, and journald's form of a message that is not UTF-8. */
const ESCAPE = '\u001b';
const COLOURED_MARKER = `SPOE${ESCAPE}`;
const MESSAGE_BYTES = /SSAGE" {0,4}: {0,4}\[/;
/** What these begin with. */
const BARE_MARKER = 'SPOE';
const BYTES_NAME = 'SSAGE"';

const NONE: ParsedLine = { kind: 'none' };
const SPOOFED: ParsedLine = { kind: 'spoofed' };
const NOTHING: readonly ParsedLine[] = [NONE];

/**
 * Reads one line, without its newline. NULs (holes that copytruncate leaves), colours and CRs at its end are ignored. Of
 * a line that holds several records (OTLP) this is the first that is anything: parseRecords has all.
 */
export function parseLine(line: string): ParsedLine {
  return parseRecords(line)[0] ?? NONE;
}

/** The records of a line, as parseLine reads one; a line of JSON may hold several. There is at least one, and `none` only alone. */
export function parseRecords(line: string): readonly ParsedLine[] {
  // The fast path (scanner/assembly) looks at lines with one of these, too, and at no others.
  if (!line.includes('\0') && !mayHoldSpoe(line)) return NOTHING;
  const text = trimEnd(withoutColours(line.replaceAll('\0', '')), '\r');
  if (!mayHoldSpoe(text)) return NOTHING;
  const opened = openJsonLine(text);
  if (opened === undefined)
    return text.includes(MARKER) ? [readTable(readOpened(openLine(text), text), text)] : NOTHING;
  const [only] = opened;
  if (opened.length === 1 && only !== undefined) return [readTable(readOpened(only, text), text)];
  const records = opened.map((record) => readOpened(record, record.message)).filter(({ kind }) => kind !== 'none');
  return records.length > 0 ? records : NOTHING;
}

/** False for a line that cannot be one of SPOE. */
export function mayHoldSpoe(text: string): boolean {
  // Two searches that find nothing decide about most lines.
  const isMarked = text.includes(BARE_MARKER) && (text.includes(MARKER) || text.includes(COLOURED_MARKER));
  return isMarked || (text.includes(BYTES_NAME) && MESSAGE_BYTES.test(text));
}

/** Reads a line without a known header as a row of a table. */
function readTable(parsed: ParsedLine, text: string): ParsedLine {
  if (parsed.kind !== 'spoofed' && parsed.kind !== 'unread') return parsed;
  const opened = openTableLine(text);
  const found = opened === undefined ? NONE : readOpened(opened, opened.message);
  return found.kind === 'none' ? parsed : found;
}

const COLOURS = new RegExp(`${ESCAPE}\\[[0-9;]{0,16}[mK]`, 'g');

/** The line without colours: compose colours names, grep what it finds. HAProxy escapes what a client sends. */
export function withoutColours(line: string): string {
  return line.includes(ESCAPE) ? line.replace(COLOURS, '') : line;
}

/** `text` is the line, or what of it is the record's. */
function readOpened(opened: OpenedLine, text: string): ParsedLine {
  const { header, message, unknown } = opened;
  if (message.startsWith(MARKER)) return opened.torn ? { kind: 'malformed', header } : readSpoe(opened);
  const repeated = readRepeated(opened);
  if (repeated !== undefined) return repeated;
  if (!text.includes(TEXT_MARKER) && !message.includes(TEXT_MARKER)) return NONE;
  if (unknown !== undefined) return isUnreadJson(unknown) ? unread(text) : SPOOFED;
  return isUnread(message === '' ? text : message) ? unread(text) : SPOOFED;
}

// ── headers that are not read ─────────────────────────────────────────────────────────────────────────────────

/** Characters of a header that are kept to be shown. */
const SHOWN_CHARACTERS = 120;
/** No header is longer; an access line may be. */
export const LONGEST_HEADER = 1024;

// Traces of an access line: a request, a common log time, five timers, a client with its port, a status and a size, a
// path, an address, a browser; an odd quote or an open brace, inside of which a client's text stands.
const TRACES_OF_ACCESS = [
  /(?:^|[ "])(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT|PRI) |HTTP\/\d|<BADREQ>|<NOSRV>/,
  /\d\d\/[A-Z][a-z][a-z]\/\d{4}:\d\d|[+-]?\d+(?:\/[+-]?\d+){4}/,
  /(?:\d{1,3}\.){3}\d{1,3}:\d| [1-5]\d\d [\d-]+ |(?:^| )\/[^ :]*(?: |$)|:\/\/|Mozilla\//,
  /^[^"]*"(?:[^"]*"[^"]*")*[^"]*$|\{[^}]*$/,
];

// One member of an object that is written over several lines, of a name that lines have: `"MESSAGE" : "SPOE: …",`.
const MEMBER = /^\s*"?@?[\w.-]*(?:message|msg|log|line|raw|body)[\w.-]*"? *(?::|=>|=) *"(.*?)"?,?$/i;

/** True for a text that ends in a whole event with no access line before it, and for a member that holds one. */
function isUnread(text: string): boolean {
  return endsInEvent(text) || endsInEvent(MEMBER.exec(text)?.[1] ?? '');
}

function endsInEvent(text: string): boolean {
  const marker = text.indexOf(TEXT_MARKER);
  if (marker < 0 || marker > LONGEST_HEADER || parseMessage(text.slice(marker)).kind !== 'event') return false;
  return findAccessTrace(text.slice(0, marker)) === undefined;
}

/** The part of a text that looks like a part of an access line, as it stands there. */
export function findAccessTrace(text: string): string | undefined {
  for (const trace of TRACES_OF_ACCESS) {
    const found = trace.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

const DEEPEST = 5;

/** The same for JSON: a member that is not known holds a line that is an event. */
function isUnreadJson(fields: Fields): boolean {
  return !describesRequest(fields) && holdsEvent(fields, DEEPEST);
}

function holdsEvent(value: unknown, depth: number): boolean {
  if (typeof value === 'string') {
    const message = value.slice(parseHeader(value).messageStart);
    return message.startsWith(TEXT_MARKER) && parseMessage(message.trimEnd()).kind === 'event';
  }
  if (typeof value !== 'object' || value === null || depth === 0) return false;
  return Object.values(value).some((item) => holdsEvent(item, depth - 1));
}

function unread(text: string): ParsedLine {
  return { kind: 'unread', before: text.slice(0, Math.min(text.indexOf(TEXT_MARKER), SHOWN_CHARACTERS)) };
}

/** A line as it stands, or the first record that its JSON holds. */
export function openFirst(line: string): OpenedLine {
  return openJsonLine(line)?.[0] ?? openLine(line);
}

function openLine(line: string): OpenedLine {
  const { header, messageStart } = parseHeader(line);
  const raw = line.slice(0, messageStart).trim() === '';
  return { header, message: line.slice(messageStart), raw, torn: false };
}

function readSpoe(opened: OpenedLine): ParsedLine {
  const { header, message } = opened;
  const result = parseMessage(message);
  if (result.kind === 'event') return { kind: 'event', header, event: result.event, repeat: 1, torn: false };
  const glued = findGlued(message, opened.raw);
  if (glued !== undefined) return { kind: 'event', ...glued, repeat: 1, torn: true };
  return { ...result, header };
}

/**
 * A cut SPOE line with a whole one glued to it (a truncation, a lost newline): the second one, at the end of the text.
 *
 * What stands before its header must be the beginning of an SPOE line and nothing else. A cut line that is followed by
 * an access line is therefore never searched for what a client sent in it.
 */
function findGlued(message: string, raw: boolean): { header: LineHeader; event: SpoeEvent } | undefined {
  const marker = message.lastIndexOf(MARKER);
  const result = marker > 0 ? parseMessage(message.slice(marker)) : undefined;
  if (result?.kind !== 'event') return undefined;
  const limit = Math.min(tornLength(message), marker);
  for (let at = MARKER.length; at <= limit; at += 1) {
    const second = parseHeaderAt(message, at);
    if (second?.messageStart === marker) return { header: second.header, event: result.event };
  }
  // HAProxy's raw format has no header to find.
  return raw && limit === marker ? { header: {}, event: result.event } : undefined;
}

// rsyslog, $RepeatedMsgReduction: `message repeated 3 times: [ SPOE: … ]`
const REPEATED = /^message repeated (\d+) times: \[ *(SPOE:.*)$/s;
const MAX_REPEAT = 100_000;

/** Reads a repeated SPOE message; undefined for any other one. */
function readRepeated({ header, message, torn }: OpenedLine): ParsedLine | undefined {
  const match = REPEATED.exec(message);
  if (match === null) return undefined;
  const [, times, rest = ''] = match;
  const repeat = Number(times);
  const inner = trimTail(rest);
  const malformed = torn || !inner.endsWith(']') || repeat < 1 || repeat > MAX_REPEAT;
  const result = malformed ? ({ kind: 'malformed' } as const) : parseMessage(inner.slice(0, -1));
  if (result.kind === 'event') return { kind: 'event', header, event: result.event, repeat, torn: false };
  return { ...result, header };
}
