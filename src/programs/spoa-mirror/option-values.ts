/** Texts of the command line → values. A value that is wrong throws, with a sentence for whoever wrote it. */

import { AgentError } from '../../spoa/errors.ts';
import { parseDuration } from '../../text/duration.ts';
import { type Network, parseNetwork } from './allowance.ts';

const SIZES: { readonly [unit: string]: number } = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

export const SECOND = 1000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** `250us`, `10ms`, `10`, `1.5s`, `1m`, `1h`, `7d` → milliseconds. C's strtoul lets blanks and a + stand before. */
export function parseTime(text: string, least: number, most: number): number {
  if (text === '') throw usage('time not defined');
  const ms = /\s$/.test(text) ? undefined : parseDuration(text.replace(/^[ \t]*\+?(?=\d)/, ''), 'ms');
  if (ms === undefined) throw usage(`invalid time format: '${text}'`);
  if (ms >= least && ms <= most) return ms;
  throw usage(`wrong amount of time (allowed range [${formatTime(least)}, ${formatTime(most)}]): '${text}'`);
}

/** As the original agent prints times. */
function formatTime(ms: number): string {
  if (ms > SECOND) return `${(ms / SECOND).toFixed(2)}s`;
  if (ms > 1) return `${ms.toFixed(2)}ms`;
  return ms > 0 ? `${Math.round(ms * 1000)}us` : '0';
}

/** The original takes the digits a text begins with, and calls 80x 80: whoever wrote that meant something else. */
export function parseInteger(text: string, what: string): number {
  if (/^\s*[+-]?\d+$/.test(text)) return Number(text);
  throw usage(`invalid ${what}: '${text}'`);
}

export function parseCount(text: string, what: string, least = 1): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least) return count;
  throw usage(`invalid ${what}, at least ${least}: '${text}'`);
}

/** `65536`, `64k`, `64m`, `1g` → bytes. */
export function parseSize(text: string, what: string): number {
  const match = /^(\d{1,12})([kmg]?)b?$/i.exec(text);
  const size = match === null ? 0 : Number(match[1]) * (SIZES[(match[2] as string).toLowerCase()] as number);
  if (size > 0) return size;
  throw usage(`invalid ${what}: '${text}'`);
}

/** The inverse: `64m`. */
export function sizeText(bytes: number): string {
  const unit = ['g', 'm', 'k'].find((each) => bytes % (SIZES[each] as number) === 0) ?? '';
  return `${bytes / (SIZES[unit] as number)}${unit}`;
}

/** `10%` or `0.1` → 0.1. */
export function parseRatio(text: string, what: string): number {
  const match = /^(\d{1,3}(?:\.\d+)?|\.\d+)(%?)$/.exec(text);
  const ratio = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw usage(`invalid ${what}, 0% to 100%: '${text}'`);
}

export function parseChoice<const Choice extends string>(
  text: string,
  choices: readonly Choice[],
  what: string,
): Choice {
  const choice = choices.find((each) => each === text.toLowerCase());
  if (choice !== undefined) return choice;
  throw usage(`invalid ${what}, one of ${choices.join(', ')}: '${text}'`);
}

export function parseList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** `10.0.0.0/8,2001:db8::/32,192.0.2.7` */
export function parseNetworks(text: string): Network[] {
  const networks = parseList(text).map((item) => {
    const network = parseNetwork(item);
    if (network === undefined) throw usage(`invalid network, not ADDRESS or ADDRESS/PREFIX: '${item}'`);
    return network;
  });
  if (networks.length === 0) throw usage('network not defined');
  return networks;
}

/** `agent.internal,agent` → in lower case, without the dot of the root. */
export function parseHostNames(text: string): string[] {
  const names = parseList(text).map((item) => {
    const name = item.toLowerCase().replace(/\.$/, '');
    if (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name)) throw usage(`invalid host name, without a port: '${item}'`);
    return name;
  });
  if (names.length === 0) throw usage('host name not defined');
  return names;
}

/** `Name: value`, or with `Name:` an empty one. */
export function parseHeader(text: string): readonly [name: string, value: string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)$/.exec(text);
  // What it says is most often a secret.
  if (match === null) throw usage("invalid header, not 'Name: value'");
  return [match[1] as string, (match[2] as string).trimEnd()];
}

/** `Name: ***`; the name of a file is no secret. */
export function shownHeader(text: string): string {
  return text.startsWith('@') ? text : text.replace(/^([^:]*: ?)?.*$/s, '$1***');
}

/** `0640` → its bits. */
export function parseMode(text: string, what: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  throw usage(`invalid ${what}, not three octal digits as 0640: '${text}'`);
}

/** The inverse. */
export function modeText(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** `4000` or `4000-4099`. */
export function parsePorts(text: string): readonly [from: number, to: number] {
  if (text === '') throw usage('port range is not defined');
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  if (match !== null && to >= from && to <= 65_535) return [from, to];
  throw usage(`invalid port range: '${text}'`);
}

export interface LogFileOption {
  readonly path: string;
  /** `a` at its end, `w` emptied first, `x` only when there is none yet. */
  readonly mode: 'a' | 'w' | 'x';
}

/** `[MODE:]FILE`; anything but a mode in front of a colon at the second place is refused. */
export function parseLogFile(text: string): LogFileOption {
  const hasMode = text[1] === ':';
  const mode = hasMode ? (text[0] as string) : 'x';
  if (!'awAWx'.includes(mode) || (hasMode && mode === 'x')) {
    throw new AgentError('log-file', `invalid logfile mode '${mode}'`);
  }
  const path = hasMode ? text.slice(2) : text;
  if (path === '') throw new AgentError('log-file', 'logfile name not defined');
  // Capital letters ask for line buffering, which is what every mode has here.
  return { path, mode: mode.toLowerCase() as LogFileOption['mode'] };
}

export function usage(message: string): AgentError {
  return new AgentError('usage', message);
}

/** `HOST:PORT`, `[::1]:PORT`, `PORT`, `:PORT` or `unix:PATH`. */
export function parseAddress(text: string): { host?: string; port: number } | { path: string } {
  if (text.startsWith('unix:')) {
    const path = text.slice(5);
    if (path === '') throw usage(`invalid address: '${text}'`);
    return { path };
  }
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw usage(`invalid address, not HOST:PORT: '${text}'`);
  const host = match[1] ?? match[2];
  return host === undefined || host === '' ? { port } : { host, port };
}
