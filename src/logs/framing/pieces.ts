/**
 * The pieces that patterns of framings (framings.ts) are made of: `{iso} {host} {tag}`. What a piece says goes into groups
 * that are named after a field of Written; `year1` and `year2` are the year at two places.
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
  /** The characters it can begin with. */
  readonly first: string;
}

const LETTER = 'A-Za-z\\u00c0-\\u024f\\u0370-\\u04ff';
/** A port of a client may look like another one. */
const YEAR = '(?:19|20)\\d\\d';
const WEEKDAY = `[${LETTER}]{2,5}\\.?,?`;
const MONTH = `(?<month>[${LETTER}]{2,9})\\.?`;
const CLOCK = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)(?:[.,](?<fraction>\\d{1,9})(?!\\d))?';
/** Digits directly behind the time or after a space, names after a space. */
const ZONE = `(?:(?<zone>Z|[+-]\\d\\d:?\\d\\d)| (?<zone1>[+-]\\d\\d(?::?\\d\\d)?|${ZONE_NAMES})(?=[ \\]:]|$))?`;

/** An address with its port begins an access line. */
export const CLIENT = '\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}:\\d';

const FACILITY_NAME =
  '(?:kern|user|mail|daemon|auth|authpriv|security|syslog|lpr|news|uucp|cron|clock|ftp|ntp|audit|alert|local[0-7])';
const SEVERITY_NAME = `(?:${SEVERITIES.join('|')}|panic|error|warn)`;

/** `local0.notice`, in brackets or not, as busybox, OpenWrt and rsyslog's %pri-text% write it. Several in one pattern. */
function facility(place: number): string {
  const level = (index: number, digits = '') => `(?<level${index}>${SEVERITY_NAME}${digits})`;
  // FreeBSD's syslogd -vv writes both as numbers.
  const named = `(?:[<[(]?${FACILITY_NAME}|<\\d{1,2})[.:/]${level(place, '|[0-7](?=>)')}`;
  return `(?:${named}(?:<\\d{1,3}>)?[>\\])]?|\\[${level(place + 1)}\\])`;
}
/** `local0 notice`, in two words: only in front of a host. */
const FACILITY_WORDS = `${FACILITY_NAME} (?<level9>${SEVERITY_NAME})`;

// IPv6 addresses, syslog-ng's `source@host/relay`. One colon alone is refused: 192.0.2.7:4711 is a
// client, not a host; so are a path, a number and a date.
const HOST = '(?![^ :]*:[^ :]* |\\d{4}-\\d\\d-|\\d+(?:\\.\\d+)? |/)(?<host>[\\w.:/@%~-]+)';
/** A relay that adds the host again: OpenShift's sidecar; as a short name and in full. Another name is not skipped. */
const HOST_AGAIN = '(?: \\k<host>(?:\\.[\\w.-]+)?)?';

// `SPOE:` begins a message; it is never a tag. Quotes, braces and a path without a pid begin what a client sent.
const LOOSE_TAG =
  '(?!SPOE::?(?: |$))(?:(?<process1>(?:(?!["{}])[!-Z\\\\^-~\\u0080-\\uffff]){1,200})\\[(?<pid1>[!-Z\\\\^-~]{0,64})\\]|(?<process2>(?!/)(?:(?!["{}])[!-9;-Z\\\\^-~\\u0080-\\uffff]){1,200}))';
const STRICT_TAG = '(?!SPOE::?(?: |$))(?<process>[A-Za-z0-9_][\\w.@+/-]*)(?:\\[(?<pid>[\\w.-]+)\\])?';
/** `::` is what HAProxy's `log-tag x:` makes. Some daemons leave no space before the message. */
const TAG_END = `(?::?:| ${facility(1)}:)(?= |$|${MARKER} \\[|${CLIENT})(?: +${facility(3)}:?(?= |$))?`;

/** `[HOST [HOST]] TAG`, with a facility before any of them or behind the tag. `relay`: what may stand before the host. */
function origin(tag: string, relay = ''): string {
  return `(?:(?:${facility(5)}|${FACILITY_WORDS}) )?(?:${relay}${HOST}${HOST_AGAIN} )??(?:${facility(7)} )?${tag}${TAG_END}`;
}
/** The address of rsyslog's %fromhost-ip% in front of the host. */
const RELAY_ADDRESS = '(?:\\d{1,3}(?:\\.\\d{1,3}){3} (?=[\\w.:/@%~-]+ ))?';

// Quoted values hold \", \\ and \] (RFC 5424 section 6.3.3).
const SD_NAME = '[!#-<>-\\\\^-~]+';
const SD_PARAM = ` ${SD_NAME}="(?:\\\\.|[^"\\\\])*"`;

// The last part of a generated pod's name: kubernetes leaves out vowels, 0, 1 and 3.
const POD_HASH = '[bcdfghjklmnpqrstvwxz2456789]{5}';
// Pods of a stateful set end in a number, as servers do: only one that is called after a proxy is taken for a pod.
const PROXY = '[a-z0-9.-]*(?:haproxy|hapee|ingress|router|proxy|gateway)[a-z0-9.-]*';
const POD = `(?<host1>[a-z0-9][a-z0-9.-]{0,240}-${POD_HASH}|${PROXY}-\\d{1,4})`;
const CONTAINER = '[a-z][a-z0-9-]{0,62}';

// No quotes and braces: they begin what a client sent.
const LOG_FILE =
  '(?:[\\w.+@%~=,/-]*/)?[\\w.+@%~=,-]*(?:\\.(?:log|txt|out|err|jsonl?|ndjson|gz|xz|bz2|zst|\\d{1,8})|\\.log[\\w.-]+|messages|syslog|haproxy|current)';

const LABELS = '\\{(?:\\w+="(?:\\\\.|[^"\\\\])*"(?:, ?)?)*\\}';

const ISO = `(?<year>\\d{4})[-/](?<monthNumber>\\d\\d)[-/](?<day>\\d\\d)[T ]${CLOCK}${ZONE}`;
/** One word in front of a line is the name of a backend as well: only what is called after HAProxy is taken. */
const HAPROXY_NAME = '[A-Za-z0-9_-]{0,100}(?:haproxy|hapee)[A-Za-z0-9_-]{0,100}';

const PIECES = {
  /** `2026-11-22T07:20:40.406960+00:00`, with a space for the T, slashes for the dashes, a zone after a space. */
  iso: { source: ISO, first: '0-9' },
  /** A time with nine digits behind the point, as container engines write it. */
  isoNanos: { source: `(?=\\S{19}\\.\\d{9}[Z+-])${ISO}`, first: '0-9' },
  /** A clock without a day: it gives no moment. */
  clock: { source: '\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?', first: '0-9' },
  /** `Nov 22 07:20:40` with the day first or the month first, a weekday, a year at any place, a zone, any locale. */
  date: {
    source:
      `(?:${WEEKDAY} )?(?:(?<year1>${YEAR})[ -])?(?:${MONTH}[ -] ?(?<day>\\d{1,2})|(?<day1>\\d{1,2})\\.?[ -]${MONTH.replace('month', 'month1')})` +
      `(?:,?[ -](?<year2>${YEAR}))?,? ${CLOCK}(?: (?<year3>${YEAR}))?${ZONE}(?: (?<year4>${YEAR}))?:?`,
    first: `0-9${LETTER}`,
  },
  usualDate: {
    source: '(?<month>[A-Z][a-z]{2}) {1,2}(?<day>\\d{1,2}) (?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)',
    first: 'A-Z',
  },
  /** `11月 22 07:20:40`, `2026年11月22日 07:20:40`: journalctl in Chinese, Japanese and Korean. */
  cjkDate: {
    source: `(?:(?<year>${YEAR})[年년] ?)?(?<monthNumber>\\d{1,2})[月월] ?(?<day>\\d{1,2})[日일]?(?: [\\u3040-\\u9fff\\uac00-\\ud7af()]{1,5})? ${CLOCK}${ZONE}`,
    first: '0-9',
  },
  /** The time of svlogd -tt: no access format begins with it. */
  runitTime: { source: `(?<year>\\d{4})-(?<monthNumber>\\d\\d)-(?<day>\\d\\d)_${CLOCK}`, first: '0-9' },
  /** The epoch of journalctl with microseconds: `%Ts.%ms` may begin an access line. */
  epoch: { source: '(?<epoch>\\d{10}\\.\\d{3})\\d{3}', first: '0-9' },
  tai64n: { source: '@(?<tai64n>4[0-9a-f]{23})', first: '@' },
  /** Seconds since the machine started: no moment. */
  monotonic: { source: ' *\\d{1,10}\\.\\d{6}(?: <[ 0-9.-]{1,20}>)?', first: '[' },
  weekday: { source: WEEKDAY, first: LETTER },
  /** The abbreviation of one zone or several (CST). */
  abbreviation: { source: '(?<zone2>[A-Za-z]{1,6}|[+-]\\d\\d(?:\\d\\d)?)', first: LETTER },

  octets: { source: '[1-9]\\d{0,9}(?= <\\d{1,3}>)', first: '1-9' },
  pri: { source: '<(?<pri>0|[1-9]\\d{0,2})>', first: '<' },
  facility: { source: facility(1), first: '<[(a-z' },
  host: { source: HOST, first: '!-~' },
  /** The origin after a time that only the operator and syslog daemons write: any log-tag. */
  looseOrigin: { source: origin(LOOSE_TAG, RELAY_ADDRESS), first: '!-~' },
  /** A host that is no zone, and HAProxy's tag before an event: neither can be a facility. */
  usualOrigin: {
    source: `(?<host>[a-z][a-z0-9_-]*) (?<process>[a-z][a-z-]*)\\[(?<pid>\\d{1,10})\\]:(?= ${MARKER} \\[)`,
    first: 'a-z',
  },
  /** The origin after a time that may begin an access line (HAProxy's `iso` and `timed`): only plain tags. */
  strictOrigin: { source: ` ?${origin(STRICT_TAG)}`, first: '!-~' },
  strictTag: { source: `${STRICT_TAG}${TAG_END}`, first: '!-~' },
  /** Fields of RFC 5424; `-` is its NILVALUE. */
  nil: { source: '-', first: '-' },
  token: { source: '[!-~]+', first: '!-~' },
  hostToken: { source: '(?<host>[!-~]+)', first: '!-~' },
  processToken: { source: '(?<process>[!-~]+)', first: '!-~' },
  pidToken: { source: '(?<pid>[!-~]+)', first: '!-~' },
  structuredData: { source: `(?:-|(?:\\[(?!\\d\\d/[A-Z])${SD_NAME}(?:${SD_PARAM})*\\])+)(?= |$)`, first: '-[' },

  criStream: { source: '(?:stdout|stderr)', first: 's' },
  /** P is a part of a long line. */
  criFlag: { source: '[FP]', first: 'FP' },
  pod: { source: POD, first: 'a-z0-9' },
  container: { source: CONTAINER, first: 'a-z0-9' },
  namespace: { source: `(?<scope>${CONTAINER})`, first: 'a-z0-9' },
  /** The name of any pod, where brackets and a word say that it is one. */
  anyPod: { source: '(?<host1>[!-.0-Z\\\\^-~]+)', first: '!-~' },
  anyContainer: { source: '[!-Z\\\\^-~]+', first: '!-~' },
  // Compose pads the longest name with two spaces. One is enough only after a replica number, because
  // `%b | %[capture…]` is a plausible log-format. The letter at the start keeps addresses of clients out.
  service: {
    source: `(?=[\\w.@-]+ +\\|)(?<host1>[A-Za-z](?:[\\w.@-]{0,200}[-_]|[\\w-]{0,200}\\.)\\d{1,4}(?= )|[A-Za-z][\\w.@-]{0,200}(?= {2})|${HAPROXY_NAME}) +`,
    first: 'A-Za-z0-9_',
  },
  file: { source: LOG_FILE, first: '\\w.+@%~=,/-' },
  number: { source: '\\d{1,12}', first: '0-9' },
  /** Milliseconds since 1970. */
  millis: { source: '\\d{13}', first: '0-9' },
  word: { source: '[!-~]+', first: '!-~' },
  /** A log stream of CloudWatch: an ECS task, an EC2 instance, a container's file. A client's path begins with a slash. */
  stream: {
    source:
      '(?:[A-Za-z][\\w.-]*(?:/[\\w.-]+)*/(?<host1>[0-9a-f]{32})|(?<host2>i-[0-9a-f]{8,17})|(?:[\\w.-]+\\.)?(?<host3>[a-z0-9.-]+)_[a-z0-9-]+_[a-z0-9-]+-[0-9a-f]{64}(?:\\.log)?)',
    first: 'A-Za-z0-9',
  },
  fluentTag: { source: '[A-Za-z][\\w.*-]{0,200}', first: 'A-Za-z' },
  /** A group of CloudWatch as awslogs writes it. */
  logGroup: { source: '/[\\w./#-]{1,512}', first: '/' },
  /** The name of a process on Heroku, Cloud Foundry, Fly, in podman or a process manager. */
  dyno: { source: '(?<host>[a-z][a-z0-9_-]*\\.\\d{1,6})', first: 'a-z' },
  herokuDrain: { source: '(?:d\\.[0-9a-f-]{36}|host)', first: 'dh' },
  herokuProcess: { source: '(?<process>app|heroku)', first: 'ah' },
  cfInstance: { source: '(?<host1>[A-Z]+(?:/[\\w.-]+){1,6})', first: 'A-Z' },
  cfStream: { source: '(?:OUT|ERR)', first: 'OE' },
  machine: { source: '(?<host1>[0-9a-f]{6,32})', first: '0-9a-f' },
  region: { source: '[a-z]{3}', first: 'a-z' },
  severityName: { source: `(?<level>${SEVERITY_NAME})`, first: 'a-z' },
  podmanName: {
    source: `(?=\\S+ \\d{4}-)(?<host1>${HAPROXY_NAME}|hap[\\w-]{0,20}|[0-9a-f]{12})`,
    first: 'A-Za-z0-9_.-',
  },
  supervised: { source: '(?<host1>[A-Za-z][\\w.-]{0,100}:[\\w.-]{1,100}) (?:stdout|stderr)', first: 'A-Za-z' },
  pm2Name: { source: '(?<host1>\\d{1,4}\\|[\\w.@-]{1,100}) +', first: '0-9' },
  sshHost: { source: '(?<host1>[A-Za-z0-9][\\w.@-]{0,200})', first: 'A-Za-z0-9' },
  ansibleState: { source: '(?:CHANGED|SUCCESS|FAILED)', first: 'CSF' },
  /** Fields of the agent's configuration; the name of the host among them. */
  datadogFields: {
    source:
      '[^|]{1,200} \\| (?:(?!Hostname|Message)[A-Z][A-Za-z ]{0,30}: [^|]{0,500} \\| ){0,8}(?:Hostname: (?<host1>[^| ]{1,253}) \\| )?(?:(?!Message)[A-Z][A-Za-z ]{0,30}: [^|]{0,2000} \\| ){0,8}',
    first: '!-~',
  },
  /** Android's logcat: a letter for the level. */
  monthDay: { source: `(?<monthNumber>\\d\\d)-(?<day>\\d\\d) ${CLOCK}`, first: '0-9' },
  logcatThread: { source: ' *(?<pid>\\d{1,10}) +\\d{1,10} [VDIWEF] (?<process>[\\w.-]{1,100}) *', first: ' 0-9' },
  logcatTag: { source: '[VDIWEF]/(?<process>[\\w.-]{1,100}) *\\( *(?<pid>\\d{1,10})\\)', first: 'VDIWEF' },
  /** The columns of macOS's `log show`: thread, type, activity, pid, ttl, process. */
  macOrigin: {
    source:
      '0x[0-9a-f]+ +(?:Default|Info|Debug|Error|Fault) +0x[0-9a-f]+ +(?<pid>\\d{1,10}) +\\d+ +(?<process>[\\w.-]{1,100}): ',
    first: '0',
  },
  forwarded: { source: '(?:Forwarded|Message forwarded) from (?<host>[\\w.%-]+(?:::?[\\w.%]+)*):', first: 'FM' },
  looseTag: { source: `${LOOSE_TAG}${TAG_END}`, first: '!-~' },
  /** A tag that is nothing but HAProxy's. */
  haproxyTag: { source: '(?<process>haproxy|hapee[\\w-]{0,20})(?:\\[(?<pid>\\d{1,10})\\])?', first: 'h' },
  /** A tag with its pid, which tells it from a text: a word and a colon begin a text as well. */
  pidTag: { source: `(?<process>[A-Za-z0-9_][\\w.@+-]*)\\[(?<pid>\\d{1,10})\\]:`, first: 'A-Za-z0-9_' },
  messageField: { source: 'MESSAGE=', first: 'M' },
  sseField: { source: 'data: ', first: 'd' },
  recordSeparator: { source: '\\x1e', first: '\\x1e' },
  diffMark: { source: '(?:[+>] ?|< )', first: '+><' },

  labels: { source: `(?<labels>${LABELS})`, first: '{' },
  facilityWord: { source: `${FACILITY_NAME.replace('(?:', '(?:[Ll]ocal[0-7]|')}`, first: 'A-Za-z' },
  severityWord: { source: `(?<level>[A-Z]?[a-z]{2,9})`, first: 'A-Za-z' },

  /** The message of an SPOE line comes next; templates that put `%msg%` after a space leave two of them. */
  marker: { source: `(?= *${MARKER})`, first: ' S' },
  /** The message of an SPOE line or of an access line that begins with a client's address. */
  message: { source: `(?= *(?:${MARKER}|${CLIENT}))`, first: ' S0-9' },
} as const satisfies Readonly<Record<string, Piece>>;

const PIECE = /\{([A-Za-z0-9]+)\}/g;

/** The groups of a match, as they are written. */
interface Written {
  year: string | undefined;
  month: string | undefined;
  monthNumber: string | undefined;
  day: string | undefined;
  hour: string | undefined;
  minute: string | undefined;
  second: string | undefined;
  fraction: string | undefined;
  zone: string | undefined;
  epoch: string | undefined;
  tai64n: string | undefined;
  pri: string | undefined;
  level: string | undefined;
  labels: string | undefined;
  host: string | undefined;
  process: string | undefined;
  pid: string | undefined;
  scope: string | undefined;
}

/** What a pattern begins with: enough to know that it does not fit. */
export interface Beginning {
  /** The characters it can begin with. */
  readonly first: RegExp;
  readonly beginsWithDate: boolean;
  /** The separator between that date and the next piece, and what that piece can begin with; undefined where that is not known. */
  readonly behindDate: { readonly separator: string; readonly first: RegExp } | undefined;
}

export function beginningOf(pattern: string): Beginning {
  const name = /^\{([A-Za-z0-9]+)\}/.exec(pattern)?.[1];
  return {
    first: characters(name === undefined ? pattern.charAt(0) : findPiece(name).first),
    beginsWithDate: name === 'iso' || name === 'runitTime',
    behindDate: name === 'iso' ? readBehind(pattern) : undefined,
  };
}

function readBehind(pattern: string): Beginning['behindDate'] {
  const [, separator = '', literal = '', name] = /^\{iso\}([ \t])(?:([^{])|\{(\w+)\})/.exec(pattern) ?? [];
  if (separator === '') return undefined;
  return { separator, first: characters(name === undefined ? literal : findPiece(name).first) };
}

/** Many pieces begin with the same. */
const characterClasses = new Map<string, RegExp>();

function characters(list: string): RegExp {
  const known = characterClasses.get(list);
  if (known !== undefined) return known;
  const made = new RegExp(`[${list.replace(/[[\]]/g, '\\$&')}]`);
  characterClasses.set(list, made);
  return made;
}

/** A pattern, ready for use. */
export interface CompiledPattern {
  /** Sticky. */
  readonly regex: RegExp;
  /** The field of each group, by the index of the group. */
  readonly fields: readonly (keyof Written)[];
}

/**
 * V8 makes byte code of an expression for its first text, and machine code for the second one; for a text of this length
 * machine code at once. Both of the longest pattern here take longer than all else about the first line of a log.
 */
const LONG_TEXT = ' '.repeat(1000);

/** Throws on a piece that does not exist. */
export function compilePattern(pattern: string): CompiledPattern {
  let named = '';
  let at = 0;
  for (const match of pattern.matchAll(PIECE)) {
    named += escapeLiteral(pattern.slice(at, match.index)) + findPiece(match[1] ?? '').source;
    at = match.index + match[0].length;
  }
  named += escapeLiteral(pattern.slice(at));
  // Numbered groups: named ones cost an object with all their names for each match.
  const names: string[] = [''];
  const numbered = named.replace(GROUP, (_, name: string) => {
    names.push(name);
    return '(';
  });
  const source = numbered.replace(/\\k<(\w+)>/g, (_, name: string) => `\\${names.indexOf(name)}`);
  const regex = new RegExp(source, 'y');
  regex.test(LONG_TEXT);
  return { regex, fields: names.map((name) => name.replace(/\d$/, '') as keyof Written) };
}

const GROUP = /\(\?<(\w+)>/g;

function findPiece(name: string): Piece {
  if (!Object.hasOwn(PIECES, name))
    throw new Error(`no such piece of a framing: {${name}}; there are ${Object.keys(PIECES).join(', ')}`);
  return PIECES[name as keyof typeof PIECES];
}

function escapeLiteral(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The header that a match of a pattern says; undefined when a part of it cannot be: February 30, <192>. */
export function readMatch(match: RegExpExecArray, fields: readonly (keyof Written)[]): MutableHeader | undefined {
  const written = readWritten(match, fields);
  const header: MutableHeader = {};
  if (written.hour !== undefined || written.epoch !== undefined || written.tai64n !== undefined) {
    const time = readTime(written);
    if (time === undefined) return undefined;
    header.time = time;
  }
  const host = written.host ?? (written.labels === undefined ? undefined : readLabel(written.labels));
  const pid = parsePid(written.pid);
  if (host !== undefined && host !== '-') header.host = host;
  if (written.process !== undefined && written.process !== '-') header.process = written.process;
  if (pid !== undefined) header.pid = pid;
  if (written.scope !== undefined) header.scope = written.scope;
  if (written.pri !== undefined) {
    const severity = Number(written.pri) > MAX_PRI ? undefined : SEVERITIES[Number(written.pri) & 7];
    if (severity === undefined) return undefined;
    header.severity = severity;
  } else if (written.level !== undefined) {
    const severity = parseSeverity(written.level);
    if (severity !== undefined) header.severity = severity;
  }
  return header;
}

export type MutableHeader = { -readonly [key in keyof LineHeader]: LineHeader[key] };

const MAX_PRI = 191;

function readWritten(match: RegExpExecArray, fields: readonly (keyof Written)[]): Written {
  const written: Written = {
    year: undefined,
    month: undefined,
    monthNumber: undefined,
    day: undefined,
    hour: undefined,
    minute: undefined,
    second: undefined,
    fraction: undefined,
    zone: undefined,
    epoch: undefined,
    tai64n: undefined,
    pri: undefined,
    level: undefined,
    labels: undefined,
    host: undefined,
    process: undefined,
    pid: undefined,
    scope: undefined,
  };
  for (let index = 1; index < fields.length; index += 1) {
    const text = match[index];
    if (text !== undefined) written[fields[index] as keyof Written] = text;
  }
  return written;
}

function readTime(written: Written): HeaderTime | undefined {
  const { epoch, tai64n, monthNumber: number } = written;
  if (epoch !== undefined) return { kind: 'absolute', epochMs: Math.round(Number(epoch) * 1000) };
  if (tai64n !== undefined) return readTai64n(tai64n);
  const month = written.month === undefined ? Number(number) : monthNumber(written.month);
  if (month === undefined) return undefined;
  const { year, day, hour, minute, second, fraction, zone } = written;
  return readWrittenTime({ year, month, day, hour, minute, second, fraction, zone });
}

// The epoch of TAI64 (cr.yp.to/libtai/tai64.html): 2^62 + seconds, ten ahead of UTC as daemontools and s6 write them; then nanoseconds.
const TAI64_EPOCH = 0x4000_0000_0000_0000n + 10n;

function readTai64n(hex: string): HeaderTime | undefined {
  const seconds = Number(BigInt(`0x${hex.slice(0, 16)}`) - TAI64_EPOCH);
  const nanos = Number.parseInt(hex.slice(16), 16);
  if (seconds < 0 || seconds > 253_402_300_799 || nanos > 999_999_999) return undefined;
  return { kind: 'absolute', epochMs: seconds * 1000 + Math.floor(nanos / 1e6) };
}

/** The writer of the line in Loki's labels: the pod or the container where no host is named. */
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
