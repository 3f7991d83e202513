/**
 * What stands before the message of a line: at most one container prefix, then at most one syslog header.
 *
 *     line      = [BOM] container [syslog] blank MESSAGE
 *     container = [compose | kubectl] [CRI | docker -t]
 *     syslog    = [[COUNT SP] "<" PRI ">"] (rfc5424 | rfc3164 | iso | short-full | short-unix)  |  "<" PRI ">"
 *     rfc5424   = "1" SP TIME SP HOST SP APP SP PROCID SP MSGID SP SD        only after <PRI>
 *     rfc3164   = "Nov 22 07:20:40" SP ([HOST SP] TAG | [HOST SP] before "SPOE:")
 *     iso       = "2026-11-22T07:20:40.406960+00:00" SP ([HOST SP] TAG | before "SPOE:")
 *     TAG       = NAME ["[" PID "]"] ":" [":"], before a space or the end
 *     blank     = *SP [BOM] *SP
 *
 * Everything is consumed from the start by these rules and nothing is searched for. What an access line says after its
 * header comes from clients: a rule that skipped to a later `tag:` would let them write events.
 */
import { type HeaderTime, type LineHeader, SEVERITIES } from './record.ts';
import { MARKER } from './spoe-line.ts';
import { inNamedZone, scanBsdTime, scanIsoTime } from './time.ts';

export interface ParsedHeader {
  readonly header: LineHeader;
  /** Index in the line where the message starts. */
  readonly messageStart: number;
}

/** A part that was recognised, and the index behind it. */
interface Scanned {
  readonly header: LineHeader;
  readonly end: number;
}

const BOM = '\ufeff';

/** Reads the header of a line. A line that follows no grammar is raw: an empty header, and all of it is the message. */
export function parseHeader(line: string): ParsedHeader {
  const container = scanContainer(line);
  const syslog = scanSyslog(line, container.end);
  const header = { ...container.header, ...syslog?.header };
  return { header, messageStart: skipBlank(line, syslog?.end ?? container.end) };
}

/**
 * Reads a header that begins inside a line, at `at`: where a second line was glued to a cut one. Undefined when there
 * is none. Prefixes of docker compose and kubectl begin with any word, and are not looked for.
 */
export function parseHeaderAt(line: string, at: number): ParsedHeader | undefined {
  // Every header starts with <, a digit, or the capital of a month or a weekday.
  if (!/[<0-9A-Z]/.test(line.charAt(at))) return undefined;
  const stamp = scanStamp(line, at);
  const syslog = scanSyslog(line, stamp?.end ?? at);
  if (stamp === undefined && syslog === undefined) return undefined;
  const header = { ...stamp?.header, ...syslog?.header };
  return { header, messageStart: skipBlank(line, syslog?.end ?? stamp?.end ?? at) };
}

/** The prefix that a container runtime wrote; `end` is 0 (or 1 after a BOM) without one. */
export function scanContainer(line: string): Scanned {
  const start = line.startsWith(BOM) ? 1 : 0;
  const label = matchAt(COMPOSE, line, start) ?? matchAt(KUBECTL, line, start);
  const end = label === undefined ? start : start + label[0].length;
  return scanStamp(line, end) ?? { header: {}, end };
}

// `haproxy-1  | `: compose pads the longest name with two spaces. One is enough only after a replica number, because
// `%b | %[capture…]` is a plausible log-format. The letter at the start keeps addresses of clients out.
const COMPOSE = /(?:[A-Za-z][\w.@-]{0,200}[-_]\d{1,4} +|[A-Za-z][\w.@-]{0,200} {2,})\| /y;
// kubectl logs --prefix: `[pod/NAME/CONTAINER] `
const KUBECTL = /\[pod\/[!-Z\\^-~]+\] /y;
// The Kubernetes CRI log format; P is a part of a long line.
const CRI = / (?:stdout|stderr) [FP] /y;

/** CRI, or the time of `docker logs -t`: an ISO time before a header of its own (else it is that header). */
function scanStamp(line: string, at: number): Scanned | undefined {
  const iso = scanIsoTime(line, at);
  if (iso === undefined || line[iso.end] !== ' ') return undefined;
  const header = { time: iso.time };
  const cri = matchAt(CRI, line, iso.end);
  if (cri !== undefined) return { header, end: iso.end + cri[0].length };
  const end = iso.end + 1;
  return line[end] === '{' || scanSyslog(line, end) !== undefined ? { header, end } : undefined;
}

// RFC 6587 section 3.4.1: the octet count is there only together with <PRI>. Its value is not checked: lines get cut.
const PRI = /(?:[1-9]\d{0,9} )?<(0|[1-9]\d{0,2})>/y;
const MAX_PRI = 191;

function scanSyslog(line: string, at: number): Scanned | undefined {
  const pri = matchAt(PRI, line, at);
  const value = Number(pri?.[1]);
  const severity = SEVERITIES[value & 7];
  if (pri === undefined || value > MAX_PRI || severity === undefined) return scanDated(line, at);
  const end = at + pri[0].length;
  const rest = scanRfc5424(line, end) ?? scanDated(line, end);
  // HAProxy's `priority` and `short` formats: the message follows at once.
  return { header: { ...rest?.header, severity }, end: rest?.end ?? end };
}

function scanDated(line: string, at: number): Scanned | undefined {
  return scanRfc3164(line, at) ?? scanShortFull(line, at) ?? scanIso(line, at) ?? scanShortUnix(line, at);
}

const TOKEN = '[!-~]+';
const RFC5424_IDS = new RegExp(` (${TOKEN}) (${TOKEN}) (${TOKEN}) ${TOKEN} `, 'y');
// Quoted values hold \", \\ and \] (RFC 5424 section 6.3.3).
const SD_NAME = '[!#-<>-\\\\^-~]+';
const SD_PARAM = ` ${SD_NAME}="(?:\\\\.|[^"\\\\])*"`;
const RFC5424_SD = new RegExp(`(?:-|(?:\\[${SD_NAME}(?:${SD_PARAM})*\\])+)(?= |$)`, 'y');

function scanRfc5424(line: string, at: number): Scanned | undefined {
  if (!line.startsWith('1 ', at)) return undefined;
  const nil = line.startsWith('- ', at + 2);
  const stamp = nil ? { time: undefined, end: at + 3 } : scanIsoTime(line, at + 2);
  if (stamp === undefined) return undefined;
  const ids = matchAt(RFC5424_IDS, line, stamp.end);
  if (ids === undefined) return undefined;
  const sdStart = stamp.end + ids[0].length;
  const sd = matchAt(RFC5424_SD, line, sdStart);
  if (sd === undefined) return undefined;
  const [, host, app, procid] = ids;
  return { header: headerOf(stamp.time, host, app, procid), end: sdStart + sd[0].length };
}

// IPv6 addresses, syslog-ng's `source@host/relay`. One colon alone is refused: 192.0.2.7:4711 is a client, not a host.
const HOST = /([\w.:/@%~-]+) /y;
// After an RFC 3164 time comes what the operator or the syslog daemon wrote: any log-tag is taken.
const LOOSE_TAG = /([!-Z\\^-~\u0080-\uffff]+)\[([!-Z\\^-~]*)\]::?(?= |$)|([!-9;-Z\\^-~\u0080-\uffff]+)::?(?= |$)/y;
// After an ISO time may come the access line itself (HAProxy's `iso` and `timed`): only plain tags are taken there.
const STRICT_TAG = /([A-Za-z0-9_][\w.@+/-]*)(?:\[(\d+)\])?::?(?= |$)/y;

function scanRfc3164(line: string, at: number): Scanned | undefined {
  const stamp = scanBsdTime(line, at);
  if (stamp === undefined || line[stamp.end] !== ' ') return undefined;
  return scanOrigin(line, stamp.end + 1, stamp.time, LOOSE_TAG);
}

function scanIso(line: string, at: number): Scanned | undefined {
  const stamp = scanIsoTime(line, at);
  if (stamp === undefined || line[stamp.end] !== ' ') return undefined;
  return scanOrigin(line, stamp.end + 1, stamp.time, STRICT_TAG);
}

// journalctl -o short-full: `Sun 2026-11-22 07:20:40 UTC host tag[pid]:`
const WEEKDAY = /(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) /y;
const ABBREVIATION = / ([A-Za-z]{1,6}|[+-]\d\d(?:\d\d)?) /y;

function scanShortFull(line: string, at: number): Scanned | undefined {
  if (matchAt(WEEKDAY, line, at) === undefined) return undefined;
  const stamp = scanIsoTime(line, at + 4);
  const zone = stamp === undefined ? undefined : matchAt(ABBREVIATION, line, stamp.end);
  if (stamp === undefined || zone === undefined) return undefined;
  const time = inNamedZone(stamp.time, zone[1] ?? '');
  return time === undefined ? undefined : scanHostAndTag(line, stamp.end + zone[0].length, time, STRICT_TAG);
}

// journalctl -o short-unix: `1795331640.406960 host tag[pid]:`
const UNIX_TIME = /(\d{10})\.(\d{3})\d{0,6} /y;

function scanShortUnix(line: string, at: number): Scanned | undefined {
  const stamp = matchAt(UNIX_TIME, line, at);
  if (stamp === undefined) return undefined;
  const epochMs = Number(stamp[1]) * 1000 + Number(stamp[2]);
  return scanHostAndTag(line, at + stamp[0].length, { kind: 'absolute', epochMs }, STRICT_TAG);
}

/** `TAG`, `HOST TAG`, or nothing before `SPOE:`. */
function scanOrigin(line: string, at: number, time: HeaderTime, tag: RegExp): Scanned | undefined {
  if (startsMessage(line, at)) return { header: { time }, end: at };
  return scanTag(line, at, tag, time) ?? scanHostAndTag(line, at, time, tag);
}

/** Templates that put `%msg%` after a space leave two of them. */
function startsMessage(line: string, at: number): boolean {
  return line.startsWith(MARKER, skipSpaces(line, at));
}

function scanHostAndTag(line: string, at: number, time: HeaderTime, tag: RegExp): Scanned | undefined {
  const host = matchAt(HOST, line, at);
  const name = host?.[1];
  if (host === undefined || name === undefined || name.split(':').length === 2) return undefined;
  const end = at + host[0].length;
  // What rsyslog makes of HAProxy's raw format: `SPOE:` is the tag. Not after an ISO time, where the host could be the
  // first field of an access line.
  if (tag === LOOSE_TAG && startsMessage(line, end)) return { header: headerOf(time, name), end };
  return scanTag(line, end, tag, time, name);
}

function scanTag(line: string, at: number, tag: RegExp, time: HeaderTime, host?: string): Scanned | undefined {
  const match = matchAt(tag, line, at);
  if (match === undefined) return undefined;
  const process = match[1] ?? match[3];
  // `SPOE:` begins a message; it is nobody's tag.
  if (process === 'SPOE' && match[2] === undefined) return undefined;
  return { header: headerOf(time, host, process, match[2]), end: at + match[0].length };
}

/** `-` is RFC 5424's NILVALUE: absent. */
function headerOf(time: HeaderTime | undefined, host?: string, process?: string, procid?: string): LineHeader {
  const header: { -readonly [key in keyof LineHeader]: LineHeader[key] } = {};
  const pid = parsePid(procid);
  if (time !== undefined) header.time = time;
  if (host !== undefined && host !== '-') header.host = host;
  if (process !== undefined && process !== '-') header.process = process;
  if (pid !== undefined) header.pid = pid;
  return header;
}

/** Plain digits up to 2^32-1; undefined otherwise. */
export function parsePid(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const pid = Number(text);
  return pid <= 0xffff_ffff ? pid : undefined;
}

/** rsyslog leaves one or two spaces before the message; RFC 5424 allows a BOM there. */
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
