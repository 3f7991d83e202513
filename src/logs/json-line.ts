/**
 * Lines that a log shipper wrapped in JSON: docker's json-file (`log`), journalctl -o json (`MESSAGE`), rsyslog and
 * ECS (`message`), others (`msg`). The message inside is itself a line: docker's `log` holds whatever format HAProxy
 * wrote to stdout. What the inner header says wins; the JSON fields fill in the rest.
 */
import { parsePid } from './framing/pieces.ts';
import { parseHeader, scanPrefixes } from './header.ts';
import { type HeaderTime, type LineHeader, SEVERITIES, type Severity } from './record.ts';
import { trimEnd } from './spoe-line.ts';
import { parseIsoTime, scanBsdTime } from './time.ts';

export interface OpenedLine {
  readonly header: LineHeader;
  readonly message: string;
  /** True when no header was there at all: HAProxy's `raw` format. */
  readonly raw: boolean;
  /** True for a line that starts like JSON and is none: it was cut. */
  readonly torn: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const MESSAGE_KEYS = ['message', 'log', 'MESSAGE', 'msg'];
const TIME_KEYS = ['@timestamp', 'time', 'timestamp', 'ts', '__REALTIME_TIMESTAMP', '_SOURCE_REALTIME_TIMESTAMP'];
const HOST_KEYS = ['host', 'host.name', 'host.hostname', 'hostname', '_HOSTNAME'];
const PROCESS_KEYS = ['program', 'programname', 'SYSLOG_IDENTIFIER', '_COMM', 'appname', 'app-name'];
const PID_KEYS = ['procid', '_PID', 'SYSLOG_PID', 'pid'];
const SEVERITY_KEYS = ['severity', 'PRIORITY', 'level'];

/** Reads a line that starts with `{` after an optional container prefix; undefined for any other line. */
export function openJsonLine(line: string): OpenedLine | undefined {
  const container = scanPrefixes(line);
  const json = line.slice(container.end);
  if (!/^ *\{/.test(json)) return undefined;
  const fields = parseObject(json);
  if (fields === undefined) return openTorn(json);
  const message = readMessage(fields);
  if (message === undefined) return { header: {}, message: '', raw: false, torn: false };
  const inner = parseHeader(message);
  const header = { ...container.header, ...readMetadata(fields), ...inner.header };
  const raw = message.slice(0, inner.messageStart).trim() === '';
  return { header, message: message.slice(inner.messageStart), raw, torn: false };
}

function parseObject(json: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return asFields(value);
  } catch {
    return undefined;
  }
}

function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

// Inside a JSON string the quotes of the key would be escaped: this finds keys, not text of a client.
const TORN_MESSAGE = /"(?:message|log|MESSAGE|msg)"\s*:\s*"(.*)$/s;

/** A cut JSON line: only whether its message starts with the marker can still be told. */
function openTorn(json: string): OpenedLine {
  const rest = TORN_MESSAGE.exec(json)?.[1] ?? '';
  const text = rest.replaceAll('\\/', '/');
  return { header: {}, message: text.slice(parseHeader(text).messageStart), raw: false, torn: true };
}

function readMessage(fields: Fields): string | undefined {
  for (const key of MESSAGE_KEYS) {
    const text = fields[key];
    if (typeof text === 'string') return trimEnd(text, '\r\n').replaceAll('\0', '');
  }
  return undefined;
}

function readMetadata(fields: Fields): LineHeader {
  const time = firstOf(fields, TIME_KEYS, readTime);
  const host = firstOf(fields, HOST_KEYS, readText) ?? hostObject(fields.host);
  const process = firstOf(fields, PROCESS_KEYS, readText);
  const pid = firstOf(fields, PID_KEYS, readPid);
  const severity = firstOf(fields, SEVERITY_KEYS, readSeverity);
  return {
    ...(time !== undefined && { time }),
    ...(host !== undefined && { host }),
    ...(process !== undefined && { process }),
    ...(pid !== undefined && { pid }),
    ...(severity !== undefined && { severity }),
  };
}

/** The first of the keys whose value makes sense. */
function firstOf<T>(fields: Fields, keys: readonly string[], read: (value: unknown, key: string) => T | undefined) {
  for (const key of keys) {
    const found = Object.hasOwn(fields, key) ? read(fields[key], key) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function hostObject(value: unknown): string | undefined {
  const object = asFields(value);
  return object === undefined ? undefined : firstOf(object, ['name', 'hostname'], readText);
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined;
}

function readPid(value: unknown): number | undefined {
  return typeof value === 'number' || typeof value === 'string' ? parsePid(String(value)) : undefined;
}

const SEVERITY_ALIASES: Readonly<Record<string, Severity>> = {
  emergency: 'emerg',
  panic: 'emerg',
  critical: 'crit',
  error: 'err',
  warn: 'warning',
  informational: 'info',
};

/** A name, or syslog's number 0–7. Other scales (pino's 30) are not severities. */
function readSeverity(value: unknown): Severity | undefined {
  const text = String(value).toLowerCase();
  if (/^[0-7]$/.test(text)) return SEVERITIES[Number(text)];
  if (Object.hasOwn(SEVERITY_ALIASES, text)) return SEVERITY_ALIASES[text];
  return SEVERITIES.find((name) => name === text);
}

function readTime(value: unknown, key: string): HeaderTime | undefined {
  if (typeof value === 'number') return fromEpoch(value, key);
  if (typeof value !== 'string') return undefined;
  if (/^\d{1,20}(?:\.\d+)?$/.test(value)) return fromEpoch(Number(value), key);
  const bsd = scanBsdTime(value, 0);
  return bsd?.end === value.length ? bsd.time : parseIsoTime(value);
}

/** journald counts microseconds; elsewhere the size tells seconds from milli-, micro- and nanoseconds. */
function fromEpoch(value: number, key: string): HeaderTime | undefined {
  const micros = key.includes('REALTIME');
  const perMs = micros ? 1e3 : value < 1e11 ? 1e-3 : value < 1e14 ? 1 : value < 1e17 ? 1e3 : 1e6;
  const epochMs = Math.floor(perMs < 1 ? Math.round(value * 1e6) / 1e3 : value / perMs);
  // Beyond this Date has no such moment.
  return value >= 0 && epochMs <= 8.64e15 ? { kind: 'absolute', epochMs } : undefined;
}
