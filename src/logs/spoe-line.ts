/**
 * The message part of an SPOE log line, as HAProxy's flt_spoe.c writes it.
 *
 * HAProxy <= 3.0 (doc/SPOE.txt, "Logging"):
 *
 *     SPOE: [AGENT] <EVENT:NAME> sid=U st=U reqT/qT/wT/resT/pT idles/applets nb_sending/nb_waiting nb_error/nb_processed
 *
 * HAProxy >= 3.1:
 *
 *     SPOE: [AGENT] <EVENT:NAME> sid=U st=U pT nb_error/nb_processed
 *
 * Groups (http-request send-spoe-group) write GROUP instead of EVENT. The grammar is anchored at both ends.
 */
import type { Counter, SpoeEvent } from './record.ts';

export type MessageResult =
  | { readonly kind: 'event'; readonly event: SpoeEvent }
  /** An SPOE message that reports no event: `failed to create SPOE applet`, `failed to process messages: code=1`. */
  | { readonly kind: 'other'; readonly agent?: string; readonly text: string }
  /** A torn or damaged event line. */
  | { readonly kind: 'malformed' };

/** Every message of the SPOE filter starts with these bytes. */
export const MARKER = 'SPOE:';

/** Characters kept of a message that is not an event. */
const OTHER_TEXT_LIMIT = 200;

// Anything but ASCII space, control characters and the brackets around it. What is not ASCII is never looked at: a byte
// scanner must come to the same answer.
const AGENT = '[!-Z\\\\^-~\\u0080-\\uffff]+';
const NAME = '[!-;=?-~\\u0080-\\uffff]+';
// %u and %llu: the number of digits is bounded here, the value below. Leading zeros are read as plain decimal digits.
const U32 = '\\d{1,10}';
const U64 = '\\d{1,20}';
// Milliseconds, at most 10 digits; -1 = the phase was interrupted. No other negative value exists.
const TIMER = '(?:-1|\\d{1,10})';
// The end that rsyslog and CRLF transports leave behind the last field: `#012` is an escaped newline, `#015` an escaped CR.
const TAIL = '(?:[ \\r]|#012|#015)*';

const EVENT_LINE = new RegExp(
  `^SPOE: \\[(?<agent>${AGENT})\\] <(?<type>EVENT|GROUP):(?<name>${NAME})> sid=(?<sid>${U32}) st=(?<st>${U32}) ` +
    `(?:(?<reqT>${TIMER})/(?<qT>${TIMER})/(?<wT>${TIMER})/(?<resT>${TIMER})/(?<oldT>${TIMER})` +
    ` (?<idles>${U32})/(?<applets>${U32}) (?<sending>${U32})/(?<waiting>${U32})|(?<newT>${TIMER}))` +
    ` (?<error>${U64})/(?<processed>${U64})${TAIL}$`,
);

const OTHER_LINE = new RegExp(`^SPOE: (?:\\[(?<agent>${AGENT})\\] +)?(?<text>[^ [<].*)$`, 's');

const MAX_U32 = 0xffff_ffff;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/**
 * Reads one message. `text` starts with `SPOE:`: the caller has removed the line header.
 *
 * A text that is not an event is `other` when it is `SPOE: TEXT` or `SPOE: [AGENT] TEXT` and TEXT starts with neither
 * `[` nor `<` and does not hold `SPOE:` again; everything else (cut anywhere, numbers out of range) is `malformed`.
 */
export function parseMessage(text: string): MessageResult {
  const fields = EVENT_LINE.exec(text)?.groups;
  if (fields !== undefined) {
    const event = readEvent(fields);
    return event === undefined ? { kind: 'malformed' } : { kind: 'event', event };
  }
  const other = OTHER_LINE.exec(trimTail(text))?.groups;
  // HAProxy writes the marker once: a second one is another line, glued to a cut one.
  if (other === undefined || text.includes(MARKER, MARKER.length)) return { kind: 'malformed' };
  const shown = (other.text ?? '').slice(0, OTHER_TEXT_LIMIT);
  const agent = other.agent;
  return agent === undefined ? { kind: 'other', text: shown } : { kind: 'other', agent, text: shown };
}

/** Removes what may follow the last field: spaces, CR, `#012`, `#015`. */
export function trimTail(text: string): string {
  let end = text.length;
  for (;;) {
    const char = text.charAt(end - 1);
    if (char === ' ' || char === '\r') end -= 1;
    else if (end >= 4 && /^#01[25]$/.test(text.slice(end - 4, end))) end -= 4;
    else return text.slice(0, end);
  }
}

/** Removes any of `chars` at the end. (An expression such as /\r+$/ takes quadratic time on hostile text.) */
export function trimEnd(text: string, chars: string): string {
  let end = text.length;
  while (end > 0 && chars.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

type Fields = Readonly<Record<string, string | undefined>>;

/** The event of the fields; undefined when a number is out of range. */
function readEvent(fields: Fields): SpoeEvent | undefined {
  const { agent = '', name = '', newT } = fields;
  const type = fields.type === 'GROUP' ? 'GROUP' : 'EVENT';
  const sid = u32(fields.sid);
  const st = u32(fields.st);
  const nbError = u64(fields.error);
  const nbProcessed = u64(fields.processed);
  if (sid === undefined || st === undefined || nbError === undefined || nbProcessed === undefined) return undefined;
  if (newT !== undefined) return { agent, type, name, sid, st, pT: Number(newT), nbError, nbProcessed };
  const idles = u32(fields.idles);
  const applets = u32(fields.applets);
  const nbSending = u32(fields.sending);
  const nbWaiting = u32(fields.waiting);
  if (idles === undefined || applets === undefined || nbSending === undefined || nbWaiting === undefined) {
    return undefined;
  }
  // The object is written out, not spread: spreading makes it ten times slower to build.
  return {
    agent,
    type,
    name,
    sid,
    st,
    reqT: Number(fields.reqT),
    qT: Number(fields.qT),
    wT: Number(fields.wT),
    resT: Number(fields.resT),
    pT: Number(fields.oldT),
    idles,
    applets,
    nbSending,
    nbWaiting,
    nbError,
    nbProcessed,
  };
}

function u32(digits: string | undefined): number | undefined {
  const value = Number(digits);
  return value <= MAX_U32 ? value : undefined;
}

/** A double where it is exact, a bigint above Number.MAX_SAFE_INTEGER. */
function u64(digits: string | undefined): Counter | undefined {
  const value = Number(digits);
  if (value <= Number.MAX_SAFE_INTEGER) return value;
  const exact = BigInt(digits ?? '');
  return exact <= MAX_U64 ? exact : undefined;
}

// A line may also be cut between the minus and the 1.
const CUT_TIMER = '(?:-1?|\\d{1,10})';

/** A field of the grammar, or text that stands between two. */
type Step =
  | string
  | { readonly field: string; readonly source: string; readonly largest?: bigint; readonly word?: boolean };

const timer = (field: string): Step => ({ field, source: CUT_TIMER });
const small = (field: string): Step => ({ field, source: U32, largest: BigInt(MAX_U32) });
const large = (field: string): Step => ({ field, source: U64, largest: MAX_U64 });
const COUNTERS: readonly Step[] = [' ', large('nb_error'), '/', large('nb_processed')];
const LAYOUTS: readonly (readonly Step[])[] = [
  [
    ...[timer('reqT'), '/', timer('qT'), '/', timer('wT'), '/', timer('resT'), '/', timer('pT')],
    ...[' ', small('idles'), '/', small('applets'), ' ', small('nb_sending'), '/', small('nb_waiting')],
    ...COUNTERS,
  ],
  [timer('pT'), ...COUNTERS],
];

/** The same grammar as EVENT_LINE, in steps: a torn line has taken the first n of them, the last one perhaps in part. */
const EVENT_STEPS = ['EVENT', 'GROUP'].flatMap((type) =>
  LAYOUTS.map((numbers): readonly Step[] => [
    ...[
      'SPOE: [',
      { field: 'agent', source: AGENT },
      '] <',
      { field: 'type', source: type, word: true },
      ':',
      { field: 'name', source: NAME },
      '> sid=',
    ],
    ...[small('sid'), ' st=', small('st'), ' ', ...numbers],
  ]),
);

/** Made for the first line that was cut. */
let torn: readonly RegExp[] | undefined;

function tornPatterns(): readonly RegExp[] {
  const events = EVENT_STEPS.map((steps) => prefixesOf([...steps.flatMap(piecesOf), TAIL]));
  // The two messages HAProxy writes besides events, cut anywhere.
  return [...events, new RegExp(`^SPOE: \\[${AGENT}\\] [A-Za-z ]*(?:: ?c?o?d?e?=?\\d*)?`)];
}

/**
 * The number of characters at the start of `text` that can be the beginning of one SPOE line: where a line that was cut may end
 * and another one, glued to it, may start.
 */
export function tornLength(text: string): number {
  torn ??= tornPatterns();
  const lengths = torn.map((pattern) => pattern.exec(text)?.[0].length ?? 0);
  return Math.max(...lengths);
}

export interface FollowedField {
  readonly name: string;
  readonly text: string;
  /** The largest number that fits, where this one is larger. */
  readonly above?: bigint;
}

/** A message, followed through the grammar of an event as far as it goes. */
export interface FollowedMessage {
  readonly fields: readonly FollowedField[];
  /** Index in the text where the grammar ends. */
  readonly end: number;
  /** What is missing at the end: a text, the name of a field, or the end of the line; undefined for a whole event. */
  readonly expected: { readonly text: string } | { readonly field: string } | 'end' | undefined;
}

/** Follows a message to the point where it stops being an event; whether it is one, parseMessage decides. */
export function followMessage(text: string): FollowedMessage {
  return EVENT_STEPS.map((steps) => followSteps(text, steps)).reduce((best, each) =>
    each.end > best.end ? each : best,
  );
}

function followSteps(text: string, steps: readonly Step[]): FollowedMessage {
  const fields: FollowedField[] = [];
  let at = 0;
  for (const step of steps) {
    if (typeof step === 'string') {
      if (!text.startsWith(step, at)) return { fields, end: at, expected: { text: step } };
      at += step.length;
      continue;
    }
    const pattern = new RegExp(step.source, 'y');
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined || found === '-') return { fields, end: at, expected: { field: step.field } };
    const isAbove = step.largest !== undefined && BigInt(found) > step.largest;
    fields.push({ name: step.field, text: found, ...(isAbove && { above: step.largest }) });
    at += found.length;
  }
  return { fields, end: at, expected: trimTail(text.slice(at)) === '' ? undefined : 'end' };
}

/** The points behind which a cut line may end: each character of a text, and fields as a whole. */
function piecesOf(step: Step): string[] {
  if (typeof step === 'string') return literal(step);
  return step.word ? literal(step.source) : [step.source];
}

/** A pattern that takes as many of the steps as the text offers: (?:a(?:b(?:c)?)?)? */
function prefixesOf(steps: readonly string[]): RegExp {
  return new RegExp(`^${steps.reduceRight((rest, step) => `(?:${step}${rest})?`, '')}`);
}

function literal(text: string): string[] {
  return [...text].map((char) => char.replace(/[[\]]/, '\\$&'));
}
