/**
 * Options and the OTEL_* variables → settings of one signal (OpenTelemetry specification, "Protocol Exporter" and
 * "General SDK Configuration"). An option goes before a variable, a variable of the signal before the general one; an
 * empty variable is an absent one. What cannot be meant is refused: spans that go elsewhere are lost too.
 */
import { readFileSync } from 'node:fs';
import { shownUrl } from '../text/shown-url.ts';
import type { Signal } from './batch.ts';
import { OtelError } from './errors.ts';
import type { ResourceOptions } from './resource.ts';
import { PROTOCOLS, type Protocol, type SignalSettings, type TlsFiles } from './settings.ts';

export type Environment = { readonly [name: string]: string | undefined };

/** Settings of the command line; each may be absent. */
export interface GivenSettings {
  /** A base URL: the path of the signal is appended, over HTTP. */
  readonly endpoint?: string | undefined;
  readonly protocol?: string | undefined;
  /** `name=value`, the value percent-encoded. */
  readonly headers?: readonly string[] | undefined;
  readonly compression?: string | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const DEFAULT_ENDPOINTS = { grpc: 'http://localhost:4317', http: 'http://localhost:4318' } as const;
const PREFIX = 'OTEL_EXPORTER_OTLP_';
/** A token of RFC 9110. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a header value must not hold
const NOT_IN_VALUE = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/;

/** A value, and the name of the option or variable it came from. */
interface Named {
  readonly name: string;
  readonly text: string;
}

/** Throws OtelError. */
export function readSettings(
  signal: Signal,
  given: GivenSettings,
  env: Environment,
  userAgent: string,
): SignalSettings {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true')
    throw new OtelError(
      'sdk-disabled',
      'OTEL_SDK_DISABLED is true: nothing may be exported',
      'unset it for this command',
    );
  const find = (option: string, value: string | undefined, variable: string) =>
    value !== undefined ? { name: option, text: value } : findVariable(env, signal, variable);
  const protocol = readProtocol(find('--protocol', given.protocol, 'PROTOCOL'));
  const url = readEndpoint(signal, protocol, given.endpoint, env);
  const headers = readHeaders(findVariable(env, signal, 'HEADERS'), given.headers ?? []);
  if (url.username !== '' && !headers.has('authorization')) headers.set('authorization', basicCredentials(url));
  url.username = '';
  url.password = '';
  return {
    protocol,
    url,
    headers,
    gzip: readCompression(find('--compression', given.compression, 'COMPRESSION')),
    timeoutMs: readTimeout(findVariable(env, signal, 'TIMEOUT')),
    tls: readTls({
      ca: find('--ca', given.ca, 'CERTIFICATE'),
      cert: find('--cert', given.cert, 'CLIENT_CERTIFICATE'),
      key: find('--key', given.key, 'CLIENT_KEY'),
    }),
    userAgent,
  };
}

/** Throws OtelError. */
export function readResourceOptions(env: Environment): ResourceOptions {
  const serviceName = textOf(env, 'OTEL_SERVICE_NAME');
  const attributes = new Map(
    readPairs({ name: 'OTEL_RESOURCE_ATTRIBUTES', text: textOf(env, 'OTEL_RESOURCE_ATTRIBUTES') ?? '' }),
  );
  return { attributes, ...(serviceName !== undefined && { serviceName }) };
}

/** The value of a variable; undefined for an absent and for an empty one. */
function textOf(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

function findVariable(env: Environment, signal: Signal, variable: string): Named | undefined {
  for (const name of [`${PREFIX}${signal.toUpperCase()}_${variable}`, `${PREFIX}${variable}`]) {
    const text = textOf(env, name);
    if (text !== undefined) return { name, text };
  }
  return undefined;
}

function readProtocol(found: Named | undefined): Protocol {
  if (found === undefined) return 'http/protobuf';
  const protocol = PROTOCOLS.find((known) => known === found.text);
  if (protocol === undefined)
    throw new OtelError(
      'bad-protocol',
      `${found.name}: ${JSON.stringify(found.text)} is no protocol`,
      `choose from ${PROTOCOLS.join(', ')}`,
    );
  return protocol;
}

function readEndpoint(signal: Signal, protocol: Protocol, given: string | undefined, env: Environment): URL {
  const isGrpc = protocol === 'grpc';
  const own = textOf(env, `${PREFIX}${signal.toUpperCase()}_ENDPOINT`);
  if (given === undefined && own !== undefined)
    return parseEndpoint({ name: `${PREFIX}${signal.toUpperCase()}_ENDPOINT`, text: own });
  const general = textOf(env, `${PREFIX}ENDPOINT`);
  const base =
    given !== undefined
      ? { name: '--endpoint', text: given }
      : { name: `${PREFIX}ENDPOINT`, text: general ?? (isGrpc ? DEFAULT_ENDPOINTS.grpc : DEFAULT_ENDPOINTS.http) };
  const url = parseEndpoint(base);
  if (!isGrpc) url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/${signal}`;
  return url;
}

/** A URL with a scheme: without one, `localhost:4318` would be taken for the scheme `localhost:`. */
function parseEndpoint({ name, text }: Named): URL {
  const shown = JSON.stringify(shownUrl(text.trim()));
  if (!/^https?:\/\//i.test(text.trim())) {
    const rest = shownUrl(text.trim()).replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
    throw new OtelError('bad-endpoint', `${name}: ${shown} has no http:// or https://`, `write http://${rest}`);
  }
  try {
    const url = new URL(text.trim());
    url.hash = '';
    return url;
  } catch {
    throw new OtelError('bad-endpoint', `${name}: ${shown} is no URL`, 'write http://HOST:4318');
  }
}

function basicCredentials({ username, password }: URL): string {
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

/** The options' headers are added to those of the environment and take precedence. */
function readHeaders(found: Named | undefined, given: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  const add = (source: string, pairs: readonly (readonly [string, string])[]) => {
    for (const [name, value] of pairs) {
      if (!HEADER_NAME.test(name) || NOT_IN_VALUE.test(value))
        throw new OtelError('bad-header', `${source}: ${JSON.stringify(name)} is no header`, 'write name=value');
      headers.set(name.toLowerCase(), value);
    }
  };
  if (found !== undefined) add(found.name, readPairs(found));
  // A comma may be part of the value of an option: it can be repeated instead.
  for (const text of given) add('--header', [readPair({ name: '--header', text })]);
  return headers;
}

/** `key1=value1,key2=value2`, values percent-encoded (W3C Baggage). */
function readPairs({ name, text }: Named): [string, string][] {
  return text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => readPair({ name, text: part }));
}

/** An error does not show the value: it is most often a secret. */
function readPair({ name, text }: Named): [string, string] {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new OtelError('bad-header', `${name}: a pair has no name or no =`, 'write name=value');
  const value = text.slice(equals + 1).trim();
  try {
    return [text.slice(0, equals).trim(), decodeURIComponent(value)];
  } catch {
    throw new OtelError('bad-header', `${name}: a value is not percent-encoded`, 'write % itself as %25');
  }
}

function readCompression(found: Named | undefined): boolean {
  if (found === undefined || found.text === 'none') return false;
  if (found.text === 'gzip') return true;
  throw new OtelError(
    'bad-compression',
    `${found.name}: ${JSON.stringify(found.text)} is no compression`,
    'choose gzip or none',
  );
}

function readTimeout(found: Named | undefined): number {
  if (found === undefined) return DEFAULT_TIMEOUT_MS;
  const ms = Number(found.text);
  if (Number.isInteger(ms) && ms > 0 && ms <= MAX_TIMEOUT_MS) return ms;
  throw new OtelError(
    'bad-timeout',
    `${found.name}: ${JSON.stringify(found.text)} is no number of milliseconds`,
    'write 10000 for ten seconds',
  );
}

function readTls(files: { readonly [name in keyof TlsFiles]: Named | undefined }): TlsFiles {
  const { cert, key } = files;
  const lonely = cert === undefined ? key : key === undefined ? cert : undefined;
  if (lonely !== undefined)
    throw new OtelError(
      'cannot-read-certificate',
      `${lonely.name} stands alone`,
      'a client certificate needs both --cert and --key',
    );
  const tls: { -readonly [name in keyof TlsFiles]: TlsFiles[name] } = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const found = files[name];
    if (found !== undefined) tls[name] = readFile(found);
  }
  return tls;
}

function readFile({ name, text }: Named): Buffer {
  try {
    return readFileSync(text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OtelError('cannot-read-certificate', `${name}: cannot read ${text}: ${code}`, 'name a PEM file');
  }
}
