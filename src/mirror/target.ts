import { shownUrl } from '../text/shown-url.ts';
import { MirrorError } from './errors.ts';
import { credentialsOf, type ProxyOptions } from './proxy-headers.ts';
import type { TlsBackoff } from './tls-backoff.ts';

/** Where requests go: a destination URL taken apart. */
export interface Target {
  /** `http://host:port`, the port only where it is not the scheme's own. */
  readonly origin: string;
  readonly secure: boolean;
  /** The host without the brackets of an IPv6 address. */
  readonly hostname: string;
  readonly port: number;
  /** The value of a Host header. */
  readonly host: string;
  /** The text before every path: empty, or begins with `/` and does not end with one. */
  readonly prefix: string;
  /** The proxy that leads there, if one does. */
  readonly proxy: URL | undefined;
  /** The pauses before TLS handshakes, shared by all connections to it. */
  readonly tlsBackoff?: TlsBackoff;
}

/** @throws MirrorError for anything but an http or https URL without credentials, query and fragment */
export function parseDestination(text: string, proxy?: ProxyOptions): Target {
  const url = parseHttpUrl(text, 'destination');
  if (url.username !== '' || url.password !== '')
    throw new MirrorError(`the destination ${url.origin} has credentials: set a header instead, from a file`);
  if (url.search !== '' || url.hash !== '') throw new MirrorError(`the destination ${url.origin} has more than a path`);
  const secure = url.protocol === 'https:';
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  return {
    origin: url.origin,
    secure,
    hostname,
    port: Number(url.port) || (secure ? 443 : 80),
    host: url.host,
    prefix: url.pathname.replace(/\/+$/, ''),
    proxy: proxyFor(url, hostname, proxy),
  };
}

function parseHttpUrl(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new MirrorError(`the ${what} ${JSON.stringify(shownUrl(text))} is not an http:// or https:// URL`);
  return url;
}

/** Refuses https://: libcurl's own proxies may be reached over TLS, but the original agent refuses that, and so does this one. */
function parseProxy(text: string): URL {
  const url = parseHttpUrl(text.includes('://') ? text : `http://${text}`, 'proxy');
  if (url.protocol !== 'http:')
    throw new MirrorError(
      `the proxy ${shownUrl(text)} is to be reached over TLS, which is not supported: http:// only`,
    );
  return url;
}

function proxyFor(url: URL, hostname: string, proxy: ProxyOptions | undefined): URL | undefined {
  if (proxy === undefined) return undefined;
  const through = parseProxy(proxy.url);
  credentialsOf(through);
  const direct = (proxy.noProxy ?? []).some((entry) => isDirect(entry.trim().toLowerCase(), url, hostname));
  return direct ? undefined : through;
}

/** Reads an entry as curl does: `*`, a host with or without port, or a domain whose hosts all match. */
function isDirect(entry: string, url: URL, hostname: string): boolean {
  if (entry === '*') return true;
  const domain = entry.replace(/^\./, '');
  if (domain === '') return false;
  return domain === hostname || domain === url.host || hostname.endsWith(`.${domain}`);
}
