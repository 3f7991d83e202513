import { MirrorError } from './errors.ts';

export interface ProxyOptions {
  readonly url: string;
  /** The text `user:password`, sent as Basic. */
  readonly credentials?: string | undefined;
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Hosts that are reached without the proxy: names, `.domain`, addresses, `*`. */
  readonly noProxy?: readonly string[] | undefined;
}

/** Header lines that are for the proxy alone: its own ones and the credentials. */
export function proxyHeaderLines(proxy: URL, options: ProxyOptions | undefined): string {
  const lines = (options?.headers ?? []).map(([name, value]) => `${name}: ${value}\r\n`);
  const credentials = options?.credentials ?? credentialsOf(proxy);
  // The Basic scheme: RFC 7617.
  if (credentials !== undefined)
    lines.push(`proxy-authorization: Basic ${Buffer.from(credentials, 'utf8').toString('base64')}\r\n`);
  return lines.join('');
}

/** @throws MirrorError for a `%` that encodes nothing */
export function credentialsOf({ username, password, host }: URL): string | undefined {
  if (username === '') return undefined;
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    throw new MirrorError(`user or password of the proxy ${host} cannot be decoded: a % is written %25`);
  }
}
