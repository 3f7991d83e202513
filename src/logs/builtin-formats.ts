/** Formats that have names, and what `--production-format` and `--mirror-format` may be. */
import { AgentRecordFormat } from './access/agent-record-format.ts';
import { compileApacheFormat } from './access/apache-format.ts';
import type { AccessFormat } from './access/format.ts';
import { compileHaproxyFormat } from './access/haproxy-format.ts';
import { CLF, CLF_LISTS, HTTPLOG, HTTPSLOG } from './access/haproxy-tokens.ts';
import { AliasedJsonFormat } from './access/json-format.ts';
import { MirrorLogFormat } from './access/mirror-log-format.ts';
import { compileNginxFormat } from './access/nginx-format.ts';
import { AccessFormatError } from './access-errors.ts';
import type { AccessReadOptions } from './access-options.ts';

const COMMON = '%h %l %u %t "%r" %>s %b';
const COMBINED = `${COMMON} "%{Referer}i" "%{User-Agent}i"`;
/** The end of the format that `--print-haproxy-config` prints for the mirror. */
const WITH_ID = ' "$http_x_unique_id" $request_time';
const NGINX_COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

type Maker = (options: AccessReadOptions) => AccessFormat;

/** Apache's escapes include nginx's: a format of both is read as Apache's. */
/** @param name what the report calls it */
function apache(name: 'combined' | 'clf', description: string, format: string): Maker {
  return (options) => compileApacheFormat(format, { name, description, ...options, isFound: true });
}

export const haproxyBases = { httplog: HTTPLOG, httpslog: HTTPSLOG, 'httplog clf': CLF } as const;
export type HaproxyBase = keyof typeof haproxyBases;

/** One of HAProxy's own formats, as it is used. */
export interface HaproxyVariant {
  readonly base: HaproxyBase;
  /** The format without the lists of `httplog clf`. */
  readonly text: string;
  readonly shown: string;
}

export const HAPROXY_VARIANTS: readonly HaproxyVariant[] = (
  Object.entries(haproxyBases) as [HaproxyBase, string][]
).map(([base, text]) => ({ base, text, shown: base }));

/** One of them with more behind it. */
export function haproxyBuiltin(
  { base, text, shown }: HaproxyVariant,
  extras: { readonly format: string; readonly shown: string } = { format: '', shown: '' },
  options: AccessReadOptions = {},
): AccessFormat {
  const name = base === 'httpslog' ? 'haproxy-httpslog' : 'haproxy-httplog';
  const description = extras.shown === '' ? shown : `${shown} + ${extras.shown.trim()}`;
  const lists = base === 'httplog clf' ? CLF_LISTS : '';
  return compileHaproxyFormat(`${text}${lists}${extras.format}`, { name, description, ...options, isFound: true });
}

const named = (base: HaproxyBase) => (options: AccessReadOptions) =>
  haproxyBuiltin({ base, text: haproxyBases[base], shown: base }, undefined, options);

/** Formats in the order in which they are preferred when several read the same lines. */
export const WEB_SERVER_FORMATS: readonly Maker[] = [
  (options) =>
    compileNginxFormat(NGINX_COMBINED + WITH_ID, {
      name: 'combined',
      description: 'combined + "$http_x_unique_id" $request_time',
      ...options,
      isFound: true,
    }),
  // Users have no spaces here, or each line would be one with a virtual host or without.
  apache('combined', 'vhost + combined', `%v ${COMBINED.replace('%u', '%l')}`),
  apache('combined', 'combined', COMBINED),
  apache('clf', 'vhost + common', `%v ${COMMON.replace('%u', '%l')}`),
  apache('clf', 'common', COMMON),
];

/** A time in a format of its own is read over, and so is anything else in its place. */
const REST = ' %{rest}t';
/** %l for the user too: without spaces, so that only the rest is text that may hold anything. */
const openFormat = (format: string) => `${format.replace('%u', '%l')}${REST}`;

/** The same formats with anything behind them, which is not read. */
export const OPEN_WEB_SERVER_FORMATS: readonly Maker[] = [
  apache('combined', 'combined + fields that are not read', openFormat(COMBINED)),
  apache('combined', 'vhost + combined + fields that are not read', openFormat(`%v ${COMBINED}`)),
  apache('clf', 'common + fields that are not read', openFormat(COMMON)),
];

export const JSON_FORMATS: readonly Maker[] = [
  (options) => new AgentRecordFormat(options),
  (options) => new AliasedJsonFormat('haproxy-json', options),
  (options) => new AliasedJsonFormat('json', options),
];

export const makeMirrorLogFormat: Maker = () => new MirrorLogFormat();

const NAMED: Readonly<Record<string, Maker>> = {
  httplog: named('httplog'),
  'haproxy-httplog': named('httplog'),
  httpslog: named('httpslog'),
  'haproxy-httpslog': named('httpslog'),
  combined: apache('combined', 'combined', COMBINED),
  common: apache('clf', 'common', COMMON),
  clf: apache('clf', 'common', COMMON),
  json: (options) => new AliasedJsonFormat('json', options),
  'haproxy-json': (options) => new AliasedJsonFormat('haproxy-json', options),
  'agent-jsonl': (options) => new AgentRecordFormat(options),
  'spoa-mirror-log': makeMirrorLogFormat,
};

/** The key of a ConfigMap: `log-format-upstream: '…'`. */
const YAML_KEY = /^[\w./-]*log-?format[\w-]*:\s*/i;
/** `%h`, `%>s`, `%{Referer}i`; braces of HAProxy hold flags: `%{+Q}r`. */
const APACHE = /^(?:LogFormat|CustomLog)\s|^["']?%h\s|^["']?%v(?::%p)?\s|%>s|%[!<>\d,]*\{[^}+-][^}]*\}\^?[A-Za-z]/;

/**
 * A format as a person gives it: HAProxy's log-format, nginx's log_format, Apache's LogFormat, or a name.
 * @throws AccessFormatError
 */
export function compileFormat(text: string, options: AccessReadOptions = {}): AccessFormat {
  const format = text.trim().replace(YAML_KEY, '');
  const make = Object.hasOwn(NAMED, format) ? NAMED[format] : undefined;
  if (make !== undefined) return make(options);
  if (APACHE.test(format)) return compileApacheFormat(format, options);
  if (/^log-format\s/.test(format) || /%[A-Za-z{[(]/.test(format)) return compileHaproxyFormat(format, options);
  if (/^log_format\s|\$\{?[a-z]/.test(format)) return compileNginxFormat(format, options);
  if (/\$\{?HAPROXY_/.test(format)) return compileHaproxyFormat(format, options);
  throw new AccessFormatError(
    'bad-format',
    `neither a format nor the name of one: ${JSON.stringify(text)}`,
    `give the log-format of HAProxy, the log_format of nginx, or one of ${Object.keys(NAMED).join(', ')}`,
  );
}
