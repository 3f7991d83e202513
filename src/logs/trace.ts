/**
 * The way of one line through the reader, which shows why it is or is not an event. Nothing is decided here: this asks each
 * part that reads logs what it took.
 */

import { FastScanner } from './fast-scanner.ts';
import { type HeaderStep, listHeaderSteps, parseHeader } from './header.ts';
import { MAX_LINE_BYTES } from './interpreter.ts';
import { type LineSource, type OpenedLine, openJsonLine, openTableLine } from './json-line.ts';
import { findAccessTrace, LONGEST_HEADER, mayHoldSpoe, parseRecords, TEXT_MARKER, withoutColours } from './line.ts';
import { Names } from './names.ts';
import type { LineHeader, ParsedLine } from './record.ts';
import { type FollowedMessage, followMessage, MARKER, trimEnd } from './spoe-line.ts';
import { LineTally } from './tally.ts';
import { TimeResolver } from './time.ts';

/** Part of a text that was recognised: text.slice(start, end). */
export interface TraceStep extends HeaderStep {
  readonly text: string;
}

/** The decider about a line: the fast scanner alone, the plain reader once and then the fast one, or always the plain one. */
export type Decider =
  | { readonly by: 'fast'; readonly because: string }
  | { readonly by: 'plain, then fast'; readonly because: string }
  | { readonly by: 'plain'; readonly because: string };

export interface LineTrace {
  /** The text that was read: without NULs, colours and CRs at the end, at most 64 KiB. */
  readonly text: string;
  /** Notes on what was removed from the line before it was read. */
  readonly notes: readonly string[];
  /** The steps before the message, or before JSON. */
  readonly steps: readonly TraceStep[];
  /** The line is JSON, or a row of a table. */
  readonly container?: {
    readonly source: LineSource | undefined;
    readonly records: number;
    /** The steps within the text that the member holds. */
    readonly steps: readonly TraceStep[];
  };
  readonly header: LineHeader;
  /** The position where the message starts, in `text` or in the member's text. */
  readonly messageStart: number;
  /** The position of `SPOE:` in the same text; -1 when it is nowhere. */
  readonly markerStart: number;
  /** The message through the grammar of an event, when it starts with the marker. */
  readonly message?: FollowedMessage & { readonly text: string };
  readonly parsed: readonly ParsedLine[];
  /** The reason why it is no event; undefined when it is one. */
  readonly refusal: string | undefined;
  readonly decider: Decider;
}

/** @param line without its newline */
export function traceLine(line: string): LineTrace {
  const bytes = Buffer.from(line.replaceAll('\0', ''));
  const cut = bytes.length > MAX_LINE_BYTES ? bytes.toString('utf8', 0, MAX_LINE_BYTES) : line;
  const text = trimEnd(withoutColours(cut.replaceAll('\0', '')), '\r');
  const parsed = parseRecords(cut);
  const json = mayHoldSpoe(text) ? openJsonLine(text) : undefined;
  const table = json === undefined ? openTable(text, parsed) : undefined;
  const opened = json ?? table;
  const place = opened === undefined ? placeInLine(text) : placeInMember(text, opened, table === undefined);
  const messageText = place.within.slice(place.messageStart);
  const isMessage = messageText.startsWith(MARKER);
  return {
    text,
    notes: notesOf(line, cut, text),
    ...place,
    markerStart: place.within.indexOf(MARKER),
    ...(isMessage && { message: { ...followMessage(messageText), text: messageText } }),
    parsed,
    refusal: refusalOf(parsed[0] as ParsedLine, place.within, place.messageStart, opened),
    decider: findDecider(Buffer.from(line.replaceAll('\n', ' '))),
  };
}

interface Place extends Pick<LineTrace, 'steps' | 'header' | 'messageStart' | 'container'> {
  /** The text that the message is in. */
  readonly within: string;
}

function placeInLine(text: string): Place {
  const { header, messageStart } = parseHeader(text);
  return { steps: withText(listHeaderSteps(text), text), header, messageStart, within: text };
}

function placeInMember(text: string, opened: readonly OpenedLine[], isJson: boolean): Place {
  const first = opened.find(({ source }) => source !== undefined);
  const within = first?.source?.text ?? '';
  return {
    steps: isJson ? withText(listHeaderSteps(text, 'before JSON'), text) : [],
    container: {
      source: first?.source,
      records: opened.length,
      steps: withText(listHeaderSteps(within, 'member'), within),
    },
    header: first?.header ?? {},
    messageStart: within.length - (first?.message.length ?? 0),
    within,
  };
}

function withText(steps: readonly HeaderStep[], text: string): TraceStep[] {
  return steps.map((step) => ({ ...step, text: text.slice(step.start, step.end) }));
}

/** A row of a table is one only where no header leads to the message. */
function openTable(text: string, [first]: readonly ParsedLine[]): readonly OpenedLine[] | undefined {
  if (first === undefined || first.kind === 'none' || text.startsWith(MARKER, parseHeader(text).messageStart))
    return undefined;
  const opened = openTableLine(text);
  return opened?.message.startsWith(MARKER) ? [opened] : undefined;
}

function notesOf(line: string, cut: string, text: string): string[] {
  const notes: string[] = [];
  if (line.includes('\0')) notes.push('NULs are left out');
  if (Buffer.byteLength(line.replaceAll('\0', '')) > MAX_LINE_BYTES) notes.push(`cut after ${MAX_LINE_BYTES} bytes`);
  if (withoutColours(cut) !== cut) notes.push('colours of a terminal are left out');
  if (cut.endsWith('\r') && !text.endsWith('\r')) notes.push('the CR at its end is left out');
  return notes;
}

/** The reason why a line is no event, asked in the order of line.ts. */
function refusalOf(
  parsed: ParsedLine,
  within: string,
  messageStart: number,
  opened: readonly OpenedLine[] | undefined,
): string | undefined {
  const first = opened?.[0];
  switch (parsed.kind) {
    case 'event':
      return undefined;
    case 'other':
      return 'a message of the SPOE filter that reports no event';
    case 'malformed':
      if (first?.torn === true) return 'it begins like JSON and is none: it was cut';
      return 'it begins as an event and does not go on as one: cut, damaged, or a number too large';
    case 'unread':
      return 'it ends in a whole event, and what stands before that is no header of the table';
    case 'spoofed':
      return whyNotUnread(within, messageStart);
    case 'none':
      if (first?.torn === true) return 'it begins like JSON and is none, and no marker stands in it';
      if (opened?.every(({ source }) => source === undefined)) return 'JSON in which no member is known to hold a line';
      return within.includes(MARKER)
        ? `${MARKER} is in it, but not where the message starts, and not as "${TEXT_MARKER}"`
        : `there is no ${MARKER} in it`;
  }
}

/** The reason why a marker that stands elsewhere is the text of a client. */
function whyNotUnread(within: string, messageStart: number): string {
  const marker = within.indexOf(TEXT_MARKER, messageStart);
  const start = messageStart < within.length ? messageStart : 0;
  if (marker < 0) return 'the marker stands where a client can write, before the end of the header';
  const where = 'the marker is not where the message starts';
  if (marker - start > LONGEST_HEADER) return `${where}, and more than ${LONGEST_HEADER} characters behind it`;
  const trace = findAccessTrace(within.slice(start, marker));
  if (trace !== undefined)
    return `${where}, and before it stands what access lines have: ${JSON.stringify(trace.slice(0, 60))}`;
  return `${where}, and what follows it is no whole event`;
}

/** Asks the fast scanner itself: a second line that is the same shows what it learned from the first. */
function findDecider(line: Buffer): Decider {
  const scanner = new FastScanner(
    new Names(),
    new LineTally(),
    new TimeResolver({ zone: { offsetMinutes: 0 }, referenceMs: 0 }),
    () => {},
  );
  const rest = Math.min(line.length, scanner.input.length - 1);
  const scan = () => {
    line.copy(scanner.input, 0, 0, rest);
    scanner.input[rest] = 0x0a;
    scanner.scan(0, rest + 1);
    return scanner.plainLines;
  };
  const first = scan();
  if (first === 0) return { by: 'fast', because: 'there is no marker in it, so it is skipped' };
  const because = scanner.plainBecause;
  if (scan() === first)
    return { by: 'plain, then fast', because: 'the first one teaches the fast scanner its header and event' };
  return { by: 'plain', because: because ?? 'the fast scanner does not understand all of it' };
}
