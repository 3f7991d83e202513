/** The variables of HAProxy's log-format, 2.6 to 3.2 (configuration.txt, "Custom log format"), and what they are for. */
import {
  ANYTHING,
  BACKSLASHED,
  type Characters,
  DATE,
  HAPROXY_CAPTURES,
  HAPROXY_URL,
  HAPROXY_URL_PART,
  NAME,
  NUMBER,
  TOKEN,
} from './characters.ts';
import { findJsonKey } from './json-keys.ts';
import { Slot } from './slots.ts';

export interface Variable {
  readonly slot: Slot;
  readonly characters: Characters;
  /** +Q puts quotes around it: texts, not numbers and dates. */
  readonly isText?: boolean;
  readonly kind?: 'address' | 'captures' | 'cookie' | 'list';
  /** The rank: of several variables for one slot, the lowest is used. */
  readonly rank?: number;
}

const number = (slot: Slot = Slot.none, rank = 0): Variable => ({ slot, characters: NUMBER, rank });
const date = (rank: number): Variable => ({ slot: Slot.clfTime, characters: DATE, rank });
const text = (slot: Slot, characters: Characters): Variable => ({ slot, characters, isText: true });
const ADDRESS: Variable = { slot: Slot.none, characters: TOKEN, isText: true, kind: 'address' };
const CAPTURES: Variable = { slot: Slot.none, characters: HAPROXY_CAPTURES, isText: true, kind: 'captures' };
// A cookie is logged as the client sent it, spaces and quotes included.
const COOKIE: Variable = { slot: Slot.none, characters: ANYTHING, isText: true, kind: 'cookie' };
const LIST: Variable = { slot: Slot.none, characters: ANYTHING, isText: true, kind: 'list' };

export const VARIABLES: Readonly<Record<string, Variable>> = {
  ac: number(),
  B: number(Slot.sentBytes),
  b: text(Slot.none, NAME),
  bc: number(),
  bi: ADDRESS,
  bp: number(),
  bq: number(),
  CC: COOKIE,
  ci: ADDRESS,
  cp: number(),
  CS: COOKIE,
  f: text(Slot.none, NAME),
  fc: number(),
  fi: ADDRESS,
  fp: number(),
  ft: text(Slot.none, NAME),
  H: text(Slot.host, NAME),
  HM: text(Slot.method, HAPROXY_URL_PART),
  HP: text(Slot.path, HAPROXY_URL_PART),
  HPO: text(Slot.path, HAPROXY_URL_PART),
  HQ: text(Slot.query, HAPROXY_URL_PART),
  HU: text(Slot.target, HAPROXY_URL_PART),
  HV: text(Slot.none, HAPROXY_URL_PART),
  hr: { ...CAPTURES, slot: Slot.captures },
  hrl: LIST,
  hs: { ...CAPTURES, slot: Slot.answerCaptures },
  hsl: LIST,
  ID: text(Slot.id, TOKEN),
  lc: number(),
  ms: number(Slot.millis),
  OG: text(Slot.none, NAME),
  pid: number(Slot.pid),
  r: text(Slot.request, HAPROXY_URL),
  rc: number(),
  rt: number(Slot.sid),
  s: text(Slot.server, NAME),
  sc: number(),
  si: ADDRESS,
  sp: number(),
  sq: number(),
  sslc: text(Slot.none, NAME),
  sslv: text(Slot.none, NAME),
  ST: number(Slot.status),
  t: date(2),
  T: date(3),
  Ta: number(Slot.activeMs),
  Tc: number(),
  Td: number(),
  Th: number(),
  Ti: number(),
  Tl: date(4),
  Tq: number(),
  tr: date(1),
  TR: number(),
  Tr: number(Slot.firstByteMs),
  trg: date(1),
  trl: date(1),
  Ts: number(Slot.epoch),
  ts: { slot: Slot.termination, characters: NAME },
  tsc: { slot: Slot.termination, characters: NAME },
  Tt: number(Slot.totalMs),
  Tu: number(Slot.totalMs, 1),
  Tw: number(),
  U: number(),
};

/** Converters after which nothing of a client's can leave its place. */
const SAFE_CONVERTER =
  /,(?:hex|base64|ub64enc|url_enc|hex2i|crc32c?|djb2|sdbm|wt6|xxh32|xxh64|xxh3|length|sha1|sha2|digest|bool)(?:\([^()]*\))?$/;
const JSON_CONVERTER = /,json(?:\([^()]*\))?$/;
/** Fetches that answer with numbers, or with names from the configuration. */
const SAFE_FETCH =
  /^(?:fc_(?!pp_)|bc_|ssl_fc_(?:err|is_|has_|protocol|cipher(?!list)|use_|alg_|version)|ssl_bc_(?:err|is_|protocol|cipher|use_)|ssl_c_(?:err|ca_err|verify|used|version)|fe_|be_|srv_|nbsrv|nbthread|queue|connslots|date|rand|pid|thread|status|res\.timer|req\.timer|fc\.timer|bc\.timer|txn\.(?:timer|status|id32)|bytes_|dst_port|src_port|http_auth_type|act_conn|last_rule_line)/;

const IDS: readonly (readonly [pattern: RegExp, slot: Slot])[] = [
  [/^unique-id\b/, Slot.id],
  [/traceparent|trace[-_.]?id/i, Slot.trace],
  [/(?:span|parent)[-_.]?id/i, Slot.span],
  [/(?:unique|request|correlation|req)[-_.]?id\b|\buid\b/i, Slot.id],
];
/** The part of a variable's name before its last word: `var(txn.base)`. */
const VARIABLE = /^var\((?:proc|sess|txn|req|res)\.(?:\w+[._])?/;
const FETCHES: readonly (readonly [pattern: RegExp, slot: Slot])[] = [
  ...IDS,
  [/^txn\.id32\b/, Slot.sid],
  [/^(?:status|txn\.status)\b/, Slot.status],
  [/^(?:capture\.req\.)?(?:method|meth)\b/, Slot.method],
  // `base` is the host and the path.
  [/^(?:capture\.req\.uri|url|uri|request_uri|pathq|baseq?)\b/, Slot.target],
  [/^path\b/, Slot.path],
  [/^query(?:_string)?\b/, Slot.query],
  [/^(?:res\.f?hdr|shdr)\(content-type\b/i, Slot.contentType],
  [/^(?:res\.f?hdr|shdr)(?:_val)?\(content-length\b/i, Slot.responseBytes],
];
/** What a capture or a variable has, where it is called so. */
const CAPTURED = /^(?:capture\.res\.hdr|var)\(/;
const CAPTURES_NAMED: readonly (readonly [pattern: RegExp, slot: Slot])[] = [
  [/^(?:res[a-z]*[-_.]?|sent[-_.]http[-_.])?content[-_]?type$/i, Slot.contentType],
  [/^(?:res[a-z]*[-_.]?|sent[-_.]http[-_.])?content[-_]?length$/i, Slot.responseBytes],
];
/** The converters that leave a method or a path as it is. */
const FAITHFUL = /^[^,]*(?:,(?:json|url_dec|ltrim|rtrim)(?:\([^()]*\))?)*$/;
const OF_REQUEST: readonly Slot[] = [Slot.method, Slot.target, Slot.path, Slot.query, Slot.status];

/** The use of `%[expression]`, by its names, or by the text before it: `traceparent=`, `"req_method":`. */
export function describeSample(expression: string, label: string): Variable {
  const characters = JSON_CONVERTER.test(expression)
    ? BACKSLASHED
    : SAFE_CONVERTER.test(expression) || SAFE_FETCH.test(expression)
      ? NAME
      : ANYTHING;
  const slot = slotOf(expression, label);
  return { slot, characters, isText: true, rank: slot === Slot.none ? 0 : 5 };
}

function slotOf(expression: string, label: string): Slot {
  const plain = expression.replace(VARIABLE, '');
  const [, found] = FETCHES.find(([pattern]) => pattern.test(expression) || pattern.test(plain)) ?? [];
  if (found !== undefined) return FAITHFUL.test(expression) || !OF_REQUEST.includes(found) ? found : Slot.none;
  const [, captured] = CAPTURED.test(expression) ? (CAPTURES_NAMED.find(([pattern]) => pattern.test(label)) ?? []) : [];
  if (captured !== undefined) return captured;
  const [, named] = IDS.slice(1).find(([pattern]) => pattern.test(label)) ?? [];
  if (named !== undefined) return named;
  const called = label === '' || !FAITHFUL.test(expression) ? undefined : findJsonKey(label)?.slot;
  return called !== undefined && LABELLED.includes(called) ? called : Slot.none;
}

const LABELLED: readonly Slot[] = [Slot.method, Slot.target, Slot.path, Slot.query];

export function isJsonSample(expression: string): boolean {
  return JSON_CONVERTER.test(expression);
}
