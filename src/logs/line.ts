/**
 * One line of a log: header, message, and which of the five kinds it is (record.ts).
 *
 * This is the plain path: readable, and the definition of what every line means. It never throws.
 */
import { parseHeader, parseHeaderAt } from './header.ts';
import { type OpenedLine, openJsonLine } from './json-line.ts';
import type { LineHeader, ParsedLine, SpoeEvent } from './record.ts';
import { MARKER, parseMessage, tornLength, trimEnd, trimTail } from './spoe-line.ts';

/** In the text of a line, but not at its message's start, this is something a client sent. */
const SPOOF_MARKER = 'SPOE: [';

const NONE: ParsedLine = { kind: 'none' };
const SPOOFED: ParsedLine = { kind: 'spoofed' };

/** Reads one line, without its newline. NULs (holes that copytruncate leaves) and CRs at its end are ignored. */
export function parseLine(line: string): ParsedLine {
  const text = trimEnd(line.replaceAll('\0', ''), '\r');
  if (!text.includes(MARKER)) return NONE;
  const opened = openJsonLine(text) ?? openLine(text);
  const { header, message } = opened;
  if (message.startsWith(MARKER)) return opened.torn ? { kind: 'malformed', header } : readSpoe(opened);
  return readRepeated(opened) ?? (text.includes(SPOOF_MARKER) || message.includes(SPOOF_MARKER) ? SPOOFED : NONE);
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

/** Undefined when the message is not a repeated SPOE message. */
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
