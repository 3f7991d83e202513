import { MirrorError } from './errors.ts';
import { HOP_BY_HOP } from './request-headers.ts';
import { isFieldValue, isToken } from './syntax.ts';
import { parseDestination, type Target } from './target.ts';

export interface MirrorOptions {
  /** Each http:// or https:// URL has its own queue, connections and records; its path is a prefix. */
  readonly destinations: readonly string[];
  /** Only messages of these names are taken. */
  readonly messages?: readonly string[] | undefined;
  /** Only these methods are mirrored. */
  readonly methods?: readonly string[] | undefined;
  /** Only these paths: each is a prefix, or matches the whole path without its query where it has a `*`. */
  readonly paths?: readonly string[] | undefined;
  /** 0 to 1; by a hash of the unique id, so that every agent chooses the same requests. */
  readonly sample?: number | undefined;
  /** Requests a second. */
  readonly maxRate?: number | undefined;
  readonly stripHeaders?: readonly string[] | undefined;
  /** Replace what the client sent. */
  readonly setHeaders?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Records and spans have the names of a query alone; the mirror gets all of it. */
  readonly redactQuery?: boolean | undefined;
  /** Carries arg_uid: `x-unique-id`. */
  readonly uniqueIdHeader?: string | undefined;
  /** Host becomes the destination's (true) or this text; false keeps production's. */
  readonly rewriteHost?: boolean | string | undefined;
  readonly truncatedBody?: 'send' | 'skip' | undefined;
  readonly maxQueueRequests?: number | undefined;
  /** Of everything that waits or is on its way. */
  readonly maxQueueBytes?: number | undefined;
  /** Which one goes when the queue is full. */
  readonly dropPolicy?: 'newest' | 'oldest' | undefined;
  readonly connections?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly headersTimeoutMs?: number | undefined;
  /** From the write to the end of the response; also how long a request may wait in the queue. */
  readonly totalTimeoutMs?: number | undefined;
  /** How long an unused connection is kept: less than servers do, as a close may cross with a request. */
  readonly idleTimeoutMs?: number | undefined;
  /** A response is read to its end up to this; a longer one costs its connection. */
  readonly maxResponseBytes?: number | undefined;
  /** How long requests are gathered before they are written together. */
  readonly gatherMs?: number | undefined;
  readonly proxy?: ProxyOptions | undefined;
  /** An address, or the name of an interface. */
  readonly localAddress?: string | undefined;
  readonly localPorts?: readonly [from: number, to: number] | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Requests that are safe to repeat may be written behind one another. */
  readonly pipelining?: boolean | undefined;
  /** A connection older than this takes no more requests, so that names are looked up again; 0 is no limit. */
  readonly connectionAgeMs?: number | undefined;
  /** HTTP/2 to https:// destinations that offer it. */
  readonly http2?: boolean | undefined;
}

export interface ProxyOptions {
  readonly url: string;
  /** `user:password`, sent as Basic. */
  readonly credentials?: string | undefined;
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Hosts that are reached without the proxy: names, `.domain`, addresses, `*`. */
  readonly noProxy?: readonly string[] | undefined;
}

/** PEM. */
export interface TlsOptions {
  readonly insecure?: boolean | undefined;
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
}

/** To each destination. */
export const DEFAULT_CONNECTIONS = 64;

/** Of what is not given. */
export const MIRROR_DEFAULTS = {
  sample: 1,
  uniqueIdHeader: 'x-unique-id',
  rewriteHost: false as boolean | string,
  truncatedBody: 'send' as 'send' | 'skip',
  maxQueueRequests: 10_000,
  maxQueueBytes: 64 * 1024 * 1024,
  dropPolicy: 'newest' as 'newest' | 'oldest',
  connections: DEFAULT_CONNECTIONS,
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 30_000,
  totalTimeoutMs: 30_000,
  idleTimeoutMs: 4_000,
  maxResponseBytes: 1024 * 1024,
  gatherMs: 2,
  http2: false,
  redactQuery: false,
  pipelining: true,
  connectionAgeMs: 60_000,
};

/** Of each destination. */
export function queueBytesOf({ maxQueueBytes = MIRROR_DEFAULTS.maxQueueBytes }: MirrorOptions): number {
  return maxQueueBytes;
}

/** The part of one of several processes, counted from 1: rate, queue and local ports are for all of them together. */
export function shareOf(part: { number: number; of: number }, options: MirrorOptions): MirrorOptions {
  const processes = part.of;
  const {
    maxRate,
    localPorts,
    maxQueueRequests = MIRROR_DEFAULTS.maxQueueRequests,
    maxQueueBytes = MIRROR_DEFAULTS.maxQueueBytes,
  } = options;
  return {
    ...options,
    maxRate: maxRate === undefined ? undefined : maxRate / processes,
    maxQueueRequests: Math.ceil(maxQueueRequests / processes),
    maxQueueBytes: Math.ceil(maxQueueBytes / processes),
    localPorts: localPorts && portsOf(part, localPorts),
  };
}

function portsOf(part: { number: number; of: number }, [from, to]: readonly [number, number]): [number, number] {
  const step = Math.floor((to - from + 1) / part.of);
  const first = from + (part.number - 1) * step;
  return [first, part.number === part.of ? to : first + step - 1];
}

/** The options with their defaults, checked. */
export type Settings = typeof MIRROR_DEFAULTS & {
  readonly targets: readonly Target[];
  readonly messages: ReadonlySet<string> | undefined;
  readonly methods: ReadonlySet<string> | undefined;
  readonly paths: readonly string[];
  readonly maxRate: number | undefined;
  readonly stripHeaders: readonly string[];
  readonly setHeaders: readonly (readonly [name: string, value: string])[];
  readonly proxy: ProxyOptions | undefined;
  readonly localAddress: string | undefined;
  readonly localPorts: readonly [from: number, to: number] | undefined;
  readonly tls: TlsOptions;
};

/** @throws MirrorError for an option that makes no sense */
export function resolveOptions(options: MirrorOptions): Settings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const scalars = { ...MIRROR_DEFAULTS, ...given } as typeof MIRROR_DEFAULTS & { maxRate?: number };
  checkNumbers(scalars);
  checkHeaders(options);
  if (options.destinations.length === 0) throw new MirrorError('there is no destination to mirror to');
  return {
    ...scalars,
    uniqueIdHeader: scalars.uniqueIdHeader.toLowerCase(),
    targets: options.destinations.map((url) => parseDestination(url, options.proxy)),
    messages: asSet(options.messages),
    methods: asSet(options.methods),
    paths: options.paths ?? [],
    maxRate: options.maxRate,
    stripHeaders: (options.stripHeaders ?? []).map((name) => name.toLowerCase()),
    setHeaders: options.setHeaders ?? [],
    proxy: options.proxy,
    localAddress: options.localAddress,
    localPorts: options.localPorts,
    tls: options.tls ?? {},
  };
}

function asSet(names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return names === undefined || names.length === 0 ? undefined : new Set(names);
}

function checkNumbers(scalars: typeof MIRROR_DEFAULTS & { maxRate?: number }): void {
  for (const [name, value] of Object.entries(scalars)) {
    if (typeof value === 'number' && !(value >= 0 && Number.isFinite(value)))
      throw new MirrorError(`${name} cannot be ${value}`);
  }
  if (scalars.sample > 1) throw new MirrorError(`sample is a ratio from 0 to 1, not ${scalars.sample}`);
  if (scalars.connections < 1) throw new MirrorError('connections must be at least 1');
  if (scalars.maxRate === 0) throw new MirrorError('maxRate must be more than 0');
}

/** Headers that say how the message is framed are ours alone. */
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'connection', 'host']);
/** So are those of a hop, where the hop is ours. */
const OURS: ReadonlySet<string> = new Set([...FRAMING, ...HOP_BY_HOP]);

function checkHeaders({ setHeaders = [], proxy, uniqueIdHeader, rewriteHost }: MirrorOptions): void {
  for (const [name, value] of setHeaders) checkHeader(name, value, OURS);
  for (const [name, value] of proxy?.headers ?? []) checkHeader(name, value, FRAMING);
  if (uniqueIdHeader !== undefined) checkHeader(uniqueIdHeader, '', OURS);
  if (typeof rewriteHost === 'string' && !isFieldValue(rewriteHost))
    throw new MirrorError('the host to send is not a valid header value');
}

function checkHeader(name: string, value: string, taken: ReadonlySet<string>): void {
  if (!isToken(name) || !isFieldValue(value)) throw new MirrorError(`${JSON.stringify(name)} is not a valid header`);
  if (taken.has(name.toLowerCase())) throw new MirrorError(`the header ${name} cannot be set`);
}
