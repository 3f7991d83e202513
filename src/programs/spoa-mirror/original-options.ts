/**
 * The options of the original agent, with the names the documentation of its Enterprise edition has, in the order of its help;
 * `also` is what the open-source edition calls them.
 */

import { agentTime, choice, FLAG, integer, namedFile, text, texts } from '../../options/kinds.ts';
import { optionTable } from '../../options/option.ts';
import type { Capability } from '../../spoa/agent.ts';
import { shownUrl } from '../../text/shown-url.ts';
import { AGENT_DEFAULTS } from './defaults.ts';
import {
  DAY,
  HEADER,
  HOUR,
  LISTEN_ADDRESS,
  LOG_FILE,
  MIRROR_URL,
  PORTS,
  PROXY_URL,
  SECOND,
  shownHeader,
} from './option-values.ts';

const CAPABILITIES: readonly Capability[] = ['fragmentation', 'pipelining', 'async'];
const BACKENDS = ['auto', 'select', 'poll', 'epoll', 'kqueue', 'devpoll', 'port', 'linuxaio', 'iouring'];

export const ORIGINAL_OPTIONS = optionTable({
  address: {
    short: 'a',
    kind: LISTEN_ADDRESS,
    help: 'Address to listen on, or unix:PATH.',
    default: AGENT_DEFAULTS.address,
  },
  'libev-backend': {
    short: 'B',
    kind: choice('TYPE', BACKENDS, 'invalid libev backend'),
    help: "Accepted and without effect: Node's event loop chooses.",
  },
  'connection-backlog': {
    short: 'b',
    kind: integer('VALUE', 'connection backlog'),
    help: 'Connections that may wait to be accepted.',
    default: AGENT_DEFAULTS.backlog,
  },
  capability: {
    short: 'c',
    kind: choice('NAME', CAPABILITIES, 'unsupported capability'),
    help: 'Offer a capability; may be repeated.',
    repeatable: true,
  },
  daemonize: { short: 'D', kind: FLAG, help: 'Run in the background; returns when the socket listens.' },
  debug: { short: 'd', kind: text('LEVEL'), help: 'Accepted and ignored, as without debugging compiled in.' },
  pidfile: { short: 'F', kind: namedFile('pidfile name'), help: 'File to write the process id to.' },
  help: { short: 'h', kind: FLAG, help: 'Show this text.' },
  'monitor-interval': {
    short: 'i',
    kind: agentTime(SECOND, HOUR),
    help: 'Print a line of figures this often.',
    otherwise: 'none',
  },
  logfile: { short: 'l', kind: LOG_FILE, help: 'Log to a file.', otherwise: 'stdout' },
  'max-frame-size': {
    short: 'm',
    kind: integer('VALUE', 'max-frame-size, a number of bytes', ' bytes'),
    help: 'Maximum frame size.',
    default: AGENT_DEFAULTS.maxFrameSize,
  },
  'num-workers': {
    short: 'n',
    kind: integer('VALUE', 'number of workers'),
    help: 'At most so many worker processes, no more than cores.',
    default: AGENT_DEFAULTS.workers,
  },
  port: { short: 'p', kind: integer('VALUE', 'port'), help: 'Port to listen on.', default: AGENT_DEFAULTS.port },
  runtime: { short: 'r', kind: agentTime(0, 7 * DAY), help: 'Run for the specified time (0 = unlimited).' },
  'processing-delay': {
    short: 't',
    kind: agentTime(0, SECOND),
    help: 'Delay each answer, 0 to 1s.',
    default: AGENT_DEFAULTS.delayMs,
  },
  'mirror-url': {
    short: 'u',
    kind: MIRROR_URL,
    help: 'Where requests are mirrored to; may be repeated.',
    repeatable: true,
    shown: shownUrl,
  },
  'mirror-interface': { short: 'I', kind: text('NAME'), help: 'Interface or address for outgoing connections.' },
  'mirror-local-port': { short: 'P', kind: PORTS, help: 'Local port or range (N-M) for outgoing connections.' },
  noproxy: {
    short: 'N',
    also: 'mirror-no-proxy',
    kind: texts('LIST'),
    help: 'Hosts that are reached without the proxy.',
  },
  'proxy-url': {
    short: 'x',
    also: 'mirror-proxy',
    kind: PROXY_URL,
    help: 'HTTP proxy for outgoing connections.',
    shown: shownUrl,
  },
  'proxy-userpwd': {
    short: 'U',
    also: 'mirror-proxy-user',
    kind: text('USER:SECRET'),
    help: 'Credentials for the proxy (Basic); better in MIRROR_PROXY_USERPWD.',
    shown: () => '***',
  },
  'proxy-header': {
    short: 'H',
    also: 'mirror-proxy-header',
    kind: HEADER,
    help: "'Name: value' sent to the proxy, or @FILE of such; may be repeated.",
    repeatable: true,
    shown: shownHeader,
  },
  version: { short: 'V', kind: FLAG, help: 'Show program version.' },
});
