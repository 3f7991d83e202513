/** The command line of spoa-mirror: arguments → options. Pure: files, names and addresses are looked at later. */
import { resolve } from 'node:path';
import type { Rounding } from '../../answers/rounding.ts';
import type { AnswerParts } from '../../mirror/answer-capture.ts';
import type { MirrorOptions } from '../../mirror/options.ts';
import type { TraceContext } from '../../mirror/request.ts';
import { hideSecrets, readArguments, type SkippedArgument } from '../../options/getopt.ts';
import type { Given } from '../../options/option.ts';
import type { Capability } from '../../spoa/agent.ts';
import type { Network } from './allowance.ts';
import { EX_FILE, EX_USAGE } from './exit-codes.ts';
import type { ListenPem } from './handshakes.ts';
import { isOwn, OPTION_TABLE, OPTIONS } from './option-table.ts';
import type { LogFileOption } from './option-values.ts';
import type { FileRights } from './output-file.ts';
import { mirrorSettings } from './own-options.ts';
import type { PemFiles } from './pem.ts';
import type { Account } from './privileges.ts';

/** The options of the agent, with their defaults. */
export interface MirrorAgentOptions {
  /** The host name or address to listen on, or `unix:` and a path. */
  readonly address: string;
  readonly port: number;
  readonly backlog: number;
  /** The socket that systemd listens on, which replaces address and port. */
  readonly listenFd: number | undefined;
  /** The addresses that may connect; all when it is empty. */
  readonly allow: readonly Network[];
  readonly capabilities: readonly Capability[];
  readonly daemonize: boolean;
  readonly pidFile: string | undefined;
  readonly logFile: LogFileOption | undefined;
  readonly maxFrameSize: number;
  /** The most workers. */
  readonly workers: number;
  /** The workers that start at once; the others start when the load needs them. */
  readonly minWorkers: number;
  /** The time to run in milliseconds; 0 for ever, undefined when -r is missing. */
  readonly runtimeMs: number | undefined;
  /** The delay of the ACK in milliseconds. */
  readonly delayMs: number;
  /** Milliseconds between two monitor lines; undefined prints none. */
  readonly monitorMs: number | undefined;
  /** The file of the record, or `-` for standard output. */
  readonly record: string | undefined;
  /** What is kept of answers; nothing without --answers. */
  readonly answers: AnswerParts | undefined;
  /** A file with the key of their fingerprints; without it one is made at the start. */
  readonly answersKeyFile: string | undefined;
  /** The key, base64url, once it was read or made. It is said and written nowhere. */
  readonly answersKey: string | undefined;
  /** How many samples of values that differ are written, for debugging; undefined writes none. */
  readonly answersValues: number | undefined;
  /** Rules by which numbers are rounded before they are compared, as of `$.price=2`. */
  readonly rounding: readonly Rounding[];
  /** True for --mark: requests say that they are mirrored ones. */
  readonly mark: boolean;
  /** Rights of a record that is made; undefined leaves them to the umask. */
  readonly recordMode: number | undefined;
  /** The file for the frames of all sessions, for debugging. */
  readonly traceFrames: string | undefined;
  /** Rights of unix sockets; undefined leaves them to the umask. */
  readonly socketMode: number | undefined;
  /** The name or number of the user to become. */
  readonly user: string | undefined;
  readonly group: string | undefined;
  /** The account of user and group, once they were looked up. */
  readonly account: Account | undefined;
  /** The address of the admin pages: `HOST:PORT`, `PORT` or `unix:PATH`. */
  readonly admin: string | undefined;
  /** Host names of the admin pages, in lower case, beside addresses and localhost. */
  readonly adminHosts: readonly string[];
  /** Logs of production, which the record is compared with for the verdict. */
  readonly verdictProduction: readonly string[];
  /** Options of `spoe-logs serve` for it. */
  readonly verdictArguments: readonly string[];
  /** True when spans and metrics are sent, as OTEL_* variables say. */
  readonly otel: boolean;
  /** The trace context of requests; undefined when it was not given. */
  readonly traceContext: TraceContext | undefined;
  readonly graceMs: number;
  /** The PEM files for TLS to the mirror. */
  readonly tlsFiles: PemFiles;
  readonly insecure: boolean;
  /** The PEM files for TLS of HAProxy's connections. */
  readonly listenTlsFiles: PemFiles;
  /** The contents of those, once they were read; undefined without TLS. */
  readonly listenPem: ListenPem | undefined;
  readonly proxy: {
    readonly url?: string;
    readonly credentials?: string;
    readonly headers: readonly (readonly [string, string])[];
    readonly noProxy: readonly string[];
  };
  readonly urls: readonly string[];
  readonly messages: readonly string[];
  readonly methods: readonly string[];
  readonly paths: readonly string[];
  readonly stripHeaders: readonly string[];
  readonly setHeaders: readonly (readonly [string, string])[];
  /** Files with more headers, for the mirror and for the proxy. */
  readonly headerFiles: { readonly mirror: readonly string[]; readonly proxy: readonly string[] };
  /** Options that the mirror gets as they are. */
  readonly mirror: Partial<MirrorOptions>;
  /** True for --check: nothing is served, and what a start would find is printed. */
  readonly check: boolean;
  /** The method of a request that --check sends to each mirror. */
  readonly checkRequest: string | undefined;
  /** Lines for the log. */
  readonly warnings: readonly string[];
}

export type CommandLine =
  | { readonly run: MirrorAgentOptions }
  | { readonly show: 'help' | 'version'; readonly errors: readonly string[] }
  /** `exitCode` is 64 for usage, 255 for a log file that cannot be one. */
  | { readonly errors: readonly string[]; readonly exitCode: number };

const MIN_FRAME_SIZE = 512;
const MAX_WORKERS = 1000;

type Options = Given<typeof OPTION_TABLE>;
type Arguments = ReturnType<typeof readArguments<typeof OPTION_TABLE>>;

export function parseCommandLine(args: readonly string[]): CommandLine {
  const read = readArguments(args, OPTION_TABLE, isOwn);
  const { given, skipped } = read;
  const isOfLog = ({ code }: (typeof read.errors)[number]) => code === 'log-file';
  const logErrors = read.errors.filter(isOfLog).map(({ message }) => message);
  const usageErrors = read.errors.filter((error) => !isOfLog(error)).map(({ message }) => message);
  if (given.help) return { show: 'help', errors: usageErrors };
  if (given.version) return { show: 'version', errors: usageErrors };
  const options = agentOptions(given);
  const errors = [...usageErrors, ...check(options, read)];
  if (errors.length > 0) return { errors: [...errors, ...logErrors], exitCode: EX_USAGE };
  if (logErrors.length > 0) return { errors: logErrors, exitCode: EX_FILE };
  const warnings = [
    ...options.warnings,
    ...describeWithoutEffect(given),
    ...describeSkipped(skipped),
    ...describeUnused(options),
  ];
  return { run: { ...options, warnings } };
}

/** Checks the options, in the order of the original agent. */
function check(options: MirrorAgentOptions, { has, typed }: Arguments): string[] {
  const { runtimeMs, maxFrameSize, workers, port } = options;
  const errors: string[] = [];
  // A runtime that cannot be read is said already.
  if (runtimeMs === undefined && !has('runtime') && !options.check)
    errors.push('runtime value not set: -r TIME is required, -r0 runs without end');
  if (maxFrameSize < MIN_FRAME_SIZE)
    errors.push(`max-frame-size cannot be less than ${MIN_FRAME_SIZE} (${typed('max-frame-size')})`);
  if (workers < 1 || workers > MAX_WORKERS)
    errors.push(`invalid number of workers '${workers}' (${typed('num-workers')})`);
  if (port < 1 || port > 65_535) errors.push(`invalid port '${port}' (${typed('port')})`);
  if (options.proxy.url === undefined && options.proxy.credentials !== undefined)
    errors.push(`${typed('proxy-userpwd')} names the user of a proxy, and there is none: -x URL is missing`);
  errors.push(...checkListenTls(options), ...checkTracing(options), ...checkMark(options));
  if (options.answers !== undefined && options.record === undefined)
    errors.push('--answers needs --record FILE, where what is kept of answers goes');
  if (options.answersValues !== undefined && options.record === '-')
    errors.push('--answers-values needs --record FILE, not -: it writes to a file beside it');
  if (options.verdictProduction.length > 0) {
    if (options.record === undefined || options.record === '-')
      errors.push('--verdict-production needs --record FILE, which it is compared with');
    if (options.verdictProduction.includes('-'))
      errors.push('--verdict-production needs a file, not -: it is followed');
    if (
      options.record !== undefined &&
      options.verdictProduction.map((path) => resolve(path)).includes(resolve(options.record))
    )
      errors.push('--verdict-production and --record are one file: a log compared with itself says nothing');
    if (options.admin === undefined) errors.push('--verdict-production needs --admin, where the verdict is served');
  }
  return errors;
}

function checkListenTls({ listenTlsFiles: { ca, cert, key } }: MirrorAgentOptions): string[] {
  if (cert !== undefined && key === undefined) return ['--tls-cert needs --tls-key'];
  if (cert === undefined && key !== undefined) return ['--tls-key needs --tls-cert'];
  if (cert === undefined && ca !== undefined) return ['--tls-ca needs --tls-cert and --tls-key'];
  return [];
}

/** The header that --mark sets. */
const MARK = ['X-Mirrored-Request', '1'] as const;

/** Two values of one header are none. */
export function checkMark({ mark, setHeaders }: MirrorAgentOptions): string[] {
  const set = mark ? setHeaders.find(([name]) => name.toLowerCase() === MARK[0].toLowerCase()) : undefined;
  return set === undefined
    ? []
    : [`--mark sets ${MARK[0]}: 1 already, so there is no --set-header ${set[0]} beside it`];
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
  verdictProduction,
  verdictArguments,
  methods,
  paths,
  answers,
  answersKeyFile,
  answersValues,
  rounding,
}: MirrorAgentOptions): string[] {
  const unused: string[] = [];
  if (recordMode !== undefined && record === undefined && traceFrames === undefined)
    unused.push('--record-mode has no effect without --record');
  if (mirror.http2 === true && !urls.some((url) => /^https:/i.test(url)))
    unused.push('--http2 has no effect: it is spoken over https:// alone, which no -u has');
  if (allow.length > 0 && address.startsWith('unix:'))
    unused.push('--allow has no effect on a unix socket: --socket-mode says who may open it');
  if (answers !== undefined && urls.length === 0)
    unused.push('--answers has no effect without -u: no answer is there to be compared');
  if (answers === undefined && answersKeyFile !== undefined)
    unused.push('--answers-key has no effect without --answers');
  if (answers === undefined && answersValues !== undefined)
    unused.push('--answers-values has no effect without --answers');
  if (answers === undefined && rounding.length > 0) unused.push('--round has no effect without --answers');
  if (answers === 'head' && rounding.length > 0)
    unused.push('--round has no effect with --answers head: it takes body');
  if (checkRequest !== undefined && !check) unused.push('--check-request has no effect without --check');
  if (verdictProduction.length > 0 && (methods.length > 0 || paths.length > 0))
    unused.push(
      '--verdict-production: what --methods and --path leave out has no answer, so there is no PASS; leave it out in HAProxy',
    );
  if (verdictArguments.length > 0 && verdictProduction.length === 0)
    unused.push('--verdict-fail-on, -grace and -max-age have no effect without --verdict-production');
  return unused;
}

/** What the original agent, or its page, has and this one does without. */
function describeWithoutEffect({ libevBackend, debug }: Options): string[] {
  const isAuto = libevBackend === undefined || libevBackend === 'auto';
  return [
    ...(isAuto
      ? []
      : [`-B ${libevBackend} has no effect: there is no libev here, Node's event loop (epoll on Linux) is used`]),
    ...(debug === undefined ? [] : ["the program is not configured to run in debug mode, option 'd' ignored"]),
  ];
}

/** As the original agent skips them, which says nothing. What they are may be the rest of a secret, so it is not repeated. */
function describeSkipped(skipped: readonly SkippedArgument[]): ReadonlySet<string> {
  const places = skipped.map(({ after }) => {
    if (after === '--') return 'what stands after -- is skipped: is it meant?';
    const place = after === undefined ? 'before the first option' : `after --${after.long}`;
    return `an argument that is no option is skipped ${place}: are quotes missing?`;
  });
  return new Set(places);
}

/** The arguments without secrets, as in ps. */
export function shownArguments(args: readonly string[]): string[] {
  return hideSecrets(args, OPTIONS);
}

function agentOptions(given: Options): MirrorAgentOptions {
  return {
    address: given.address,
    port: given.port,
    backlog: Math.max(1, given.connectionBacklog),
    listenFd: undefined,
    allow: given.allow ?? [],
    capabilities: given.capability ?? [],
    daemonize: given.daemonize,
    pidFile: given.pidfile,
    logFile: given.logfile,
    // The original agent keeps 32 bits of it.
    maxFrameSize: Math.min(given.maxFrameSize, 2 ** 31 - 1),
    workers: given.numWorkers,
    minWorkers: given.minWorkers,
    runtimeMs: given.runtime,
    delayMs: given.processingDelay,
    monitorMs: given.monitorInterval,
    record: given.record,
    recordMode: given.recordMode,
    answers: given.answers,
    answersKeyFile: given.answersKey,
    answersKey: undefined,
    answersValues: given.answersValues,
    rounding: given.round ?? [],
    mark: given.mark,
    traceFrames: given.traceFrames,
    socketMode: given.socketMode,
    user: given.user,
    group: given.group,
    account: undefined,
    admin: given.admin,
    adminHosts: given.adminHost ?? [],
    verdictProduction: given.verdictProduction ?? [],
    verdictArguments: verdictArguments(given),
    otel: given.otel,
    traceContext: given.traceContext,
    graceMs: given.grace,
    tlsFiles: withoutUndefined({ ca: given.ca, cert: given.cert, key: given.key }),
    insecure: given.insecure,
    listenTlsFiles: withoutUndefined({ ca: given.tlsCa, cert: given.tlsCert, key: given.tlsKey }),
    listenPem: undefined,
    proxy: {
      ...withoutUndefined({ url: given.proxyUrl, credentials: given.proxyUserpwd }),
      headers: headersIn(given.proxyHeader),
      noProxy: given.noproxy ?? [],
    },
    urls: given.mirrorUrl ?? [],
    messages: given.message ?? [],
    methods: (given.methods ?? []).map((method) => method.toUpperCase()),
    paths: given.path ?? [],
    stripHeaders: given.stripHeader ?? [],
    setHeaders: headersIn(given.setHeader),
    headerFiles: { mirror: filesIn(given.setHeader), proxy: filesIn(given.proxyHeader) },
    mirror: withoutUndefined({
      localAddress: given.mirrorInterface,
      localPorts: given.mirrorLocalPort,
      answers: given.answers,
      ...mirrorSettings(given),
    }),
    check: given.check,
    checkRequest: given.checkRequest,
    warnings: [],
  };
}

/** Rights of the file of --answers-values, whatever --record-mode says. */
export function valuesRights({ account }: Pick<MirrorAgentOptions, 'account'>): FileRights {
  return { mode: 0o600, owner: account, isSecret: true };
}

/** The file of --answers-values; undefined where there is none. */
export function valuesFile({ answers, answersValues, record }: MirrorAgentOptions): string | undefined {
  return answers === undefined || answersValues === undefined || record === undefined ? undefined : `${record}.values`;
}

/** The values that are there; the mirror has defaults for the others. */
function withoutUndefined<Values extends object>(
  values: Values,
): { [Name in keyof Values]?: Exclude<Values[Name], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof Values]?: Exclude<Values[Name], undefined> };
}

function verdictArguments({ verdictFailOn = [], verdictGrace, verdictMaxAge }: Options): readonly string[] {
  return [
    ...verdictFailOn.map((gate) => `--fail-on=${gate}`),
    ...(verdictGrace === undefined ? [] : [`--grace=${verdictGrace}ms`]),
    ...(verdictMaxAge === undefined ? [] : [`--max-age=${verdictMaxAge}ms`]),
  ];
}

function headersIn(given: Options['setHeader'] = []): readonly (readonly [string, string])[] {
  return given.flatMap((each) => ('header' in each ? [each.header] : []));
}

function filesIn(given: Options['setHeader'] = []): readonly string[] {
  return given.flatMap((each) => ('file' in each ? [each.file] : []));
}

/** The mirror's share of the options, `pem` being the contents of the files. */
export function mirrorOptions(
  options: MirrorAgentOptions,
  pem: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined },
): MirrorOptions {
  const { proxy, insecure, urls, messages, methods, paths, stripHeaders, setHeaders, mark } = options;
  const { url, ...proxyRest } = proxy;
  return {
    ...options.mirror,
    destinations: urls,
    messages,
    methods,
    paths,
    stripHeaders,
    setHeaders: mark ? [...setHeaders, MARK] : setHeaders,
    tls: { insecure, ...pem },
    ...(url === undefined ? {} : { proxy: { url, ...proxyRest } }),
  };
}
