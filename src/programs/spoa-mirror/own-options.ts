/** The options the original agent does not have. None has a letter, so none changes what a line for it says. */
import { MIRROR_DEFAULTS, type MirrorOptions } from '../../mirror/options.ts';
import { HOST_NAMES } from '../../options/address.ts';
import { OptionError } from '../../options/errors.ts';
import {
  agentTime,
  choice,
  count,
  FILE,
  FLAG,
  type Kind,
  MODE,
  namedFile,
  namedText,
  RATIO,
  SIZE,
  special,
  text,
  texts,
  threshold,
} from '../../options/kinds.ts';
import { type Given, optionTable } from '../../options/option.ts';
import { isRefusal, metricNames, readCondition } from '../../options/threshold.ts';
import { AGENT_DEFAULTS } from './defaults.ts';
import { ADMIN_ADDRESS, DAY, HEADER, HOUR, NETWORKS, parseHeader, ROUNDING, shownHeader } from './option-values.ts';

/** What reads it is another process, which would say so too late. */
const GATE: Kind<string> = {
  ...threshold('GATE', metricNames('diff')),
  parse: (given) => {
    const read = readCondition('diff', '--verdict-fail-on', given);
    if (isRefusal(read)) throw new OptionError(read.problem, { hint: read.hint });
    return given;
  },
};
/** A number of at least one. */
const COUNT = count('N', { least: 1 });
/** A time that cannot be 0. */
const TIME = agentTime(1, HOUR);

export const OWN_OPTIONS = optionTable({
  record: {
    kind: namedFile('record file'),
    help: 'Append a JSON line for each request; - for stdout.',
  },
  'record-mode': {
    kind: MODE,
    help: 'Rights of a record or trace that is made.',
    implied: AGENT_DEFAULTS.fileMode,
  },
  answers: {
    kind: choice('WHAT', ['head', 'body']),
    help: 'Record hashes of answers, production and mirror: head, body.',
  },
  'answers-key': {
    kind: namedFile('key file'),
    help: 'Key of those hashes, for several agents.',
    otherwise: 'made anew',
  },
  'answers-values': {
    kind: COUNT,
    help: 'For debugging: write so many values that differ to RECORD.values.',
  },
  round: {
    kind: ROUNDING,
    help: 'Round these numbers of answers, as $.price=2; may be repeated.',
    repeatable: true,
  },
  mark: { kind: FLAG, help: 'Set X-Mirrored-Request: 1 on every request.' },
  'redact-query': { kind: FLAG, help: 'Leave values of the query out of record, spans, trace.' },
  user: { kind: namedText('USER', 'user'), help: 'User to become once everything is open: a name or a number.' },
  group: { kind: namedText('GROUP', 'group'), help: 'Group to become.', otherwise: "the user's" },
  'socket-mode': {
    kind: MODE,
    help: 'Rights of the unix sockets of -a and --admin.',
    otherwise: 'as the umask says',
  },
  admin: { kind: ADMIN_ADDRESS, help: 'Serve /healthz, /readyz, /metrics, /stats on [HOST:]PORT or unix:PATH.' },
  'admin-host': {
    kind: HOST_NAMES,
    help: 'Name the admin pages may be asked by; may be repeated.',
    repeatable: true,
  },
  'verdict-production': {
    kind: namedFile('log of production'),
    help: 'Serve /verdict at --admin: --record against this log; may be repeated.',
    repeatable: true,
  },
  'verdict-fail-on': {
    kind: GATE,
    help: "Gate of the verdict, as 'new-errors>5'; may be repeated.",
    repeatable: true,
  },
  'verdict-grace': {
    kind: agentTime(0, HOUR),
    help: 'How long the verdict waits for the other side.',
    implied: 30_000,
  },
  'verdict-max-age': {
    kind: agentTime(1000, DAY),
    help: 'No PASS when the last pair, or line of a side, is older.',
    implied: 120_000,
  },
  allow: {
    kind: NETWORKS,
    help: 'Let only these addresses connect, as 10.0.0.0/8; may be repeated.',
    repeatable: true,
  },
  'tls-cert': { kind: FILE, help: 'Have HAProxy connect by TLS: certificate and chain (PEM).' },
  'tls-key': { kind: FILE, help: 'Key of --tls-cert (PEM).' },
  'tls-ca': { kind: FILE, help: 'Let only clients with a certificate of these connect (PEM).' },
  otel: { kind: FLAG, help: 'Send spans and metrics by OTLP, as OTEL_* variables say.' },
  'trace-context': {
    kind: choice('HOW', ['link', 'child', 'passthrough']),
    help: 'traceparent: link, child or passthrough.',
    implied: AGENT_DEFAULTS.traceContext,
  },
  sample: { kind: RATIO, help: 'Mirror only this part, as 10%, chosen by the unique id.' },
  methods: { kind: texts('LIST'), help: 'Mirror only these methods.' },
  path: {
    kind: text('PATTERN'),
    help: 'Mirror only paths that begin so, or match with *; may be repeated.',
    repeatable: true,
  },
  message: {
    kind: texts('NAME'),
    help: 'Mirror only SPOE messages of this name; may be repeated.',
    repeatable: true,
  },
  'strip-header': { kind: texts('LIST'), help: 'Headers that are not mirrored.' },
  'set-header': {
    kind: HEADER,
    help: "'Name: value' set on every request, or @FILE of such; may be repeated.",
    repeatable: true,
    shown: shownHeader,
  },
  'host-header': {
    kind: special<boolean | string>(
      'HOST',
      (value) => {
        if (value === '') throw new OptionError('host header not defined');
        return value === 'keep' ? false : value === 'mirror' ? true : value;
      },
      { words: ['keep', 'mirror'] },
    ),
    help: "keep production's, mirror for the destination's, or a text.",
  },
  'unique-id-header': {
    kind: special('NAME', (value) => parseHeader(`${value}:`)[0]),
    help: 'Header that carries arg_uid.',
    implied: 'X-Unique-ID',
  },
  truncated: {
    kind: choice('WHAT', ['send', 'skip']),
    help: 'send or skip requests whose body is not whole.',
    implied: MIRROR_DEFAULTS.truncatedBody,
  },
  'min-workers': {
    kind: COUNT,
    help: 'Workers that start at once; more, up to -n, when needed.',
    default: AGENT_DEFAULTS.minWorkers,
  },
  'max-rate': { kind: COUNT, help: 'Requests a second, for each worker an equal share.' },
  connections: {
    kind: COUNT,
    help: 'Connections to each destination, of each worker.',
    implied: MIRROR_DEFAULTS.connections,
  },
  queue: {
    kind: COUNT,
    help: 'Requests that may wait, over all workers.',
    implied: MIRROR_DEFAULTS.maxQueueRequests,
  },
  'queue-bytes': {
    kind: SIZE,
    help: 'Bytes that may wait, over all workers.',
    implied: MIRROR_DEFAULTS.maxQueueBytes,
  },
  drop: {
    kind: choice('WHICH', ['newest', 'oldest']),
    help: 'newest or oldest request goes when the queue is full.',
    implied: MIRROR_DEFAULTS.dropPolicy,
  },
  'connection-age': {
    kind: agentTime(0, DAY),
    help: 'Of a connection, then names are looked up anew.',
    implied: MIRROR_DEFAULTS.connectionAgeMs,
  },
  'no-pipelining': {
    kind: FLAG,
    help: 'Write a request to a destination only when the one before is answered.',
  },
  'connect-timeout': {
    kind: TIME,
    help: 'For a connection to a destination.',
    implied: MIRROR_DEFAULTS.connectTimeoutMs,
  },
  'response-timeout': { kind: TIME, help: 'For a whole response.', implied: MIRROR_DEFAULTS.totalTimeoutMs },
  grace: {
    kind: agentTime(0, HOUR),
    help: 'For what is under way when the agent stops.',
    default: AGENT_DEFAULTS.graceMs,
  },
  insecure: { kind: FLAG, help: 'Do not verify certificates of https:// destinations.' },
  ca: { kind: FILE, help: 'Certificates to trust instead of the built-in ones (PEM).' },
  cert: { kind: FILE, help: 'Client certificate (PEM).' },
  key: { kind: FILE, help: 'Key of the client certificate (PEM).' },
  http2: { kind: FLAG, help: 'Use HTTP/2 with https:// destinations that offer it.' },
  check: { kind: FLAG, help: 'Say what a start would find, a line each, and end.' },
  'check-request': {
    kind: special('METHOD', (value) => {
      if (/^[A-Z]+$/.test(value)) return value;
      throw new OptionError(`'${value}' is not the method of a request, as HEAD`);
    }),
    help: 'With --check: send such a request to each mirror, as HEAD.',
  },
  'trace-frames': {
    kind: {
      ...FILE,
      parse: (value) => {
        if (value !== '' && value !== '-') return value;
        throw new OptionError('it needs the name of a file');
      },
    },
    help: 'For debugging: append a line for each frame of HAProxy and agent.',
  },
});

/** The options that the mirror gets as they are; `undefined` where it keeps its default. */
export function mirrorSettings(given: Given<typeof OWN_OPTIONS>): Partial<MirrorOptions> {
  return {
    sample: given.sample,
    redactQuery: given.redactQuery || undefined,
    rewriteHost: given.hostHeader,
    uniqueIdHeader: given.uniqueIdHeader,
    truncatedBody: given.truncated,
    maxRate: given.maxRate,
    connections: given.connections,
    maxQueueRequests: given.queue,
    maxQueueBytes: given.queueBytes,
    dropPolicy: given.drop,
    connectionAgeMs: given.connectionAge,
    pipelining: given.noPipelining ? false : undefined,
    connectTimeoutMs: given.connectTimeout,
    totalTimeoutMs: given.responseTimeout,
    headersTimeoutMs: given.responseTimeout,
    http2: given.http2 || undefined,
  };
}
