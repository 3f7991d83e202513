/**
 * Lines that a shipper or a service wrapped in JSON: framing/json-framings.ts has the table of members. What they hold
 * is itself a line: docker's `log` is whatever format HAProxy wrote to stdout. What the inner header says wins; the
 * members fill in the rest.
 */
import { JSON_FRAMINGS, type JsonMembers } from './framing/json-framings.ts';
import { type MutableHeader, parsePid } from './framing/pieces.ts';
import { TABLE_FRAMINGS } from './framing/table-framings.ts';
import { parseHeader, parseInnerHeader, scanPrefixes } from './header.ts';
import type { HeaderTime, LineHeader, Severity } from './record.ts';
import { parseSeverity } from './severity.ts';
import { trimEnd } from './spoe-line.ts';
import { parseBsdTime, parseIsoTime } from './time.ts';

export interface OpenedLine {
  readonly header: LineHeader;
  readonly message: string;
  /** True when no header was there at all: HAProxy's `raw` format. */
  readonly raw: boolean;
  /** True for a line that starts like JSON but is not valid: it was cut. */
  readonly torn: boolean;
  /** The member of JSON or the cell of a table that held the line; undefined for a line that is neither. */
  readonly source?: LineSource;
  /** The fields of an object that holds no line in a member that is known. */
  readonly unknown?: Fields;
}

/** A line that was a value of something: which, and its text with the header. */
export interface LineSource {
  /** The path of the member that held it, and the entry of json-framings.ts or table-framings.ts that says so. */
  readonly member: string;
  readonly framing: string;
  readonly text: string;
}

export type Fields = Readonly<Record<string, unknown>>;

const BRACE = /^\s*\{/;
const OBJECTS = /^ *(?:\{|\[ *\{)/;

/** JSON in JSON: docker around a program that logs JSON, and a shipper around that. */
const MAX_DEPTH = 3;

/**
 * Reads a line that starts with `{` or `[{` after an optional container prefix; undefined for any other line. One line
 * may hold several records; it has at least one.
 */
export function openJsonLine(line: string): readonly OpenedLine[] | undefined {
  if (!line.includes('{')) return undefined;
  const container = scanPrefixes(line);
  const json = line.slice(container.end);
  return OBJECTS.test(json) ? openJson(json, container.header, 1) : undefined;
}

/** Reads a line that is a row of a table, pairs of logfmt or a hash of Ruby (table-framings.ts); undefined for any other. */
export function openTableLine(line: string): OpenedLine | undefined {
  for (const { name, open } of TABLE_FRAMINGS) {
    const fields = open(line);
    const [opened] = fields === undefined ? [] : openRecord(fields, {}, 1, name);
    if (opened !== undefined && opened.unknown === undefined) return opened;
  }
  return undefined;
}

/** The records of a line that holds several lines, each as JSON of its own; undefined for any other line. */
export function splitRecords(line: string): readonly string[] | undefined {
  if (!tables().several.test(line)) return undefined;
  const records = parseObjects(line) ?? [];
  const isOfLines = records.length > 1 && records.some((fields) => findMessage(fields, planOf(fields)) !== undefined);
  return isOfLines ? records.map((fields) => JSON.stringify(fields)) : undefined;
}

function openJson(json: string, outer: LineHeader, depth: number): readonly OpenedLine[] {
  const records = parseObjects(json);
  if (records === undefined) return [openTorn(json)];
  const opened = records.flatMap((fields) => openRecord(fields, outer, depth));
  return opened.length > 0 ? opened : [{ header: {}, message: '', raw: false, torn: false }];
}

function openRecord(fields: Fields, outer: LineHeader, depth: number, table?: string): readonly OpenedLine[] {
  const plan = planOf(fields);
  // An object that describes a request is an access line, whatever its `message` says.
  const source = depth > 1 && plan.describesRequest ? undefined : findMessage(fields, plan, table);
  if (source === undefined) {
    const found = findLine(fields);
    if (found !== undefined) return openRecord(found, outer, depth, table);
    return [{ header: {}, message: '', raw: false, torn: false, unknown: fields }];
  }
  const message = source.text;
  const header = readMetadata(fields, plan, outer);
  if (depth < MAX_DEPTH && BRACE.test(message)) {
    const nested = openJson(message, header, depth + 1);
    // JSON that holds no line is itself what was logged: an access line in JSON.
    if (nested.some(({ torn, unknown }) => !torn && unknown === undefined)) return nested;
  }
  const inner = parseInnerHeader(message);
  const raw = message.slice(0, inner.messageStart).trim() === '';
  Object.assign(header, inner.header);
  return [{ header, message: message.slice(inner.messageStart), raw, torn: false, source }];
}

/** The records of an object or an array; undefined when it is not JSON. */
function parseObjects(json: string): readonly Fields[] | undefined {
  const value = parseJson(json) ?? parseJson(withoutArray(json));
  if (Array.isArray(value)) return value.map(asFields).flatMap((fields) => (fields ? listRecords(fields) : []));
  const fields = asFields(value);
  return fields && listRecords(fields);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** One line of an array that was written as one object a line: `[{…},`, `{…},`, `{…}]`. */
function withoutArray(json: string): string {
  let end = json.length;
  while (end > 0 && ' ,\r'.includes(json.charAt(end - 1))) end -= 1;
  const opens = /^ *\[/.exec(json)?.[0].length ?? 0;
  const closes = json[end - 1] === ']' ? 1 : 0;
  return opens > 0 === closes > 0 ? json.slice(0, end) : json.slice(opens, end - closes);
}

function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

// ── several records in one object ─────────────────────────────────────────────────────────────────────────────

function listRecords(fields: Fields): readonly Fields[] {
  if (!planOf(fields).mayHoldRecords) return [fields];
  for (const path of tables().recordLists) {
    const list = memberAt(fields, path);
    if (!Array.isArray(list) || !list.some(asFields)) continue;
    const shared = Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value !== 'object'));
    const items = list.map(asFields).filter((item) => item !== undefined);
    return path.startsWith('resource')
      ? items.flatMap(otlpRecords)
      : items.flatMap(
          (item) => lokiRecords(item) ?? [{ ...shared, ...asFields(item._source), ...item, ...asFields(item.message) }],
        );
  }
  const source = asFields(fields._source);
  return [source === undefined ? fields : { ...fields, ...source }];
}

/** Loki's streams: labels, and pairs of a time and a line. */
function lokiRecords(item: Fields): Fields[] | undefined {
  const { stream, values } = item;
  if (!Array.isArray(values)) return undefined;
  return values.filter(Array.isArray).map(([timestamp, line]) => ({ stream, timestamp, line }));
}

/** The records of opentelemetry-proto logs/v1 as JSON. */
function otlpRecords({ resource, scopeLogs, scope_logs }: Fields): Fields[] {
  const scopes = listOf(scopeLogs ?? scope_logs);
  return scopes
    .flatMap(({ logRecords, log_records }) => listOf(logRecords ?? log_records))
    .map((record) => ({
      ...record,
      body: otlpValue(record.body),
      attributes: otlpAttributes(record.attributes),
      resource: otlpAttributes(asFields(resource)?.attributes),
    }));
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(asFields).filter((item) => item !== undefined) : [];
}

function otlpAttributes(value: unknown): Fields {
  return Object.fromEntries(listOf(value).map((item) => [String(item.key), otlpValue(item.value)]));
}

function otlpValue(value: unknown): unknown {
  const fields = asFields(value);
  if (fields === undefined) return value;
  const list = asFields(fields.kvlistValue)?.values;
  return list === undefined ? (fields.stringValue ?? fields.intValue ?? fields) : otlpAttributes(list);
}

// ── members ───────────────────────────────────────────────────────────────────────────────────────────────────

type What = Exclude<keyof JsonMembers, 'records'>;

/** A member that an object may have: what it holds, its first key, the rest of its path. */
interface Candidate {
  readonly what: What;
  /** The place in the table: lower ones are taken first. */
  readonly rank: number;
  readonly path: string;
  readonly key: string;
  readonly rest: string;
  /** The name of the entry. */
  readonly framing: string;
}

/** Candidates by their first key: an object has fewer keys than the table has paths. */
function candidatesByFirstKey(): ReadonlyMap<string, readonly Candidate[]> {
  const byKey = new Map<string, Candidate[]>();
  JSON_FRAMINGS.forEach(({ name, members }, framing) => {
    for (const what of Object.keys(members) as (keyof JsonMembers)[]) {
      if (what === 'records') continue;
      members[what]?.forEach((path, index) => {
        const parts = path.split('.');
        for (let length = 1; length <= parts.length; length += 1) {
          const [key, rest] = [parts.slice(0, length).join('.'), parts.slice(length).join('.')];
          const candidates = byKey.get(key) ?? [];
          candidates.push({ what, path, key, rest, framing: name, rank: framing * 1000 + index });
          byKey.set(key, candidates);
        }
      });
    }
  });
  return byKey;
}

function arrangeTable() {
  const candidatesByKey = candidatesByFirstKey();
  const paths = [...candidatesByKey.values()].flat();
  const recordLists = JSON_FRAMINGS.flatMap(({ members }) => members.records ?? []);
  const listKeys = recordLists.map((path) => path.replace(/\..*/, ''));
  const messages = JSON_FRAMINGS.flatMap(({ members }) => [...(members.message ?? []), ...(members.content ?? [])]);
  const messageKeys = new Set(messages.map((path) => path.slice(path.lastIndexOf('.') + 1)));
  return {
    candidatesByKey,
    paths,
    /** Paths of anything but a time. */
    otherwiseMeant: new Set(paths.filter(({ what }) => what !== 'time').map(({ path }) => path)),
    recordLists,
    recordKeys: new Set(['_source', ...listKeys]),
    /** Several records are in one text: an array, or an object with a list of them. */
    several: new RegExp(`^\\s*\\[|"(?:${listKeys.join('|')})"\\s*:`),
    /** Inside a JSON string the quotes of the key would be escaped: this finds keys, not text of a client. */
    tornMessage: new RegExp(`"(?:${[...messageKeys].join('|')})"\\s*:\\s*"(.*)$`, 's'),
  };
}

let arranged: ReturnType<typeof arrangeTable> | undefined;

/** What json-framings.ts says, arranged for lines: once, for the first one that is JSON. In most logs none is. */
function tables(): ReturnType<typeof arrangeTable> {
  arranged ??= arrangeTable();
  return arranged;
}

function isMeant(path: string): boolean {
  return tables().paths.some((candidate) => candidate.path === path || candidate.path.startsWith(`${path}.`));
}

/** The meaning of an object's keys, the same for every line of a shipper. */
interface Plan {
  readonly candidates: Readonly<Partial<Record<What, readonly Candidate[]>>>;
  readonly mayHoldRecords: boolean;
  readonly describesRequest: boolean;
}

/** Plans by the keys of an object, remembered for the process: a plan depends on nothing else. */
const plans = new Map<string, Plan>();
const MAX_PLANS = 64;

function planOf(fields: Fields): Plan {
  const keys = Object.keys(fields);
  const text = keys.join('\n');
  const known = plans.get(text);
  if (known !== undefined) return known;
  const { candidatesByKey, recordKeys } = tables();
  const candidates: Partial<Record<What, Candidate[]>> = {};
  for (const candidate of keys.flatMap((key) => candidatesByKey.get(key) ?? [])) {
    candidates[candidate.what] = [...(candidates[candidate.what] ?? []), candidate];
  }
  for (const list of Object.values(candidates)) list.sort((a, b) => a.rank - b.rank);
  const plan: Plan = {
    candidates,
    mayHoldRecords: keys.some((key) => recordKeys.has(key)),
    describesRequest: keys.some((key) => OF_A_REQUEST.test(key)),
  };
  // Keys may be a client's: what is remembered is bounded.
  if (plans.size >= MAX_PLANS) plans.clear();
  if (text.length <= MAX_PLAN_TEXT) plans.set(text, plan);
  return plan;
}

const MAX_PLAN_TEXT = 4096;

/** The value at a path; names with dots in them are looked for, too. */
function memberAt(value: unknown, path: string): unknown {
  const fields = asFields(value);
  if (fields === undefined) return undefined;
  if (Object.hasOwn(fields, path)) return fields[path];
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const key = path.slice(0, dot);
    const found = Object.hasOwn(fields, key) ? memberAt(fields[key], path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first value, in the order of the table, that makes sense. */
function firstOf<T>(
  fields: Fields,
  { candidates }: Plan,
  what: What,
  read: (value: unknown, path: string, framing: string) => T | undefined,
): T | undefined {
  for (const { path, key, rest, framing } of candidates[what] ?? []) {
    const found = read(single(rest === '' ? fields[key] : memberAt(fields[key], rest)), path, framing);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Elasticsearch puts every value into an array. */
function single(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' ? value[0] : value;
}

const OF_A_REQUEST = /(?:^|[._])(?:method|verb|request|request_?uri|uri|url|user_?agent|referr?er)$/i;

/** What the members of a line are to its reading, by their paths. */
export interface MemberRoles {
  /** The member that holds the line, as a text. */
  readonly message: string;
  /** The member whose time it is, where the line itself has none. */
  readonly time: string | undefined;
  /** Whether the line says the same whatever text or number this member has, as long as the others are what they are. */
  isFree(path: string): boolean;
}

/** Undefined for an object that holds no line in a text of its own, or several. */
export function rolesOf(json: string): MemberRoles | undefined {
  const fields = asFields(parseJson(json));
  if (fields === undefined) return undefined;
  const plan = planOf(fields);
  const message = plan.mayHoldRecords ? undefined : findMessage(fields, plan)?.member;
  if (message === undefined) return undefined;
  const time = firstOf(fields, plan, 'time', (value, path) => (readTime(value, path) ? path : undefined));
  const times = (plan.candidates.time ?? []).map(({ path }) => path);
  const later = new Set(time === undefined ? [] : times.slice(times.indexOf(time) + 1));
  const isFree = (path: string) => (later.has(path) ? !tables().otherwiseMeant.has(path) : !isMeant(path));
  return { message, time, isFree };
}

/** True for an object that is itself an access line: what a client sent may be in any member. */
export function describesRequest(fields: Fields): boolean {
  return planOf(fields).describesRequest;
}

function findMessage(fields: Fields, plan: Plan, table?: string): LineSource | undefined {
  const sourceOf = (text: string | undefined, member: string, framing: string): LineSource | undefined =>
    text === undefined ? undefined : { member, framing: table ?? framing, text };
  const message = firstOf(fields, plan, 'message', (value, path, framing) =>
    sourceOf(readLineText(value), path, framing),
  );
  if (message !== undefined || plan.describesRequest) return message;
  return (
    firstOf(fields, plan, 'content', (value, path, framing) => sourceOf(readLineText(value), path, framing)) ??
    firstOf(fields, plan, 'rest', (value, path, framing) => sourceOf(readRest(value), path, framing))
  );
}

/** The flag of CRI and the line. */
function readRest(value: unknown): string | undefined {
  return readLineText(value)?.replace(/^[FP] /, '');
}

// Names of members that hold a line, in part or whole. Names of a request are never beside one.
const OF_A_LINE = /message|msg|log|line|raw|text|record|entry/i;
const BESIDE_A_REQUEST =
  /^(?:ua|uri|path|status|status_?code|code|cookies?|headers?|query|args|bytes|http|client(?:_?ip)?|remote\w*)$/i;
const DEEPEST = 5;

/**
 * The longest text of a member that is called after a line, with what stands beside and above it; undefined where anything
 * describes a request: a client may have sent the text.
 */
function findLine(fields: Fields): Fields | undefined {
  let found: Fields | undefined;
  let longest = 0;
  let isRequest = false;
  const visit = (inner: Fields, above: Fields, depth: number) => {
    const together = { ...above, ...inner };
    for (const [key, value] of Object.entries(inner)) {
      if (OF_A_REQUEST.test(key) || BESIDE_A_REQUEST.test(key)) isRequest = true;
      const text = single(value);
      if (typeof text === 'string' && text.length > longest && OF_A_LINE.test(key)) {
        longest = text.length;
        found = { ...together, message: text };
      }
      const deeper = asFields(value);
      if (deeper !== undefined && depth < DEEPEST) visit(deeper, together, depth + 1);
    }
  };
  visit(fields, {}, 1);
  return isRequest ? undefined : found;
}

function readLineText(value: unknown): string | undefined {
  const text = Array.isArray(value) ? fromBytes(value) : value;
  return typeof text === 'string' ? trimEnd(text, '\r\n').replaceAll('\0', '') : undefined;
}

/** The text of an array of bytes, which is how journald writes what is not UTF-8 (systemd.io/JOURNAL_EXPORT_FORMATS). */
function fromBytes(value: readonly unknown[]): string | undefined {
  const isBytes = value.every((byte) => Number.isInteger(byte) && (byte as number) >= 0 && (byte as number) <= 255);
  return isBytes ? Buffer.from(value as number[]).toString('utf8') : undefined;
}

/** The members fill in what `outer` and the line leave open. Written member by member: spreading takes several times as long. */
function readMetadata(fields: Fields, plan: Plan, outer: LineHeader): MutableHeader {
  const header: MutableHeader = { ...outer };
  const time = firstOf(fields, plan, 'time', readTime);
  const host =
    firstOf(fields, plan, 'host', readText) ??
    firstOf(fields, plan, 'pod', readText) ??
    firstOf(fields, plan, 'container', readText) ??
    firstOf(fields, plan, 'source', readSource);
  const scope = readScope(fields, plan);
  let process = firstOf(fields, plan, 'process', readText);
  let pid = firstOf(fields, plan, 'pid', readPid);
  if (process === undefined || pid === undefined) {
    const tag = firstOf(fields, plan, 'tag', readTag);
    process ??= tag?.process;
    pid ??= tag?.pid;
  }
  const severity = firstOf(fields, plan, 'severity', readSeverity);
  if (time !== undefined) header.time = time;
  if (host !== undefined) header.host = host;
  if (process !== undefined) header.process = process;
  if (pid !== undefined) header.pid = pid;
  if (severity !== undefined) header.severity = severity;
  if (scope !== undefined) header.scope = scope;
  return header;
}

/** All that tells sources apart: a pod of the same name may be in two namespaces, and have two containers. */
function readScope(fields: Fields, { candidates }: Plan): string | undefined {
  if (candidates.scope === undefined) return undefined;
  const texts = new Set<string>();
  for (const { key, rest } of candidates.scope) {
    const text = readText(single(rest === '' ? fields[key] : memberAt(fields[key], rest)));
    if (text !== undefined) texts.add(text);
  }
  return texts.size === 0 ? undefined : [...texts].join('\n');
}

/** A stream, a file and a kind of log are no host. */
function readSource(value: unknown): string | undefined {
  const text = readText(value);
  return text === undefined || /^(?:stdout|stderr|file|journald?|syslog|haproxy.*|hapee.*)$|[/\\]/i.test(text)
    ? undefined
    : text;
}

function readSeverity(value: unknown): Severity | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseSeverity(String(value)) : undefined;
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined;
}

function readPid(value: unknown): number | undefined {
  return typeof value === 'number' || typeof value === 'string' ? parsePid(String(value)) : undefined;
}

/** `haproxy[7]:` or `haproxy:`; fluentd's `kube.var.log` is no tag of syslog. */
function readTag(value: unknown): { process: string; pid: number | undefined } | undefined {
  const match = typeof value === 'string' ? /^([^\s[\]:]+)(?:\[(\d{1,10})\]:?|:)$/.exec(value.trim()) : null;
  return match === null ? undefined : { process: match[1] ?? '', pid: parsePid(match[2]) };
}

function readTime(value: unknown, path: string): HeaderTime | undefined {
  if (typeof value === 'number') return fromEpoch(value, path);
  if (typeof value !== 'string') return undefined;
  if (/^\d{1,20}(?:\.\d+)?$/.test(value)) return fromEpoch(Number(value), path);
  return parseBsdTime(value) ?? parseIsoTime(value);
}

/** The time of an epoch number. journald counts microseconds; elsewhere the size tells seconds from milli-, micro- and nanoseconds. */
function fromEpoch(value: number, path: string): HeaderTime | undefined {
  const micros = path.includes('REALTIME');
  const perMs = micros ? 1e3 : value < 1e11 ? 1e-3 : value < 1e14 ? 1 : value < 1e17 ? 1e3 : 1e6;
  const epochMs = Math.floor(perMs < 1 ? Math.round(value * 1e6) / 1e3 : value / perMs);
  // Date has no moment beyond this.
  return value >= 0 && epochMs <= 8.64e15 ? { kind: 'absolute', epochMs } : undefined;
}

// ── cut lines ─────────────────────────────────────────────────────────────────────────────────────────────────

/** A cut JSON line: only whether its message starts with the marker can still be told. */
function openTorn(json: string): OpenedLine {
  const rest = tables().tornMessage.exec(json)?.[1] ?? '';
  const text = rest.replaceAll('\\/', '/');
  return { header: {}, message: text.slice(parseHeader(text).messageStart), raw: false, torn: true };
}
