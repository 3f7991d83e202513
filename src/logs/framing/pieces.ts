/**
 * The pieces that patterns of framings (framings.ts) are made of: `{iso} {host} {tag}`. What a piece says goes into named
 * groups, which `readGroups` turns into a header.
 *
 * A piece matches exactly what it names. None skips over text: what follows a header comes from clients.
 */
import { monthNumber } from '../month-names.ts';
import type { HeaderTime, LineHeader } from '../record.ts';
import { SEVERITIES } from '../record.ts';
import { parseSeverity } from '../severity.ts';
import { MARKER } from '../spoe-line.ts';
import { readWrittenTime } from '../time.ts';
import { ZONE_NAMES } from '../zone-names.ts';

interface Piece {
  /** Source of a regular expression. */
  readonly source: string;
  /** What the first character can be. */
  readonly first: string;
}

const LETTER = 'A-Za-z\\u00c0-\\u024f\\u0370-\\u04ff';
/** A port of a client may look like another one. */
const YEAR = '(?:19|20)\\d\\d';
const WEEKDAY = `[${LETTER}]{2,5}\\.?,?`;
const MONTH = `(?<month>[${LETTER}]{2,9})\\.?`;
const CLOCK = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)(?:[.,](?<fraction>\\d{1,9})(?!\\d))?';
/** Digits directly behind the time or after a space, names after a space. */
const ZONE = `(?:(?<zone>Z|[+-]\\d\\d:?\\d\\d)| (?<namedZone>[+-]\\d\\d(?::?\\d\\d)?|${ZONE_NAMES})(?=[ \\]:]|$))?`;

/** An address with its port begins an access line. */
export const CLIENT = '\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}:\\d';

const FACILITY_NAME =
  '(?:kern|user|mail|daemon|auth|authpriv|security|syslog|lpr|news|uucp|cron|clock|ftp|ntp|audit|alert|local[0-7])';
const SEVERITY_NAME = `(?:${SEVERITIES.join('|')}|panic|error|warn)`;

/** `local0.notice`, in brackets or not, as busybox, OpenWrt and rsyslog's %pri-text% write it. Several in one pattern. */
function facility(group: string): string {
  const severity = `(?<${group}>${SEVERITY_NAME})`;
  return `(?:[<[(]?${FACILITY_NAME}[.:/]${severity}(?:<\\d{1,3}>)?[>\\])]?|(?<${group}Alone>\\[${SEVERITY_NAME}\\]))`;
}

// IPv6 addresses, syslog-ng's `source@host/relay`. One colon alone is refused: 192.0.2.7:4711 is a
// client, not a host; so are a path, a number and a date.
const HOST = '(?![^ :]*:[^ :]* |\\d{4}-\\d\\d-|\\d+(?:\\.\\d+)? |/)(?<host>[\\w.:/@%~-]+)';
/** A relay that adds the host again: OpenShift's sidecar; as a short name and in full. Another name is not skipped. */
const HOST_AGAIN = '(?: \\k<host>(?:\\.[\\w.-]+)?)?';

// `SPOE:` begins a message; it is nobody's tag. Quotes, braces and a path without a pid begin what a client sent.
const LOOSE_TAG =
  '(?!SPOE::?(?: |$))(?:(?<looseProcess>(?:(?!["{}])[!-Z\\\\^-~\\u0080-\\uffff]){1,200})\\[(?<loosePid>[!-Z\\\\^-~]{0,64})\\]|(?<looseName>(?!/)(?:(?!["{}])[!-9;-Z\\\\^-~\\u0080-\\uffff]){1,200}))';
const STRICT_TAG = '(?!SPOE::?(?: |$))(?<process>[A-Za-z0-9_][\\w.@+/-]*)(?:\\[(?<pid>[\\w.-]+)\\])?';
/** `::` is what HAProxy's `log-tag x:` makes. */
const TAG_END = `(?::?:| ${facility('facilityInTag')}:)(?= |$)(?: +${facility('facilityAfterTag')}:?(?= |$))?`;

/** `[HOST [HOST]] TAG`, with a facility before any of them or behind the tag. */
function origin(tag: string): string {
  return `(?:${facility('facilityFirst')} )?(?:${HOST}${HOST_AGAIN} )??(?:${facility('facilityBeforeTag')} )?${tag}${TAG_END}`;
}

// Quoted values hold \", \\ and \] (RFC 5424 section 6.3.3).
const SD_NAME = '[!#-<>-\\\\^-~]+';
const SD_PARAM = ` ${SD_NAME}="(?:\\\\.|[^"\\\\])*"`;

// The last part of a generated pod's name: kubernetes leaves out vowels, 0, 1 and 3.
const POD_HASH = '[bcdfghjklmnpqrstvwxz2456789]{5}';
// Pods of a stateful set end in a number, as servers do: only one that is called after a proxy is taken for a pod.
const PROXY = '[a-z0-9.-]*(?:haproxy|hapee|ingress|router|proxy|gateway)[a-z0-9.-]*';
const POD = `(?<podHost>[a-z0-9][a-z0-9.-]{0,240}-${POD_HASH}|${PROXY}-\\d{1,4})`;
const CONTAINER = '[a-z][a-z0-9-]{0,62}';

// No quotes and braces: they begin what a client sent.
const LOG_FILE =
  '(?:[\\w.+@%~=,/-]*/)?[\\w.+@%~=,-]*(?:\\.(?:log|txt|out|err|jsonl?|ndjson|gz|xz|bz2|zst|\\d{1,8})|\\.log[\\w.-]+|messages|syslog|haproxy|current)';

const LABELS = '\\{(?:\\w+="(?:\\\\.|[^"\\\\])*"(?:, ?)?)*\\}';

const PIECES = {
  /** `2026-11-22T07:20:40.406960+00:00`, with a space for the T, slashes for the dashes, a zone after a space. */
  iso: { source: `(?<year>\\d{4})[-/](?<monthNumber>\\d\\d)[-/](?<day>\\d\\d)[T ]${CLOCK}${ZONE}`, first: '0-9' },
  /** `Nov 22 07:20:40` with the day first or the month first, a weekday, a year at any place, a zone, any locale. */
  date: {
    source:
      `(?:${WEEKDAY} )?(?:(?<yearFirst>${YEAR})[ -])?(?:${MONTH}[ -] ?(?<day>\\d{1,2})|(?<dayFirst>\\d{1,2})\\.?[ -]${MONTH.replace('month', 'monthSecond')})` +
      `(?:,?[ -](?<yearSecond>${YEAR}))?,? ${CLOCK}(?: (?<yearThird>${YEAR}))?${ZONE}(?: (?<yearLast>${YEAR}))?:?`,
    first: `0-9${LETTER}`,
  },
  /** `11月 22 07:20:40`, `2026年11月22日 07:20:40`: journalctl in Chinese, Japanese and Korean. */
  cjkDate: {
    source: `(?:(?<year>${YEAR})[年년] ?)?(?<monthNumber>\\d{1,2})[月월] ?(?<day>\\d{1,2})[日일]?(?: [\\u3040-\\u9fff\\uac00-\\ud7af()]{1,5})? ${CLOCK}${ZONE}`,
    first: '0-9',
  },
  /** svlogd -tt: no access format begins with it. */
  runitTime: { source: `(?<year>\\d{4})-(?<monthNumber>\\d\\d)-(?<day>\\d\\d)_${CLOCK}`, first: '0-9' },
  /** journalctl's microseconds: `%Ts.%ms` may begin an access line. */
  epoch: { source: '(?<epoch>\\d{10}\\.\\d{3})\\d{3}', first: '0-9' },
  tai64n: { source: '@(?<tai64n>4[0-9a-f]{23})', first: '@' },
  /** Seconds since the machine started: no moment. */
  monotonic: { source: ' *\\d{1,10}\\.\\d{6}(?: <[ 0-9.-]{1,20}>)?', first: '[' },
  weekday: { source: WEEKDAY, first: LETTER },
  /** Of one zone or several (CST). */
  abbreviation: { source: '(?<abbreviation>[A-Za-z]{1,6}|[+-]\\d\\d(?:\\d\\d)?)', first: LETTER },

  octets: { source: '[1-9]\\d{0,9}(?= <\\d{1,3}>)', first: '1-9' },
  pri: { source: '<(?<pri>0|[1-9]\\d{0,2})>', first: '<' },
  facility: { source: facility('facility'), first: '<[(a-z' },
  host: { source: HOST, first: '!-~' },
  /** After a time that only the operator and syslog daemons write: any log-tag. */
  looseOrigin: { source: origin(LOOSE_TAG), first: '!-~' },
  /** After a time that may begin an access line (HAProxy's `iso` and `timed`): only plain tags. */
  strictOrigin: { source: origin(STRICT_TAG), first: '!-~' },
  strictTag: { source: `${STRICT_TAG}${TAG_END}`, first: '!-~' },
  /** Fields of RFC 5424; `-` is its NILVALUE. */
  nil: { source: '-', first: '-' },
  token: { source: '[!-~]+', first: '!-~' },
  hostToken: { source: '(?<host>[!-~]+)', first: '!-~' },
  processToken: { source: '(?<process>[!-~]+)', first: '!-~' },
  pidToken: { source: '(?<pid>[!-~]+)', first: '!-~' },
  structuredData: { source: `(?:-|(?:\\[${SD_NAME}(?:${SD_PARAM})*\\])+)(?= |$)`, first: '-[' },

  criStream: { source: '(?:stdout|stderr)', first: 's' },
  /** P is a part of a long line. */
  criFlag: { source: '[FP]', first: 'FP' },
  pod: { source: POD, first: 'a-z0-9' },
  container: { source: CONTAINER, first: 'a-z0-9' },
  namespace: { source: CONTAINER, first: 'a-z0-9' },
  /** Whatever kubernetes calls a pod, where brackets and a word say that it is one. */
  anyPod: { source: '(?<podHost>[!-.0-Z\\\\^-~]+)', first: '!-~' },
  anyContainer: { source: '[!-Z\\\\^-~]+', first: '!-~' },
  // Compose pads the longest name with two spaces. One is enough only after a replica number, because
  // `%b | %[capture…]` is a plausible log-format. The letter at the start keeps addresses of clients out.
  service: {
    source: '(?<podHost>[A-Za-z][\\w.@-]{0,200}[-_]\\d{1,4}(?= +\\|)|[A-Za-z][\\w.@-]{0,200}(?= {2,}\\|)) +',
    first: 'A-Za-z',
  },
  file: { source: LOG_FILE, first: '\\w.+@%~=,/-' },
  number: { source: '\\d{1,12}', first: '0-9' },
  word: { source: '[!-~]+', first: '!-~' },
  /** A log stream of CloudWatch: an ECS task, an EC2 instance, a container's file. A client's path begins with a slash. */
  stream: {
    source:
      '(?:[A-Za-z][\\w.-]*(?:/[\\w.-]+)*/(?<podHost>[0-9a-f]{32})|(?<instanceHost>i-[0-9a-f]{8,17})|(?:[\\w.-]+\\.)?(?<fileHost>[a-z0-9.-]+)_[a-z0-9-]+_[a-z0-9-]+-[0-9a-f]{64}(?:\\.log)?)',
    first: 'A-Za-z0-9',
  },
  labels: { source: `(?<labels>${LABELS})`, first: '{' },
  facilityWord: { source: `${FACILITY_NAME.replace('(?:', '(?:[Ll]ocal[0-7]|')}`, first: 'A-Za-z' },
  severityWord: { source: `(?<severityWord>[A-Z]?[a-z]{2,9})`, first: 'A-Za-z' },

  /** The message of an SPOE line comes next; templates that put `%msg%` after a space leave two of them. */
  marker: { source: `(?= *${MARKER})`, first: ' S' },
  /** The message of an SPOE line or of an access line that begins with a client's address. */
  message: { source: `(?= *(?:${MARKER}|${CLIENT}))`, first: ' S0-9' },
} as const satisfies Readonly<Record<string, Piece>>;

const PIECE = /\{([A-Za-z0-9]+)\}/g;

/** A pattern as a sticky expression, and what its first character can be. Throws on a piece that does not exist. */
export function compilePattern(pattern: string): { readonly regex: RegExp; readonly first: RegExp } {
  const lookUp = (name: string): Piece => {
    if (!Object.hasOwn(PIECES, name)) throw new Error(`no such piece of a framing: {${name}} in ${pattern}`);
    return PIECES[name as keyof typeof PIECES];
  };
  let source = '';
  let at = 0;
  let first: string | undefined;
  for (const match of pattern.matchAll(PIECE)) {
    const literal = pattern.slice(at, match.index);
    const piece = lookUp(match[1] ?? '');
    first ??= literal === '' ? piece.first : literal.charAt(0);
    source += escapeLiteral(literal) + piece.source;
    at = match.index + match[0].length;
  }
  source += escapeLiteral(pattern.slice(at));
  first ??= pattern.charAt(0);
  return { regex: new RegExp(source, 'y'), first: new RegExp(`[${first.replace(/[[\]]/g, '\\$&')}]`) };
}

function escapeLiteral(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

type Groups = Readonly<Record<string, string | undefined>>;

/** The header that the groups of a match say; undefined when a part of it cannot be: February 30, <192>. */
export function readGroups(groups: Groups): LineHeader | undefined {
  const time = hasTime(groups) ? readTime(groups) : undefined;
  if (time === undefined && hasTime(groups)) return undefined;
  const severity = readSeverity(groups);
  if (severity === undefined && groups.pri !== undefined) return undefined;
  const label = groups.labels === undefined ? undefined : readLabel(groups.labels);
  const host = groups.host ?? groups.podHost ?? groups.instanceHost ?? groups.fileHost ?? label;
  const process = groups.process ?? groups.looseProcess ?? groups.looseName;
  const pid = parsePid(groups.pid ?? groups.loosePid);
  const header: { -readonly [key in keyof LineHeader]: LineHeader[key] } = {};
  if (time !== undefined) header.time = time;
  if (host !== undefined && host !== '-') header.host = host;
  if (process !== undefined && process !== '-') header.process = process;
  if (pid !== undefined) header.pid = pid;
  if (severity !== undefined) header.severity = severity;
  return header;
}

function hasTime(groups: Groups): boolean {
  return groups.hour !== undefined || groups.epoch !== undefined || groups.tai64n !== undefined;
}

function readTime(groups: Groups): HeaderTime | undefined {
  if (groups.epoch !== undefined) return { kind: 'absolute', epochMs: Math.round(Number(groups.epoch) * 1000) };
  if (groups.tai64n !== undefined) return readTai64n(groups.tai64n);
  const name = groups.month ?? groups.monthSecond;
  const month = name === undefined ? Number(groups.monthNumber) : monthNumber(name);
  if (month === undefined) return undefined;
  return readWrittenTime({
    month,
    year: groups.year ?? groups.yearFirst ?? groups.yearSecond ?? groups.yearThird ?? groups.yearLast,
    day: groups.day ?? groups.dayFirst,
    hour: groups.hour,
    minute: groups.minute,
    second: groups.second,
    fraction: groups.fraction,
    zone: groups.zone ?? groups.namedZone ?? groups.abbreviation,
  });
}

// cr.yp.to/libtai/tai64.html: 2^62 + seconds, ten ahead of UTC as daemontools and s6 write them; then nanoseconds.
const TAI64_EPOCH = 0x4000_0000_0000_0000n + 10n;

function readTai64n(hex: string): HeaderTime | undefined {
  const seconds = Number(BigInt(`0x${hex.slice(0, 16)}`) - TAI64_EPOCH);
  const nanos = Number.parseInt(hex.slice(16), 16);
  if (seconds < 0 || seconds > 253_402_300_799 || nanos > 999_999_999) return undefined;
  return { kind: 'absolute', epochMs: seconds * 1000 + Math.floor(nanos / 1e6) };
}

const MAX_PRI = 191;
const FACILITY_GROUPS = ['facility', 'facilityFirst', 'facilityBeforeTag', 'facilityInTag', 'facilityAfterTag'];

function readSeverity(groups: Groups): LineHeader['severity'] {
  if (groups.pri !== undefined) {
    const value = Number(groups.pri);
    return value > MAX_PRI ? undefined : SEVERITIES[value & 7];
  }
  for (const name of FACILITY_GROUPS) {
    const word = groups[name] ?? groups[`${name}Alone`]?.slice(1, -1);
    if (word !== undefined) return parseSeverity(word);
  }
  return groups.severityWord === undefined ? undefined : parseSeverity(groups.severityWord);
}

/** Who wrote the line, as Loki's labels say it: the pod or the container where no host is named. */
function readLabel(labels: string): string | undefined {
  for (const name of ['hostname', 'host', 'instance', 'pod', 'container_name', 'container']) {
    const value = new RegExp(`[{ ,]${name}="([!-~]+?)"`).exec(labels)?.[1];
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Plain digits up to 2^32-1; undefined otherwise. */
export function parsePid(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const pid = Number(text);
  return pid <= 0xffff_ffff ? pid : undefined;
}
