/**
 * The options of the original agent, with the names the documentation of its Enterprise edition has, in the order of its help;
 * `also` is what the open-source edition calls them.
 */

import type { Capability } from '../../spoa/agent.ts';
import { shownUrl } from '../../text/shown-url.ts';
import { AGENT_DEFAULTS } from './defaults.ts';
import type { Option } from './option-table.ts';
import {
  DAY,
  HOUR,
  parseAddress,
  parseHeader,
  parseInteger,
  parseList,
  parseLogFile,
  parsePorts,
  parseTime,
  SECOND,
  shownHeader,
  usage,
} from './option-values.ts';

const CAPABILITIES: readonly Capability[] = ['fragmentation', 'pipelining', 'async'];
const BACKENDS = ['auto', 'select', 'poll', 'epoll', 'kqueue', 'devpoll', 'port', 'linuxaio', 'iouring'];

export const ORIGINAL_OPTIONS: readonly Option[] = [
  {
    short: 'a',
    long: 'address',
    value: 'NAME',
    help: 'Address to listen on, or unix:PATH.',
    default: `"${AGENT_DEFAULTS.address}"`,
    set: (options, value) => {
      if (value.startsWith('unix:')) parseAddress(value);
      options.address = value;
    },
  },
  {
    short: 'B',
    long: 'libev-backend',
    value: 'TYPE',
    help: "Accepted and without effect: Node's event loop chooses.",
    set: (options, value) => {
      if (!BACKENDS.includes(value.toLowerCase())) throw usage(`invalid libev backend '${value}'`);
      if (value.toLowerCase() === 'auto') return;
      options.warnings.push(
        `-B ${value} has no effect: there is no libev here, Node's event loop (epoll on Linux) is used`,
      );
    },
  },
  {
    short: 'b',
    long: 'connection-backlog',
    value: 'VALUE',
    help: 'Connections that may wait to be accepted.',
    default: String(AGENT_DEFAULTS.backlog),
    set: (options, value) => {
      options.backlog = Math.max(1, parseInteger(value, 'connection backlog'));
    },
  },
  {
    short: 'c',
    long: 'capability',
    value: 'NAME',
    help: 'Offer a capability; may be repeated.',
    set: (options, value) => {
      const capability = CAPABILITIES.find((each) => each === value.toLowerCase());
      if (capability === undefined) throw usage(`unsupported capability '${value}'`);
      options.capabilities.push(capability);
    },
  },
  {
    short: 'D',
    long: 'daemonize',
    help: 'Run in the background; returns when the socket listens.',
    set: (options) => {
      options.daemonize = true;
    },
  },
  {
    short: 'd',
    long: 'debug',
    value: 'LEVEL',
    help: 'Accepted and ignored, as without debugging compiled in.',
    set: (options) => {
      options.warnings.push("the program is not configured to run in debug mode, option 'd' ignored");
    },
  },
  {
    short: 'F',
    long: 'pidfile',
    value: 'FILE',
    help: 'File to write the process id to.',
    set: (options, value) => {
      if (value === '') throw usage('pidfile name not defined');
      options.pidFile = value;
    },
  },
  { short: 'h', long: 'help', help: 'Show this text.', set: () => {} },
  {
    short: 'i',
    long: 'monitor-interval',
    value: 'TIME',
    help: 'Print a line of figures this often (default: none).',
    set: (options, value) => {
      options.monitorMs = parseTime(value, SECOND, HOUR);
    },
  },
  {
    short: 'l',
    long: 'logfile',
    value: '[MODE:]FILE',
    help: 'Log to a file (default: stdout).',
    set: (options, value) => {
      options.logFile = parseLogFile(value);
    },
  },
  {
    short: 'm',
    long: 'max-frame-size',
    value: 'VALUE',
    help: 'Maximum frame size.',
    default: `${AGENT_DEFAULTS.maxFrameSize} bytes`,
    set: (options, value) => {
      // C keeps 32 bits of it.
      options.maxFrameSize = Math.min(parseInteger(value, 'max-frame-size, a number of bytes'), 2 ** 31 - 1);
    },
  },
  {
    short: 'n',
    long: 'num-workers',
    value: 'VALUE',
    help: 'At most so many worker processes, no more than cores.',
    default: String(AGENT_DEFAULTS.workers),
    set: (options, value) => {
      options.workers = parseInteger(value, 'number of workers');
    },
  },
  {
    short: 'p',
    long: 'port',
    value: 'VALUE',
    help: 'Port to listen on.',
    default: String(AGENT_DEFAULTS.port),
    set: (options, value) => {
      options.port = parseInteger(value, 'port');
    },
  },
  {
    short: 'r',
    long: 'runtime',
    value: 'TIME',
    help: 'Run for the specified time (0 = unlimited).',
    set: (options, value) => {
      options.runtimeMs = parseTime(value, 0, 7 * DAY);
    },
  },
  {
    short: 't',
    long: 'processing-delay',
    value: 'TIME',
    help: 'Delay each answer, 0 to 1s.',
    default: String(AGENT_DEFAULTS.delayMs),
    set: (options, value) => {
      options.delayMs = parseTime(value, 0, SECOND);
    },
  },
  {
    short: 'u',
    long: 'mirror-url',
    value: 'URL',
    help: 'Where requests are mirrored to; may be repeated.',
    shown: shownUrl,
    set: (options, value) => {
      if (!/^https?:\/\//i.test(value))
        throw usage(`Invalid URL scheme '${shownUrl(value)}': write ${suggestUrl(value)}`);
      if (!URL.canParse(value)) throw usage(`Unable to set URL '${shownUrl(value)}'`);
      options.urls.push(value);
    },
  },
  {
    short: 'I',
    long: 'mirror-interface',
    value: 'NAME',
    help: 'Interface or address for outgoing connections.',
    set: (options, value) => {
      options.mirror.localAddress = value;
    },
  },
  {
    short: 'P',
    long: 'mirror-local-port',
    value: 'VALUE',
    help: 'Local port or range (N-M) for outgoing connections.',
    set: (options, value) => {
      // 0 is any port.
      if (value !== '0') options.mirror.localPorts = parsePorts(value);
    },
  },
  {
    short: 'N',
    long: 'noproxy',
    also: 'mirror-no-proxy',
    value: 'LIST',
    help: 'Hosts that are reached without the proxy.',
    set: (options, value) => {
      options.proxy.noProxy.push(...parseList(value));
    },
  },
  {
    short: 'x',
    long: 'proxy-url',
    also: 'mirror-proxy',
    value: 'URL',
    help: 'HTTP proxy for outgoing connections.',
    shown: shownUrl,
    set: (options, value) => {
      const url = value.includes('://') ? value : `http://${value}`;
      if (/^https:/i.test(url))
        throw usage(`a proxy over TLS is not supported: -x http://HOST:PORT, not '${shownUrl(value)}'`);
      if (!/^http:\/\//i.test(url) || !URL.canParse(url)) throw usage(`Unable to set proxy URL '${shownUrl(value)}'`);
      // libcurl, which the C agent uses, takes 1080 where no port is given.
      const hasPort = /^[a-z]+:\/\/[^/]*:\d+(\/|$)/i.test(url);
      options.proxy.url = hasPort ? url : url.replace(/^([a-z]+:\/\/[^/]*)/i, '$1:1080');
    },
  },
  {
    short: 'U',
    long: 'proxy-userpwd',
    also: 'mirror-proxy-user',
    value: 'USER:SECRET',
    help: 'Credentials for the proxy (Basic); better in MIRROR_PROXY_USERPWD.',
    shown: () => '***',
    set: (options, value) => {
      options.proxy.credentials = value;
    },
  },
  {
    short: 'H',
    long: 'proxy-header',
    also: 'mirror-proxy-header',
    value: 'HEADER',
    help: "'Name: value' sent to the proxy, or @FILE of such; may be repeated.",
    shown: shownHeader,
    set: (options, value) => {
      if (value.startsWith('@')) options.headerFiles.proxy.push(value.slice(1));
      else options.proxy.headers.push(parseHeader(value));
    },
  },
  { short: 'V', long: 'version', help: 'Show program version.', set: () => {} },
];

/** A host without a scheme is meant to be one of HTTP; another scheme is not spoken at all. */
function suggestUrl(value: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(value) || value === ''
    ? 'http://HOST or https://HOST'
    : `http://${shownUrl(value)}`;
}
