/** The command line of spoa-mirror: arguments → options. Pure: files, names and addresses are looked at later. */
import type { MirrorOptions } from '../../mirror/options.ts';
import type { TraceContext } from '../../mirror/tracing.ts';
import type { Capability } from '../../spoa/agent.ts';
import { AgentError } from '../../spoa/errors.ts';
import type { Network } from './allowance.ts';
import { AGENT_DEFAULTS } from './defaults.ts';
import { EX_FILE, EX_USAGE } from './exit-codes.ts';
import { type FoundOption, readOptions, type SkippedArgument } from './getopt.ts';
import { OPTIONS, type Option } from './option-table.ts';
import type { LogFileOption } from './option-values.ts';
import type { ListenPem } from './pem.ts';
import type { Account } from './privileges.ts';

/** What the options say, with their defaults; `OPTIONS` fills it in. */
export interface MirrorAgentOptions {
  /** A name or address, or `unix:` and a path. */
  address: string;
  port: number;
  backlog: number;
  /** A socket that systemd listens on, in place of address and port. */
  listenFd: number | undefined;
  /** Who may connect; everybody when it is empty. */
  allow: Network[];
  capabilities: Capability[];
  daemonize: boolean;
  pidFile: string | undefined;
  logFile: LogFileOption | undefined;
  maxFrameSize: number;
  /** An upper bound. */
  workers: number;
  /** Milliseconds; 0 for ever, undefined when -r is missing. */
  runtimeMs: number | undefined;
  /** Milliseconds the ACK is delayed. */
  delayMs: number;
  /** Milliseconds between two monitor lines; undefined prints none. */
  monitorMs: number | undefined;
  /** A file, or `-` for standard output. */
  record: string | undefined;
  /** Rights of a record that is made; undefined leaves them to the umask. */
  recordMode: number | undefined;
  /** A file for the frames of all sessions, for debugging. */
  traceFrames: string | undefined;
  /** Rights of unix sockets; undefined leaves them to the umask. */
  socketMode: number | undefined;
  /** Names or numbers. */
  user: string | undefined;
  group: string | undefined;
  /** Whom those two name, once that was looked up. */
  account: Account | undefined;
  /** `HOST:PORT`, `PORT` or `unix:PATH`. */
  admin: string | undefined;
  /** Names the admin pages may be asked by, in lower case, beside addresses and localhost. */
  adminHosts: string[];
  /** Spans and metrics; where they go is for OTEL_* variables to say. */
  otel: boolean;
  /** Undefined when it was not given. */
  traceContext: TraceContext | undefined;
  graceMs: number;
  /** Files with PEM. */
  tlsFiles: { ca?: string; cert?: string; key?: string };
  insecure: boolean;
  /** The same for the side where HAProxy connects. */
  listenTlsFiles: { ca?: string; cert?: string; key?: string };
  /** What is in those, once they were read; undefined without TLS. */
  listenPem: ListenPem | undefined;
  proxy: { url?: string; credentials?: string; headers: (readonly [string, string])[]; noProxy: string[] };
  urls: string[];
  messages: string[];
  methods: string[];
  paths: string[];
  stripHeaders: string[];
  setHeaders: (readonly [string, string])[];
  /** Files with more headers, for the mirror and for the proxy. */
  headerFiles: { readonly mirror: string[]; readonly proxy: string[] };
  /** What goes to the mirror as it is. */
  mirror: { -readonly [Key in keyof MirrorOptions]?: MirrorOptions[Key] };
  /** Nothing is served: what a start would find is said. */
  check: boolean;
  /** The method of a request that --check sends to each mirror. */
  checkRequest: string | undefined;
  /** Worth a line in the log. */
  warnings: string[];
}

export type CommandLine =
  | { readonly run: MirrorAgentOptions }
  | { readonly show: 'help' | 'version'; readonly errors: readonly string[] }
  /** `exitCode` is 64 for usage, 255 for a log file that cannot be one. */
  | { readonly errors: readonly string[]; readonly exitCode: number };

const MIN_FRAME_SIZE = 512;
const MAX_WORKERS = 1000;

export function parseCommandLine(args: readonly string[]): CommandLine {
  const options = newOptions();
  const { found, withoutValue, errors: unreadable, skipped } = readOptions(args, OPTIONS);
  const errors = [...unreadable];
  const logErrors: string[] = [];
  for (const each of found) apply(each, options, errors, logErrors);
  const has = (long: string) => found.some(({ option }) => option.long === long);
  if (has('help')) return { show: 'help', errors };
  if (has('version')) return { show: 'version', errors };
  // A runtime that cannot be read is said already.
  const isRuntimeGiven = has('runtime') || withoutValue.some(({ long }) => long === 'runtime');
  errors.push(...check(options, isRuntimeGiven));
  if (errors.length > 0) return { errors: [...errors, ...logErrors], exitCode: EX_USAGE };
  if (logErrors.length > 0) return { errors: logErrors, exitCode: EX_FILE };
  options.warnings.push(...describeSkipped(skipped), ...describeUnused(options));
  return { run: options };
}

function apply(
  { option, value }: FoundOption<Option>,
  into: MirrorAgentOptions,
  errors: string[],
  log: string[],
): void {
  try {
    option.set(into, value);
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    (error.code === 'log-file' ? log : errors).push(naming(error.message, option));
  }
}

/** Many of the original agent's messages do not say which option they are about. */
function naming(message: string, { long }: Option): string {
  return message.includes(long) ? message : `${message} (--${long})`;
}

/** In the order of the original agent. */
function check(options: MirrorAgentOptions, isRuntimeGiven: boolean): string[] {
  const { runtimeMs, maxFrameSize, workers, port } = options;
  const errors: string[] = [];
  if (runtimeMs === undefined && !isRuntimeGiven && !options.check)
    errors.push('runtime value not set: -r TIME is required, -r0 runs without end');
  if (maxFrameSize < MIN_FRAME_SIZE) errors.push(`max-frame-size cannot be less than ${MIN_FRAME_SIZE}`);
  if (workers < 1 || workers > MAX_WORKERS) errors.push(`invalid number of workers '${workers}'`);
  if (port < 1 || port > 65_535) errors.push(`invalid port '${port}'`);
  if (options.proxy.url === undefined && options.proxy.credentials !== undefined)
    errors.push('-U names the user of a proxy, and there is none: -x URL is missing');
  errors.push(...checkListenTls(options), ...checkTracing(options));
  return errors;
}

function checkListenTls({ listenTlsFiles: { ca, cert, key } }: MirrorAgentOptions): string[] {
  if (cert !== undefined && key === undefined) return ['--tls-cert needs --tls-key'];
  if (cert === undefined && key !== undefined) return ['--tls-key needs --tls-cert'];
  if (cert === undefined && ca !== undefined) return ['--tls-ca needs --tls-cert and --tls-key'];
  return [];
}

/** A trace context of our own without spans would point at nothing, and two in one request are none. */
export function checkTracing({ otel, traceContext, setHeaders }: MirrorAgentOptions): string[] {
  if (!otel) {
    const isOurs = traceContext === 'link' || traceContext === 'child';
    return isOurs ? [`--trace-context ${traceContext} needs --otel; without it the header goes as it came`] : [];
  }
  if (traceContext === 'passthrough') return [];
  const set = setHeaders.find(([name]) => name.toLowerCase() === 'traceparent');
  return set === undefined ? [] : [`--set-header ${set[0]} needs --trace-context passthrough`];
}

/** What was asked for and changes nothing, because something else is missing. */
function describeUnused({
  recordMode,
  record,
  traceFrames,
  mirror,
  urls,
  allow,
  address,
  check,
  checkRequest,
}: MirrorAgentOptions): string[] {
  const unused: string[] = [];
  if (recordMode !== undefined && record === undefined && traceFrames === undefined)
    unused.push('--record-mode has no effect without --record');
  if (mirror.http2 === true && !urls.some((url) => /^https:/i.test(url)))
    unused.push('--http2 has no effect: it is spoken over https:// alone, which no -u has');
  if (allow.length > 0 && address.startsWith('unix:'))
    unused.push('--allow has no effect on a unix socket: --socket-mode says who may open it');
  if (checkRequest !== undefined && !check) unused.push('--check-request has no effect without --check');
  return unused;
}

/** As the original agent skips them, which says nothing. What they are may be the rest of a secret, so it is not repeated. */
function describeSkipped(skipped: readonly SkippedArgument<Option>[]): Set<string> {
  const places = skipped.map(({ after }) => {
    if (after === '--') return 'what stands after -- is skipped: is it meant?';
    const place = after === undefined ? 'before the first option' : `after --${after.long}`;
    return `an argument that is no option is skipped ${place}: are quotes missing?`;
  });
  return new Set(places);
}

/** The arguments as others may read them, as in ps. One that is no option may be a piece of a secret without its quotes. */
export function shownArguments(args: readonly string[]): string[] {
  const shown = [...args];
  const { found, skipped } = readOptions(args, OPTIONS);
  for (const { at } of skipped) shown[at] = '***';
  for (const { option, value, at } of found) {
    if (option.shown === undefined || value === '') continue;
    shown[at] = (args[at] as string).slice(0, -value.length) + option.shown(value);
  }
  return shown;
}

function newOptions(): MirrorAgentOptions {
  return {
    address: AGENT_DEFAULTS.address,
    port: AGENT_DEFAULTS.port,
    backlog: AGENT_DEFAULTS.backlog,
    listenFd: undefined,
    allow: [],
    capabilities: [],
    daemonize: false,
    pidFile: undefined,
    logFile: undefined,
    maxFrameSize: AGENT_DEFAULTS.maxFrameSize,
    workers: AGENT_DEFAULTS.workers,
    runtimeMs: undefined,
    delayMs: AGENT_DEFAULTS.delayMs,
    monitorMs: undefined,
    record: undefined,
    recordMode: undefined,
    traceFrames: undefined,
    socketMode: undefined,
    user: undefined,
    group: undefined,
    account: undefined,
    admin: undefined,
    adminHosts: [],
    otel: false,
    traceContext: undefined,
    graceMs: AGENT_DEFAULTS.graceMs,
    tlsFiles: {},
    insecure: false,
    listenTlsFiles: {},
    listenPem: undefined,
    proxy: { headers: [], noProxy: [] },
    urls: [],
    messages: [],
    methods: [],
    paths: [],
    stripHeaders: [],
    setHeaders: [],
    headerFiles: { mirror: [], proxy: [] },
    mirror: {},
    check: false,
    checkRequest: undefined,
    warnings: [],
  };
}

/** The mirror's share of the options, `pem` being the contents of the files. */
export function mirrorOptions(
  options: MirrorAgentOptions,
  pem: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined },
): MirrorOptions {
  const { proxy, insecure, urls, messages, methods, paths, stripHeaders, setHeaders } = options;
  const { url, ...proxyRest } = proxy;
  return {
    ...options.mirror,
    destinations: urls,
    messages,
    methods,
    paths,
    stripHeaders,
    setHeaders,
    tls: { insecure, ...pem },
    ...(url === undefined ? {} : { proxy: { url, ...proxyRest } }),
  };
}
