#!/usr/bin/env node
/**
 * A seeded mirror log of any size: half SPOE lines, half access lines. The same options give the same bytes.
 *
 * usage: node --import tsx bench/make-log.ts OUT [options], where OUT may be - for standard output
 *   --bytes 1g         at least this much, ended after a whole pair of lines
 *   --seed 1
 *   --rate 2000        requests a second of log time
 *   --hosts 2          each is one HAProxy process
 *   --errors 0.002     part of the SPOE lines with st != 0
 *   --format 2.6       2.6 (five timers), 3.2 (pT only), mixed (a rolling upgrade: every second host is 3.2)
 *   --framing rfc3164  rfc3164, iso, rfc5424, raw, json
 */
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { acceptDate, header } from './diff/haproxy-lines.ts';
import { messageOf } from './measure.ts';
import { Random } from './random.ts';

const DEFAULTS = {
  bytes: '1g',
  seed: '1',
  rate: '2000',
  hosts: '2',
  errors: '0.002',
  format: '2.6',
  framing: 'rfc3164',
};
const FORMATS = ['2.6', '3.2', 'mixed'];
const FRAMINGS = ['rfc3164', 'iso', 'rfc5424', 'raw', 'json'];
const UNITS = new Map([
  ['k', 1e3],
  ['m', 1e6],
  ['g', 1e9],
]);
const PATHS = [
  '/',
  '/api/v1/orders?id=',
  '/static/app.js',
  '/login',
  '/api/v2/users/',
  '/search?q=shoes&page=',
  '/health',
];
const BLOCK = 1 << 20;

/** As on the command line. */
export type LogOptions = Record<keyof typeof DEFAULTS, string>;

interface Host {
  readonly name: string;
  readonly pid: number;
  /** HAProxy from 3.1 on writes pT only. */
  readonly modern: boolean;
  sid: number;
  processed: number;
  failed: number;
}

/** Makes pairs of lines: the SPOE line of a request, then its access line, as HAProxy writes them. */
class PairMaker {
  readonly #random: Random;
  readonly #options: LogOptions;
  readonly #hosts: readonly Host[];
  #clockMs = Date.UTC(2026, 10, 20, 6, 0, 0);

  constructor(options: LogOptions) {
    this.#options = options;
    this.#random = new Random(Number(options.seed));
    this.#hosts = Array.from({ length: Number(options.hosts) }, (_, i) => ({
      name: `lb${i + 1}`,
      pid: 1200 + 37 * i,
      sid: 0,
      processed: 0,
      failed: 0,
      modern: options.format === '3.2' || (options.format === 'mixed' && i % 2 === 1),
    }));
  }

  /** Mostly 0 or 1 ms, a tail of tens, as a mirror agent on the same host answers. */
  #latency(): number {
    if (this.#random.next() < 0.9) return this.#random.below(2);
    return this.#random.next() < 0.9 ? this.#random.below(20) : this.#random.below(400);
  }

  pair(): string {
    const host = this.#random.pick(this.#hosts);
    host.sid += 1 + this.#random.below(2);
    host.processed += 1;
    this.#clockMs += -Math.log(1 - this.#random.next()) * (1000 / Number(this.#options.rate));
    const st = this.#random.next() < Number(this.#options.errors) ? (this.#random.next() < 0.7 ? 1 : 257) : 0;
    if (st !== 0) host.failed += 1;
    return this.#frame(host, this.#spoe(host, st), st ? 4 : 5) + this.#frame(host, this.#access(), 6);
  }

  #spoe(host: Host, st: number): string {
    const [q, w, r] = [this.#latency(), this.#latency(), this.#random.below(2)];
    const head = `SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${host.sid} st=${st}`;
    const counters = `${host.failed}/${host.processed}`;
    if (host.modern) return `${head} ${st === 1 ? 1000 : q + w + r} ${counters}`;
    const timers =
      st === 1 ? '0/0/-1/-1/1000' : st === 257 ? `0/${q}/${w}/-1/${q + w}` : `0/${q}/${w}/${r}/${q + w + r}`;
    const idles = 1 + this.#random.below(4);
    return `${head} ${timers} ${idles}/${idles + this.#random.below(4)} ${this.#random.below(2)}/${this.#random.below(3)} ${counters}`;
  }

  #access(): string {
    const below = (n: number) => this.#random.below(n);
    const client = `10.${below(256)}.${below(256)}.${below(256)}:${1024 + below(60000)}`;
    const total = 1 + below(30);
    const path = this.#random.pick(PATHS);
    const uri = `${path}${path.endsWith('=') ? below(100000) : ''}`;
    const counts = `${below(200)}/${below(200)}/${below(50)}/${below(20)}/0 0/0`;
    return `${client} [${acceptDate(this.#clockMs)}] fe_main be_servers/srv${1 + below(3)} 0/0/0/${total}/${total} 200 ${below(60000)} - - ---- ${counts} "GET ${uri} HTTP/1.1"`;
  }

  #frame(host: Host, message: string, severity: number): string {
    const date = new Date(this.#clockMs);
    switch (this.#options.framing) {
      case 'iso':
        return `${date.toISOString().slice(0, -1)}+00:00 ${host.name} haproxy[${host.pid}]: ${message}\n`;
      case 'rfc5424':
        return `<${128 + severity}>1 ${date.toISOString().slice(0, -1)}000+00:00 ${host.name} haproxy ${host.pid} - - ${message}\n`;
      case 'raw':
        return `${message}\n`;
      case 'json':
        return `${JSON.stringify({ '@timestamp': date.toISOString(), host: host.name, severity: SEVERITIES[severity], program: 'haproxy', procid: String(host.pid), message: ` ${message}` })}\n`;
      default:
        return `${header(this.#clockMs, { host: host.name, pid: host.pid })}${message}\n`;
    }
  }
}

const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** `500k`, `100m`, `1g` or a number, in bytes. */
export function bytesOf(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(text) ?? [];
  if (number === undefined) throw new Error(`cannot read --bytes ${text}: write 500k, 100m or 1g`);
  return Number(number) * (UNITS.get(unit.toLowerCase()) ?? 1);
}

interface Block {
  readonly text: string;
  readonly lines: number;
}

function* makeBlocks(given: Partial<LogOptions>): Generator<Block> {
  const options = { ...DEFAULTS, ...given };
  if (!FORMATS.includes(options.format)) throw new Error(`no --format ${options.format}: ${FORMATS.join(', ')}`);
  if (!FRAMINGS.includes(options.framing)) throw new Error(`no --framing ${options.framing}: ${FRAMINGS.join(', ')}`);
  const target = bytesOf(options.bytes);
  const maker = new PairMaker(options);
  for (let written = 0; written < target; ) {
    let text = '';
    let lines = 0;
    for (; text.length < BLOCK && written + text.length < target; lines += 2) text += maker.pair();
    written += Buffer.byteLength(text);
    yield { text, lines };
  }
}

/** Writes a log to a file; gives its number of lines. Options as on the command line, each with its default. */
export function makeLog(path: string, given: Partial<LogOptions> = {}): number {
  const fd = openSync(path, 'w');
  let lines = 0;
  for (const block of makeBlocks(given)) {
    // A string may be written in part, and nobody knows how many characters that were.
    const bytes = Buffer.from(block.text);
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    lines += block.lines;
  }
  closeSync(fd);
  return lines;
}

/** To standard output, as fast as its reader takes it. */
async function printLog(given: Partial<LogOptions>): Promise<void> {
  for (const { text } of makeBlocks(given)) if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        bytes: text(DEFAULTS.bytes),
        seed: text(DEFAULTS.seed),
        rate: text(DEFAULTS.rate),
        hosts: text(DEFAULTS.hosts),
        errors: text(DEFAULTS.errors),
        format: text(DEFAULTS.format),
        framing: text(DEFAULTS.framing),
      },
    });
    const [out, more] = positionals;
    if (out === undefined || more !== undefined) throw new Error('name one file to write, or - for standard output');
    if (out === '-') await printLog(values);
    else makeLog(out, values);
  } catch (error) {
    console.error(`make-log: ${messageOf(error)}`);
    process.exitCode = 2;
  }
}
