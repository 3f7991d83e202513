/** nginx's `log_format` string → a reader of such lines (ngx_http_log_module). */

import { AccessFormatError } from '../access-errors.ts';
import {
  ANYTHING,
  BACKSLASHED,
  type Characters,
  DATE,
  NAME,
  NGINX_TEXT,
  NUMBER,
  NUMBER_LIST,
  TOKEN,
  TOKEN_LIST,
} from './characters.ts';
import type { AccessFormat } from './format.ts';
import type { CompileOptions } from './haproxy-format.ts';
import { Slot } from './slots.ts';
import { TemplateFormat } from './template-format.ts';
import type { TemplatePart, Value } from './template-parts.ts';
import { type Escape, unescapeWord } from './unescape.ts';

type NginxEscape = 'default' | 'json' | 'none';

/** Characters of texts depend on `escape=`; those of numbers, times and addresses do not. */
type Kind = 'text' | Characters;

const VARIABLES: Readonly<Record<string, readonly [slot: Slot, kind: Kind]>> = {
  binary_remote_addr: [Slot.none, 'text'],
  body_bytes_sent: [Slot.responseBytes, NUMBER],
  bytes_sent: [Slot.sentBytes, NUMBER],
  connection: [Slot.none, NUMBER],
  connection_requests: [Slot.none, NUMBER],
  connection_time: [Slot.none, NUMBER],
  gzip_ratio: [Slot.none, NUMBER],
  hostname: [Slot.host, TOKEN],
  msec: [Slot.epoch, NUMBER],
  pid: [Slot.pid, NUMBER],
  pipe: [Slot.none, TOKEN],
  remote_addr: [Slot.none, NAME],
  remote_port: [Slot.none, NUMBER],
  request: [Slot.request, 'text'],
  request_length: [Slot.none, NUMBER],
  request_method: [Slot.method, 'text'],
  request_time: [Slot.totalSeconds, NUMBER],
  request_uri: [Slot.target, 'text'],
  scheme: [Slot.none, TOKEN],
  server_port: [Slot.none, NUMBER],
  server_protocol: [Slot.none, 'text'],
  ssl_cipher: [Slot.none, TOKEN],
  ssl_protocol: [Slot.none, TOKEN],
  status: [Slot.status, NUMBER],
  time_iso8601: [Slot.isoTime, DATE],
  time_local: [Slot.clfTime, DATE],
  upstream_addr: [Slot.none, TOKEN_LIST],
  upstream_bytes_received: [Slot.none, NUMBER_LIST],
  upstream_bytes_sent: [Slot.none, NUMBER_LIST],
  upstream_queue_time: [Slot.none, NUMBER_LIST],
  upstream_first_byte_time: [Slot.firstByteSeconds, NUMBER_LIST],
  upstream_session_time: [Slot.none, NUMBER_LIST],
  upstream_connect_time: [Slot.none, NUMBER_LIST],
  upstream_header_time: [Slot.firstByteSeconds, NUMBER_LIST],
  upstream_response_length: [Slot.none, NUMBER_LIST],
  upstream_response_time: [Slot.upstreamSeconds, NUMBER_LIST],
  upstream_status: [Slot.none, NUMBER_LIST],
  uri: [Slot.path, 'text'],
  document_uri: [Slot.path, 'text'],
  args: [Slot.query, 'text'],
  query_string: [Slot.query, 'text'],
};

/** Words of the configuration and the connection: no client puts a space into them. */
const WORDS =
  /^(?:server_name|server_addr|proxy_host|proxy_port|proxy_upstream_name|proxy_alternative_upstream_name|namespace|ingress_name|service_name|service_port|req_id|request_id|request_completion|upstream_cache_status|realip_remote_\w+|geoip2?_\w*code\w*|nginx_version|connection_\w+|http2|http3|ssl_session_reused|is_args|proxy_protocol_(?:addr|port)|tcpinfo_\w+|limit_re[qt]\w*_status|limit_conn_status|otel_(?:trace|span|parent)_id)$/;

/** Variables that carry what the requests are paired by; others of that name come from `set` and `map`. */
const NAMES: readonly (readonly [pattern: RegExp, slot: Slot])[] = [
  [/traceparent|trace_?id|otel_trace/, Slot.trace],
  [/otel_(?:span|parent)_id/, Slot.span],
  [/unique_?id|uid$/, Slot.id],
  [/request_id|req_id|correlation_id/, Slot.id],
  // Of the answer: $content_type is the request's.
  [/^(?:sent|upstream)_http_content_type$/, Slot.contentType],
];

/** The rank of a variable: of several for one slot the lowest is used, HAProxy's header before nginx's own $request_id. */
function rankOf(name: string): number {
  return /unique|uid$|traceparent|^sent_/.test(name) ? 0 : 1;
}

/**
 * Compiles the format, bare or as the whole directive: `log_format main escape=json '…' '…';`.
 * @throws AccessFormatError `bad-format`, `ambiguous-format`, `no-status`
 */
export function compileNginxFormat(text: string, options: CompileOptions = {}): AccessFormat {
  const { format, style } = readDirective(text);
  const parts = readParts(format, style);
  const escapes: Record<NginxEscape, Escape> = { default: 'backslash', json: 'json', none: 'none' };
  const description = options.description ?? text.trim();
  return new TemplateFormat(
    options.name ?? 'nginx-log-format',
    description,
    parts,
    { escape: escapes[style] },
    options.isFound === true ? undefined : options.idField,
  );
}

const DIRECTIVE = /^log_format\s+\S+\s+/;
const ESCAPE = /^escape=(\w+)\s+/;

function readDirective(text: string): { format: string; style: NginxEscape } {
  const directive = DIRECTIVE.test(text.trim());
  let rest = text.trim().replace(DIRECTIVE, '');
  const named = ESCAPE.exec(rest);
  rest = rest.replace(ESCAPE, '');
  const quoted = directive || named !== null || /^(?:'[^']*'\s*)+;?$/.test(rest);
  const format = quoted ? joinQuoted(rest) : unescapeWord(rest);
  const name = named?.[1] ?? (looksLikeJson(format) ? 'json' : 'default');
  if (name === 'default' || name === 'json' || name === 'none') return { format, style: name };
  throw new AccessFormatError('bad-format', `there is no escape=${name}`, 'nginx has escape=default, json and none');
}

/** An object written by hand is hardly ever right without escape=json, whose escapes include the others' quotes. */
function looksLikeJson(format: string): boolean {
  return /^\s*\{\s*"/.test(format);
}

/** `'…' "…" word;` as the configuration file has it: what stands next to each other is one text. */
function joinQuoted(text: string): string {
  let format = '';
  for (const [, single, double, word] of text.matchAll(/'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|([^\s;'"]+)/gs)) {
    format += unescapeWord(single ?? double ?? word ?? '');
  }
  return format;
}

function readParts(format: string, style: NginxEscape): TemplatePart[] {
  const parts: TemplatePart[] = [];
  // Milliseconds beat the whole seconds of the other times.
  const hasMillis = /\$\{?msec\b/.test(format);
  let at = 0;
  for (const match of format.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)) {
    parts.push(format.slice(at, match.index), readVariable(match[1] ?? match[2] ?? '', style, hasMillis));
    at = match.index + match[0].length;
  }
  parts.push(format.slice(at));
  if (parts.length > 1) return parts;
  throw new AccessFormatError(
    'bad-format',
    `no variable in the nginx format: ${format}`,
    "in a shell, quote it with ' so that $status stays what it is",
  );
}

const TEXTS: Record<NginxEscape, Characters> = { default: NGINX_TEXT, json: BACKSLASHED, none: ANYTHING };

function readVariable(name: string, style: NginxEscape, hasMillis: boolean): Value {
  const known = Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined;
  const [meaning, kind] = known ?? [
    NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? Slot.none,
    WORDS.test(name) ? TOKEN : 'text',
  ];
  const characters = kind === 'text' ? TEXTS[style] : kind;
  const slot = hasMillis && name.startsWith('time_') ? Slot.none : meaning;
  return { slot, characters, label: `$${name}`, rank: rankOf(name) };
}
