/** Formats that have names, and what `--production-format` and `--mirror-format` may be. */
import { AgentRecordFormat } from './agent-record-format.ts';
import { compileApacheFormat } from './apache-format.ts';
import { AccessFormatError } from './errors.ts';
import type { AccessFormat } from './format.ts';
import { compileHaproxyFormat } from './haproxy-format.ts';
import { CLF, CLF_LISTS, HTTPLOG, HTTPSLOG } from './haproxy-tokens.ts';
import { AliasedJsonFormat } from './json-format.ts';
import { MirrorLogFormat } from './mirror-log-format.ts';
import { compileNginxFormat } from './nginx-format.ts';
import type { AccessReadOptions } from './read-options.ts';

const COMMON = '%h %l %u %t "%r" %>s %b';
const COMBINED = `${COMMON} "%{Referer}i" "%{User-Agent}i"`;
/** What `--print-haproxy-config` prints for the mirror. */
const WITH_ID = ' "$http_x_unique_id" $request_time';
const NGINX_COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

type Maker = () => AccessFormat;

/** Apache's escapes include nginx's: a format of both is read as Apache's. */
function combined(description: string, format: string): Maker {
  const name = description.includes('combined') ? 'combined' : 'clf';
  return () => compileApacheFormat(format, { name, description });
}

export const haproxyBases = { httplog: HTTPLOG, httpslog: HTTPSLOG, 'httplog clf': CLF } as const;
export type HaproxyBase = keyof typeof haproxyBases;

/** One of HAProxy's own formats, with more behind it. */
export function haproxyBuiltin(base: HaproxyBase, extras = '', shown = extras): AccessFormat {
  const name = base === 'httpslog' ? 'haproxy-httpslog' : 'haproxy-httplog';
  const description = shown === '' ? base : `${base} + ${shown.trim()}`;
  const lists = base === 'httplog clf' ? CLF_LISTS : '';
  return compileHaproxyFormat(`${haproxyBases[base]}${lists}${extras}`, { name, description });
}

/** In the order in which they are preferred when several read the same lines. */
export const WEB_SERVER_FORMATS: readonly Maker[] = [
  () =>
    compileNginxFormat(NGINX_COMBINED + WITH_ID, {
      name: 'combined',
      description: 'combined + "$http_x_unique_id" $request_time',
    }),
  // Users have no spaces here, or each line would be one with a virtual host or without.
  combined('vhost + combined', `%v ${COMBINED.replace('%u', '%l')}`),
  combined('combined', COMBINED),
  combined('vhost + common', `%v ${COMMON.replace('%u', '%l')}`),
  combined('common', COMMON),
];

/** A time in a format of its own is read over, and so is anything else in its place. */
const REST = ' %{rest}t';
/** %l for the user too: without spaces, so that only the rest is text that may hold anything. */
const openFormat = (format: string) => `${format.replace('%u', '%l')}${REST}`;

/** With anything behind, which is not read. */
export const OPEN_WEB_SERVER_FORMATS: readonly Maker[] = [
  combined('combined + fields that are not read', openFormat(COMBINED)),
  combined('vhost + combined + fields that are not read', openFormat(`%v ${COMBINED}`)),
  combined('common + fields that are not read', openFormat(COMMON)),
];

export const JSON_FORMATS: readonly Maker[] = [
  () => new AgentRecordFormat(),
  () => new AliasedJsonFormat('haproxy-json'),
  () => new AliasedJsonFormat('json'),
];

export const makeMirrorLogFormat: Maker = () => new MirrorLogFormat();

const NAMED: Readonly<Record<string, Maker>> = {
  httplog: () => haproxyBuiltin('httplog'),
  'haproxy-httplog': () => haproxyBuiltin('httplog'),
  httpslog: () => haproxyBuiltin('httpslog'),
  'haproxy-httpslog': () => haproxyBuiltin('httpslog'),
  combined: combined('combined', COMBINED),
  common: combined('common', COMMON),
  clf: combined('common', COMMON),
  json: () => new AliasedJsonFormat('json'),
  'haproxy-json': () => new AliasedJsonFormat('haproxy-json'),
  'agent-jsonl': () => new AgentRecordFormat(),
  'spoa-mirror-log': makeMirrorLogFormat,
};

/**
 * A format as a person gives it: HAProxy's log-format, nginx's log_format, Apache's LogFormat, or a name.
 * @throws AccessFormatError
 */
export function compileFormat(text: string, _options: AccessReadOptions = {}): AccessFormat {
  const format = text.trim();
  const named = Object.hasOwn(NAMED, format) ? NAMED[format] : undefined;
  if (named !== undefined) return named();
  if (/^LogFormat\s|^"?%[>]?[hv]\s|%>s/.test(format)) return compileApacheFormat(format);
  if (/^log-format\s/.test(format) || /%[A-Za-z{[(]/.test(format)) return compileHaproxyFormat(format);
  if (/^log_format\s|\$\{?[a-z]/.test(format)) return compileNginxFormat(format);
  if (/\$\{?HAPROXY_/.test(format)) return compileHaproxyFormat(format);
  throw new AccessFormatError(
    'bad-format',
    `neither a format nor the name of one: ${JSON.stringify(text)}`,
    `give the log-format of HAProxy, the log_format of nginx, or one of ${Object.keys(NAMED).join(', ')}`,
  );
}
