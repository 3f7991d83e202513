import type { AnswerParts } from './answer-capture.ts';
import { MirrorError } from './errors.ts';
import type { ProxyOptions } from './proxy-headers.ts';
import { HOP_BY_HOP } from './request-headers.ts';
import { isFieldValue, isToken } from './syntax.ts';
import { parseDestination, type Target } from './target.ts';

export interface MirrorOptions {
  /** The http:// or https:// URLs; each has its own queue, connections and records; its path is a prefix. */
  readonly destinations: readonly string[];
  /** The names of messages that are mirrored; all without it. */
  readonly messages?: readonly string[] | undefined;
  /** The methods that are mirrored; all without it. */
  readonly methods?: readonly string[] | undefined;
  /** The paths that are mirrored: each is a prefix, or matches the whole path without its query where it has a `*`. */
  readonly paths?: readonly string[] | undefined;
  /** The ratio of requests that are mirrored, 0 to 1; by a hash of the unique id, so that every agent chooses the same requests. */
  readonly sample?: number | undefined;
  /** The most requests a second. */
  readonly maxRate?: number | undefined;
  readonly stripHeaders?: readonly string[] | undefined;
  /** Headers that replace those of the client. */
  readonly setHeaders?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Records and spans have the names of a query alone; the mirror gets all of it. */
  readonly redactQuery?: boolean | undefined;
  /** The header that carries arg_uid: `x-unique-id`. */
  readonly uniqueIdHeader?: string | undefined;
  /** The Host header: the destination's (true), this text, or production's (false). */
  readonly rewriteHost?: boolean | string | undefined;
  readonly truncatedBody?: 'send' | 'skip' | undefined;
  readonly maxQueueRequests?: number | undefined;
  /** The most bytes of everything that waits or is on its way. */
  readonly maxQueueBytes?: number | undefined;
  /** The request that is dropped when the queue is full. */
  readonly dropPolicy?: 'newest' | 'oldest' | undefined;
  readonly connections?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly headersTimeoutMs?: number | undefined;
  /** The time from the write to the end of the response; also the longest that a request may wait in the queue. */
  readonly totalTimeoutMs?: number | undefined;
  /** The time that an unused connection is kept: less than servers do, as a close may cross with a request. */
  readonly idleTimeoutMs?: number | undefined;
  /** The most bytes of a response that are read; a longer one ends its connection. */
  readonly maxResponseBytes?: number | undefined;
  /** The time in which requests are gathered before they are written together. */
  readonly gatherMs?: number | undefined;
  readonly proxy?: ProxyOptions | undefined;
  /** The local address of connections, or the name of an interface. */
  readonly localAddress?: string | undefined;
  readonly localPorts?: readonly [from: number, to: number] | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Whether requests that are safe to repeat may be written behind one another. */
  readonly pipelining?: boolean | undefined;
  /** The age from which a connection takes no more requests, so that names are looked up again; 0 is no limit. */
  readonly connectionAgeMs?: number | undefined;
  /** Whether HTTP/2 is used to https:// destinations that offer it. */
  readonly http2?: boolean | undefined;
  /** What is kept of answers, those of production and of the destinations; nothing without it. */
  readonly answers?: AnswerParts | undefined;
}

/** TLS to the destinations; certificates and keys are PEM. */
export interface TlsOptions {
  readonly insecure?: boolean | undefined;
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
}

/** The default for the most connections to each destination. */
export const DEFAULT_CONNECTIONS = 64;

/** The values of options that are not given. */
export const MIRROR_DEFAULTS = {
  sample: 1,
  uniqueIdHeader: 'x-unique-id',
  rewriteHost: false,
  truncatedBody: 'send',
  maxQueueRequests: 10_000,
  maxQueueBytes: 64 * 1024 * 1024,
  dropPolicy: 'newest',
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
} satisfies Partial<MirrorOptions>;

/** The options that have a default. */
type Defaulted = { readonly [name in keyof typeof MIRROR_DEFAULTS]: NonNullable<MirrorOptions[name]> };

/** The most bytes that wait or are on their way, for each destination. */
export function queueBytesOf({ maxQueueBytes = MIRROR_DEFAULTS.maxQueueBytes }: MirrorOptions): number {
  return maxQueueBytes;
}

/** The bounds that hold for all processes together, and change with their number. */
export type Share = Pick<MirrorOptions, 'maxRate' | 'maxQueueRequests' | 'maxQueueBytes'>;

/** The options of one of several processes, counted from 1: rate, queue and local ports are for all of them together. */
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
export type Settings = Defaulted & {
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
  readonly answers: AnswerParts | undefined;
};

/** @throws MirrorError for an option that makes no sense */
export function resolveOptions(options: MirrorOptions): Settings {
  const defaulted = withDefaults(options);
  checkNumbers(defaulted, options.maxRate);
  checkHeaders(options);
  if (options.destinations.length === 0) throw new MirrorError('there is no destination to mirror to');
  return {
    ...defaulted,
    uniqueIdHeader: defaulted.uniqueIdHeader.toLowerCase(),
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
    answers: options.answers,
  };
}

function withDefaults(options: MirrorOptions): Defaulted {
  return {
    sample: options.sample ?? MIRROR_DEFAULTS.sample,
    uniqueIdHeader: options.uniqueIdHeader ?? MIRROR_DEFAULTS.uniqueIdHeader,
    rewriteHost: options.rewriteHost ?? MIRROR_DEFAULTS.rewriteHost,
    truncatedBody: options.truncatedBody ?? MIRROR_DEFAULTS.truncatedBody,
    maxQueueRequests: options.maxQueueRequests ?? MIRROR_DEFAULTS.maxQueueRequests,
    maxQueueBytes: options.maxQueueBytes ?? MIRROR_DEFAULTS.maxQueueBytes,
    dropPolicy: options.dropPolicy ?? MIRROR_DEFAULTS.dropPolicy,
    connections: options.connections ?? MIRROR_DEFAULTS.connections,
    connectTimeoutMs: options.connectTimeoutMs ?? MIRROR_DEFAULTS.connectTimeoutMs,
    headersTimeoutMs: options.headersTimeoutMs ?? MIRROR_DEFAULTS.headersTimeoutMs,
    totalTimeoutMs: options.totalTimeoutMs ?? MIRROR_DEFAULTS.totalTimeoutMs,
    idleTimeoutMs: options.idleTimeoutMs ?? MIRROR_DEFAULTS.idleTimeoutMs,
    maxResponseBytes: options.maxResponseBytes ?? MIRROR_DEFAULTS.maxResponseBytes,
    gatherMs: options.gatherMs ?? MIRROR_DEFAULTS.gatherMs,
    http2: options.http2 ?? MIRROR_DEFAULTS.http2,
    redactQuery: options.redactQuery ?? MIRROR_DEFAULTS.redactQuery,
    pipelining: options.pipelining ?? MIRROR_DEFAULTS.pipelining,
    connectionAgeMs: options.connectionAgeMs ?? MIRROR_DEFAULTS.connectionAgeMs,
  };
}

function asSet(names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return names === undefined || names.length === 0 ? undefined : new Set(names);
}

function checkNumbers(defaulted: Defaulted, maxRate: number | undefined): void {
  for (const [name, value] of Object.entries({ ...defaulted, maxRate })) {
    if (typeof value === 'number' && !(value >= 0 && Number.isFinite(value)))
      throw new MirrorError(`${name} cannot be ${value}`);
  }
  if (defaulted.sample > 1) throw new MirrorError(`sample is a ratio from 0 to 1, not ${defaulted.sample}`);
  if (defaulted.connections < 1) throw new MirrorError('connections must be at least 1');
  if (maxRate === 0) throw new MirrorError('maxRate must be more than 0');
}

/** Headers about the framing of the message, which this client alone sets. */
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'connection', 'host']);
/** These and the headers of a hop, which are not set on requests to a destination. */
const RESERVED: ReadonlySet<string> = new Set([...FRAMING, ...HOP_BY_HOP]);

function checkHeaders({ setHeaders = [], proxy, uniqueIdHeader, rewriteHost }: MirrorOptions): void {
  for (const [name, value] of setHeaders) checkHeader(name, value, RESERVED);
  for (const [name, value] of proxy?.headers ?? []) checkHeader(name, value, FRAMING);
  if (uniqueIdHeader !== undefined) checkHeader(uniqueIdHeader, '', RESERVED);
  if (typeof rewriteHost === 'string' && !isFieldValue(rewriteHost))
    throw new MirrorError('the host to send is not a valid header value');
}

function checkHeader(name: string, value: string, reserved: ReadonlySet<string>): void {
  if (!isToken(name) || !isFieldValue(value)) throw new MirrorError(`${JSON.stringify(name)} is not a valid header`);
  if (reserved.has(name.toLowerCase())) throw new MirrorError(`the header ${name} cannot be set`);
}
