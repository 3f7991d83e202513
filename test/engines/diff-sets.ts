/** Logs of both sides for comparisons of what was loaded with what was read: each with something that decides. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateFiles } from '../../bench/diff/generate.ts';
import { answeredLogs } from '../../bench/diff/responses/answered-logs.ts';
import { SHOP } from '../../bench/diff/responses/shop.ts';
import type { DataSettings } from '../../bench/diff/settings.ts';
import { Random } from '../../bench/random.ts';
import { fixture } from '../programs/spoe-logs/run.ts';

export interface DiffSet {
  readonly name: string;
  readonly production: readonly string[];
  readonly mirror: readonly string[];
  readonly spoe?: readonly string[];
  /** Options of `diff`, besides none. */
  readonly options?: readonly (readonly string[])[];
}

const DESTINATIONS = [
  ['--destination', 'candidate'],
  ['--baseline-destination', 'secondary'],
  ['--baseline-destination', 'secondary', '--ignore-field', '$.price', '--additive-fine'],
];
const OPTIONS = [
  ['--ignore', 'POST /orders 201->409', '--error', '5xx,404', '--mirror-duplicates', 'worst'],
  ['--route', '/products/{id}', '--mirror-duplicates', 'first', '--compare-latency', 'total'],
  ['--since', '2026-11-20T06:00:01Z', '--until', '2026-11-20T06:00:02.5Z', '--anytime'],
  ['--host', 'lb1', '--key', 'pid+sid'],
  ['--gates', 'all', '--fail-on', 'new-errors>0.1%', '--event', 'on-frontend-http-request'],
];

/** @param folder where their files are made */
export function diffSets(folder: string): DiffSet[] {
  const generated = (name: string, settings: Partial<DataSettings>): DiffSet => {
    const own = path.join(folder, name);
    generateFiles(own, { requests: 800, traps: true, ...settings });
    const file = (side: string) => [path.join(own, `${side}.log`)];
    return {
      ...{ name, production: file('production'), mirror: file('mirror') },
      ...(settings.spoe === 'separate' && { spoe: file('spoe') }),
      options: OPTIONS,
    };
  };
  return [
    {
      name: 'real',
      production: [fixture('diff/3.0.11--broken-orders--production.log')],
      mirror: [fixture('diff/3.0.11--broken-orders--mirror.jsonl')],
      options: [
        ['--ignore', 'POST /orders 201->500'],
        ['--max-requests', '1000'],
      ],
    },
    sentCut(folder),
    {
      name: 'answers',
      production: [fixture('diff/3.2.26--price-as-text--production.log.gz')],
      mirror: [fixture('diff/3.2.26--price-as-text--record.jsonl.gz')],
      options: [['--ignore-field', '$.price']],
    },
    generated('inline', { broken: 'GET /orders/{id}' }),
    {
      ...generated('separate', { mirror: 'haproxy-httplog', spoe: 'separate', seed: 2 }),
      options: OPTIONS.slice(0, 1),
    },
    { ...generated('combined', { mirror: 'combined', spoe: 'none', seed: 3 }), options: [] },
    destinations(folder),
    ...['unique-id', 'span', 'trace', 'pid+sid', 'none'].map((key, i) => keyed(folder, key, i)),
    rotated(folder),
    ...formats(folder),
    corpus(folder),
  ];
}

/** Logs that nobody can read who is not told their log-format. */
const OF_OWN_FORMAT = /--(hex-escape|loose)\./;

/** Each format of access logs, with itself as the other side but for its last line: equal files are refused. */
function formats(folder: string): DiffSet[] {
  return readdirSync(fixture('logs/access'))
    .filter((name) => name !== 'README.md' && !OF_OWN_FORMAT.test(name))
    .map((name) => {
      const production = fixture(`logs/access/${name}`);
      return {
        name: name.replace(/^haproxy-|\.\w+$/g, ''),
        production: [production],
        mirror: [write(path.join(folder, 'formats'), name, readLines(production).slice(0, -1))],
      };
    });
}

/** Every log that was taken of a real HAProxy, as one: SPOE lines of all troubles, of streams with and without requests. */
function corpus(folder: string): DiffSet {
  const names = readdirSync(fixture('logs/corpus')).filter((name) => name.endsWith('.log'));
  const lines = names.flatMap((name) => readLines(fixture(`logs/corpus/${name}`)));
  const own = path.join(folder, 'corpus');
  return {
    name: 'corpus',
    production: [write(own, 'production.log', lines)],
    mirror: [write(own, 'mirror.log', lines.slice(0, -1))],
  };
}

function write(folder: string, name: string, lines: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

/** A record of which one request in four was sent with its body cut. */
function sentCut(folder: string): DiffSet {
  const lines = readLines(fixture('diff/3.0.11--broken-orders--mirror.jsonl'));
  const mirror = lines.map((line, i) => (i % 4 === 0 ? line.replace('"truncated":false', '"truncated":true') : line));
  return {
    name: 'cut',
    production: [fixture('diff/3.0.11--broken-orders--production.log')],
    mirror: [write(path.join(folder, 'cut'), 'mirror.jsonl', mirror)],
  };
}

/** Answers of two destinations, one of which runs production's version, with prints of all. */
function destinations(folder: string): DiffSet {
  const logs = answeredLogs({ site: SHOP, pairs: 200, noise: true, answered: 0.9, whole: 0.95, plants: {} });
  const named = (text: string, name: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => (line.includes('"kind"') ? line : line.replace('{', `{"destination":"${name}",`)));
  const own = path.join(folder, 'destinations');
  return {
    name: 'destinations',
    production: [write(own, 'production.log', logs.production.trimEnd().split('\n'))],
    mirror: [
      write(own, 'mirror.jsonl', named(logs.mirror, 'candidate')),
      write(own, 'noise.jsonl', named(logs.noise, 'secondary')),
    ],
    options: DESTINATIONS,
  };
}

/** JSON logs of both sides that share one kind of id or none, with sizes and media types; some requests are retried, some lines repeated. */
function keyed(folder: string, key: string, seed: number): DiffSet {
  const random = new Random(seed + 40);
  const production: string[] = [];
  const mirror: string[] = [];
  for (let i = 0; i < 500; i++) {
    const hex = (length: number) => (i * 7919 + 12345).toString(16).padStart(length, 'a');
    const ids = {
      'unique-id': { unique_id: `u${i % 470}` },
      span: { traceparent: `00-${hex(32).slice(-32)}-${hex(16)}-01` },
      trace: { trace_id: hex(32) },
      'pid+sid': { pid: 7 + (i % 3), sid: i, ...(i % 2 === 0 && { hostname: 'lb1' }) },
      none: {},
    }[key];
    const time = (ms: number) => new Date(Date.UTC(2026, 10, 20, 6) + i * 37 + ms).toISOString();
    const thing = {
      method: random.chance(0.2) ? 'POST' : 'GET',
      path: `/items/${i % 90}/${random.chance(0.3) ? 'parts' : 'x'}?q=${i}`,
    };
    const sizes = (wrong: boolean) => ({
      body_bytes_sent: 1000 + (i % 7) + (wrong ? 400 : 0),
      ...(i % 11 !== 0 && { sent_http_content_type: wrong ? 'text/html' : 'application/json' }),
    });
    const line = { ...ids, ...thing };
    const took = () => Math.round(random.next() * 90_000) / 1000;
    production.push(
      JSON.stringify({
        time: time(0),
        ...line,
        status: random.chance(0.03) ? 503 : 200,
        duration_ms: took(),
        ...sizes(false),
      }),
    );
    if (random.chance(0.04)) continue;
    const answer = (status: number) =>
      JSON.stringify({ time: time(4), ...line, status, duration_ms: took() * 1.3, ...sizes(i % 90 === 3) });
    const lines = [answer(random.chance(0.06) ? 500 : 200)];
    if (random.chance(0.05)) lines.unshift(answer(502));
    if (random.chance(0.03)) lines.push(lines[0] as string);
    mirror.push(...lines);
  }
  const own = path.join(folder, `key-${key}`);
  return {
    name: `key-${key.replace('+', '-')}`,
    production: [write(own, 'production.json', production)],
    mirror: [write(own, 'mirror.json', mirror)],
    options: [
      ['--key', key === 'none' ? 'auto' : key === 'span' || key === 'trace' ? 'traceparent' : key],
      ['--max-requests', '5000'],
    ],
  };
}

/** Two files a side that overlap, named in an order that is not that of their names. */
function rotated(folder: string): DiffSet {
  const own = path.join(folder, 'rotated');
  generateFiles(own, { requests: 600, traps: true, seed: 9 });
  const cut = (side: string, text: readonly string[]) => [
    write(own, `z-${side}.log`, text.slice(0, Math.floor(text.length * 0.6))),
    write(own, `a-${side}.log`, text.slice(Math.floor(text.length * 0.5))),
  ];
  const linesOf = (side: string) => readLines(path.join(own, `${side}.log`));
  return {
    name: 'rotated',
    production: cut('production', linesOf('production')),
    mirror: cut('mirror', linesOf('mirror')),
  };
}

function readLines(file: string): string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}
