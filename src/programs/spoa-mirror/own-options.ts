/** The options the original agent does not have. None has a letter, so none changes what a line for it says. */
import { MIRROR_DEFAULTS } from '../../mirror/options.ts';
import { durationText } from '../../text/duration.ts';
import { AGENT_DEFAULTS } from './defaults.ts';
import type { Option } from './option-table.ts';
import {
  DAY,
  HOUR,
  modeText,
  parseAddress,
  parseChoice,
  parseCount,
  parseHeader,
  parseHostNames,
  parseList,
  parseMode,
  parseNetworks,
  parseRatio,
  parseSize,
  parseTime,
  shownHeader,
  sizeText,
  usage,
} from './option-values.ts';

export const OWN_OPTIONS: readonly Omit<Option, 'own' | 'short'>[] = [
  {
    long: 'record',
    value: 'FILE',
    help: 'Append a JSON line for each request; - for stdout.',
    set: (options, value) => {
      if (value === '') throw usage('record file not defined');
      options.record = value;
    },
  },
  {
    long: 'record-mode',
    value: 'MODE',
    help: 'Rights of a record or trace that is made.',
    default: modeText(AGENT_DEFAULTS.fileMode),
    set: (options, value) => {
      options.recordMode = parseMode(value, 'record-mode');
    },
  },
  {
    long: 'redact-query',
    help: 'Leave values of the query out of record, spans, trace.',
    set: (options) => {
      options.mirror.redactQuery = true;
    },
  },
  {
    long: 'user',
    value: 'USER',
    help: 'User to become once everything is open: a name or a number.',
    set: (options, value) => {
      if (value === '') throw usage('user not defined');
      options.user = value;
    },
  },
  {
    long: 'group',
    value: 'GROUP',
    help: "Group to become (default: the user's).",
    set: (options, value) => {
      if (value === '') throw usage('group not defined');
      options.group = value;
    },
  },
  {
    long: 'socket-mode',
    value: 'MODE',
    help: 'Rights of the unix sockets of -a and --admin (default: as the umask says).',
    set: (options, value) => {
      options.socketMode = parseMode(value, 'socket-mode');
    },
  },
  {
    long: 'admin',
    value: 'ADDRESS',
    help: 'Serve /healthz, /readyz, /metrics, /stats on [HOST:]PORT or unix:PATH.',
    set: (options, value) => {
      parseAddress(value);
      options.admin = value;
    },
  },
  {
    long: 'admin-host',
    value: 'NAME',
    help: 'Name the admin pages may be asked by; may be repeated.',
    set: (options, value) => {
      options.adminHosts.push(...parseHostNames(value));
    },
  },
  {
    long: 'allow',
    value: 'CIDR',
    help: 'Let only these addresses connect, as 10.0.0.0/8; may be repeated.',
    set: (options, value) => {
      options.allow.push(...parseNetworks(value));
    },
  },
  {
    long: 'tls-cert',
    value: 'FILE',
    help: 'Have HAProxy connect by TLS: certificate and chain (PEM).',
    set: (options, value) => {
      options.listenTlsFiles.cert = value;
    },
  },
  {
    long: 'tls-key',
    value: 'FILE',
    help: 'Key of --tls-cert (PEM).',
    set: (options, value) => {
      options.listenTlsFiles.key = value;
    },
  },
  {
    long: 'tls-ca',
    value: 'FILE',
    help: 'Let only clients with a certificate of these connect (PEM).',
    set: (options, value) => {
      options.listenTlsFiles.ca = value;
    },
  },
  {
    long: 'otel',
    help: 'Send spans and metrics by OTLP, as OTEL_* variables say.',
    set: (options) => {
      options.otel = true;
    },
  },
  {
    long: 'trace-context',
    value: 'HOW',
    help: 'traceparent: link, child or passthrough.',
    default: AGENT_DEFAULTS.traceContext,
    set: (options, value) => {
      options.traceContext = parseChoice(value, ['link', 'child', 'passthrough'], 'trace-context');
    },
  },
  {
    long: 'sample',
    value: 'RATIO',
    help: 'Mirror only this part, as 10%, chosen by the unique id.',
    set: (options, value) => {
      options.mirror.sample = parseRatio(value, 'sample');
    },
  },
  {
    long: 'methods',
    value: 'LIST',
    help: 'Mirror only these methods.',
    set: (options, value) => {
      options.methods.push(...parseList(value.toUpperCase()));
    },
  },
  {
    long: 'path',
    value: 'PATTERN',
    help: 'Mirror only paths that begin so, or match with *; may be repeated.',
    set: (options, value) => {
      options.paths.push(value);
    },
  },
  {
    long: 'message',
    value: 'NAME',
    help: 'Mirror only SPOE messages of this name; may be repeated.',
    set: (options, value) => {
      options.messages.push(...parseList(value));
    },
  },
  {
    long: 'strip-header',
    value: 'LIST',
    help: 'Headers that are not mirrored.',
    set: (options, value) => {
      options.stripHeaders.push(...parseList(value));
    },
  },
  {
    long: 'set-header',
    value: 'HEADER',
    help: "'Name: value' set on every request, or @FILE of such; may be repeated.",
    shown: shownHeader,
    set: (options, value) => {
      if (value.startsWith('@')) options.headerFiles.mirror.push(value.slice(1));
      else options.setHeaders.push(parseHeader(value));
    },
  },
  {
    long: 'host-header',
    value: 'HOST',
    help: "keep production's, mirror for the destination's, or a text.",
    set: (options, value) => {
      if (value === '') throw usage('host header not defined');
      options.mirror.rewriteHost = value === 'keep' ? false : value === 'mirror' ? true : value;
    },
  },
  {
    long: 'unique-id-header',
    value: 'NAME',
    help: 'Header that carries arg_uid (default: X-Unique-ID).',
    set: (options, value) => {
      options.mirror.uniqueIdHeader = parseHeader(`${value}:`)[0];
    },
  },
  {
    long: 'truncated',
    value: 'WHAT',
    help: 'send or skip requests whose body is not whole.',
    default: MIRROR_DEFAULTS.truncatedBody,
    set: (options, value) => {
      options.mirror.truncatedBody = parseChoice(value, ['send', 'skip'], 'truncated');
    },
  },
  {
    long: 'max-rate',
    value: 'N',
    help: 'Requests a second, for each worker an equal share.',
    set: (options, value) => {
      options.mirror.maxRate = parseCount(value, 'max-rate');
    },
  },
  {
    long: 'connections',
    value: 'N',
    help: 'Connections to each destination, of each worker.',
    default: String(MIRROR_DEFAULTS.connections),
    set: (options, value) => {
      options.mirror.connections = parseCount(value, 'connections');
    },
  },
  {
    long: 'queue',
    value: 'N',
    help: 'Requests that may wait, over all workers.',
    default: String(MIRROR_DEFAULTS.maxQueueRequests),
    set: (options, value) => {
      options.mirror.maxQueueRequests = parseCount(value, 'queue');
    },
  },
  {
    long: 'queue-bytes',
    value: 'SIZE',
    help: 'Bytes that may wait, over all workers.',
    default: sizeText(MIRROR_DEFAULTS.maxQueueBytes),
    set: (options, value) => {
      options.mirror.maxQueueBytes = parseSize(value, 'queue-bytes');
    },
  },
  {
    long: 'drop',
    value: 'WHICH',
    help: 'newest or oldest request goes when the queue is full.',
    default: MIRROR_DEFAULTS.dropPolicy,
    set: (options, value) => {
      options.mirror.dropPolicy = parseChoice(value, ['newest', 'oldest'], 'drop');
    },
  },
  {
    long: 'connection-age',
    value: 'TIME',
    help: 'Of a connection, then names are looked up anew.',
    default: durationText(MIRROR_DEFAULTS.connectionAgeMs),
    set: (options, value) => {
      options.mirror.connectionAgeMs = parseTime(value, 0, DAY);
    },
  },
  {
    long: 'no-pipelining',
    help: 'Write a request to a destination only when the one before is answered.',
    set: (options) => {
      options.mirror.pipelining = false;
    },
  },
  {
    long: 'connect-timeout',
    value: 'TIME',
    help: 'For a connection to a destination.',
    default: durationText(MIRROR_DEFAULTS.connectTimeoutMs),
    set: (options, value) => {
      options.mirror.connectTimeoutMs = parseTime(value, 1, HOUR);
    },
  },
  {
    long: 'response-timeout',
    value: 'TIME',
    help: 'For a whole response.',
    default: durationText(MIRROR_DEFAULTS.totalTimeoutMs),
    set: (options, value) => {
      options.mirror.totalTimeoutMs = parseTime(value, 1, HOUR);
      options.mirror.headersTimeoutMs = options.mirror.totalTimeoutMs;
    },
  },
  {
    long: 'grace',
    value: 'TIME',
    help: 'For what is under way when the agent stops.',
    default: durationText(AGENT_DEFAULTS.graceMs),
    set: (options, value) => {
      options.graceMs = parseTime(value, 0, HOUR);
    },
  },
  {
    long: 'insecure',
    help: 'Do not verify certificates of https:// destinations.',
    set: (options) => {
      options.insecure = true;
    },
  },
  {
    long: 'ca',
    value: 'FILE',
    help: 'Certificates to trust instead of the built-in ones (PEM).',
    set: (options, value) => {
      options.tlsFiles.ca = value;
    },
  },
  {
    long: 'cert',
    value: 'FILE',
    help: 'Client certificate (PEM).',
    set: (options, value) => {
      options.tlsFiles.cert = value;
    },
  },
  {
    long: 'key',
    value: 'FILE',
    help: 'Key of the client certificate (PEM).',
    set: (options, value) => {
      options.tlsFiles.key = value;
    },
  },
  {
    long: 'http2',
    help: 'Use HTTP/2 with https:// destinations that offer it.',
    set: (options) => {
      options.mirror.http2 = true;
    },
  },
  {
    long: 'check',
    help: 'Say what a start would find, a line each, and end.',
    set: (options) => {
      options.check = true;
    },
  },
  {
    long: 'check-request',
    value: 'METHOD',
    help: 'With --check: send such a request to each mirror, as HEAD.',
    set: (options, value) => {
      if (!/^[A-Z]+$/.test(value)) throw usage(`'${value}' is not the method of a request, as HEAD`);
      options.checkRequest = value;
    },
  },
  {
    long: 'trace-frames',
    value: 'FILE',
    help: 'For debugging: append a line for each frame of HAProxy and agent.',
    set: (options, value) => {
      if (value === '' || value === '-') throw usage('--trace-frames needs the name of a file');
      options.traceFrames = value;
    },
  },
];
