/** Kinds of values that this program alone knows, and the grammars that its files share with its command line. */

import { AnswerError } from '../../answers/errors.ts';
import { parseRounding, type Rounding } from '../../answers/rounding.ts';
import { atLeastOne, parseAddress } from '../../options/address.ts';
import { OptionError } from '../../options/errors.ts';
import { type Kind, list, special } from '../../options/kinds.ts';
import { AgentError } from '../../spoa/errors.ts';
import { shownUrl } from '../../text/shown-url.ts';
import { type Network, parseNetwork } from './allowance.ts';

export const SECOND = 1000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** The error of a command line that is wrong beside the values of its options. */
export function usage(message: string): AgentError {
  return new AgentError('usage', message);
}

const NETWORK_LIST = list<Network>(
  'CIDR',
  special('CIDR', (item) => {
    const network = parseNetwork(item);
    if (network === undefined) throw new OptionError(`invalid network, not ADDRESS or ADDRESS/PREFIX: '${item}'`);
    return network;
  }),
);

/** A list of networks: `10.0.0.0/8,2001:db8::/32,192.0.2.7`. */
export const NETWORKS: typeof NETWORK_LIST = { ...NETWORK_LIST, parse: atLeastOne(NETWORK_LIST, 'network') };

type Header = readonly [name: string, value: string];

/** Reads a header `Name: value`, or with `Name:` an empty one. @throws OptionError */
export function parseHeader(text: string): Header {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)$/.exec(text);
  // The text is not repeated: it is most often a secret.
  if (match === null) throw new OptionError("invalid header, not 'Name: value'");
  return [match[1] as string, (match[2] as string).trimEnd()];
}

/** A header, or a file of such: `@FILE`. */
export const HEADER: Kind<{ readonly file: string } | { readonly header: Header }> = special('HEADER', (text) =>
  text.startsWith('@') ? { file: text.slice(1) } : { header: parseHeader(text) },
);

/** The header as `Name: ***`; the name of a file is no secret. */
export function shownHeader(text: string): string {
  return text.startsWith('@') ? text : text.replace(/^([^:]*: ?)?.*$/s, '$1***');
}

/** A rule of --round: `$.price=2`. */
export const ROUNDING: Kind<Rounding> = special('PATH=N', (text) => {
  try {
    return parseRounding(text);
  } catch (error) {
    if (error instanceof AnswerError) throw new OptionError(`'${text}' ${error.message}`);
    throw error;
  }
});

/** A port or a range, `4000` or `4000-4099`; 0 is any port. */
export const PORTS = special<readonly [from: number, to: number] | undefined>('VALUE', (text) => {
  if (text === '0') return undefined;
  if (text === '') throw new OptionError('port range is not defined');
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  if (match !== null && to >= from && to <= 65_535) return [from, to];
  throw new OptionError(`invalid port range: '${text}'`);
});

export interface LogFileOption {
  readonly path: string;
  /** The mode: `a` appends, `w` empties the file first, `x` refuses a file that exists. */
  readonly mode: 'a' | 'w' | 'x';
}

/** A log file, `[MODE:]FILE`; anything but a mode in front of a colon at the second place is refused. */
const logFile: Kind<LogFileOption> = special('[MODE:]FILE', (text) => {
  const hasMode = text[1] === ':';
  const mode = hasMode ? (text[0] as string) : 'x';
  if (!'awAWx'.includes(mode) || (hasMode && mode === 'x'))
    throw new OptionError(`invalid logfile mode '${mode}'`, { code: 'log-file' });
  const path = hasMode ? text.slice(2) : text;
  if (path === '') throw new OptionError('logfile name not defined', { code: 'log-file' });
  // Capital letters ask for line buffering, which is what every mode has here.
  return { path, mode: mode.toLowerCase() as LogFileOption['mode'] };
});

export const LOG_FILE: typeof logFile = { ...logFile, name: 'file' };

/** The address of --admin, as it was given. */
export const ADMIN_ADDRESS: Kind<string> = special('ADDRESS', (text) => {
  parseAddress(text);
  return text;
});

/** A name or an address, which is looked up later, or `unix:PATH`. */
export const LISTEN_ADDRESS: Kind<string> = special(
  'NAME',
  (text) => {
    if (text.startsWith('unix:')) parseAddress(text);
    return text;
  },
  { format: (address) => `"${address}"` },
);

export const MIRROR_URL: Kind<string> = special('URL', (text) => {
  if (!/^https?:\/\//i.test(text))
    throw new OptionError(`Invalid URL scheme '${shownUrl(text)}': write ${suggestUrl(text)}`);
  if (!URL.canParse(text)) throw new OptionError(`Unable to set URL '${shownUrl(text)}'`);
  return text;
});

/** The URL that was meant: a host without a scheme is one of HTTP, and other schemes are not supported. */
function suggestUrl(value: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(value) || value === ''
    ? 'http://HOST or https://HOST'
    : `http://${shownUrl(value)}`;
}

export const PROXY_URL: Kind<string> = special('URL', (text) => {
  const url = text.includes('://') ? text : `http://${text}`;
  if (/^https:/i.test(url))
    throw new OptionError(`a proxy over TLS is not supported: -x http://HOST:PORT, not '${shownUrl(text)}'`);
  if (!/^http:\/\//i.test(url) || !URL.canParse(url))
    throw new OptionError(`Unable to set proxy URL '${shownUrl(text)}'`);
  // libcurl, which the C agent uses, takes 1080 where no port is given.
  const hasPort = /^[a-z]+:\/\/[^/]*:\d+(\/|$)/i.test(url);
  return hasPort ? url : url.replace(/^([a-z]+:\/\/[^/]*)/i, '$1:1080');
});
