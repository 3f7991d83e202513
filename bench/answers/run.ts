/**
 * node --import tsx bench/answers/run.ts: what a print of an answer costs, beside what JSON.parse alone costs for the same text. Both
 * are measured in turn, in one process, as processor time. Exits with 1 when a ratio is beyond its bound.
 */
import { loadavg } from 'node:os';
import { gzipSync } from 'node:zlib';
import { compareAnswers } from '../../src/answers/differences.ts';
import { Fingerprinter, type RawAnswer } from '../../src/answers/fingerprint.ts';
import { Random } from '../random.ts';

const SIZES = [1_000, 10_000, 64_000];
const ROUNDS = 9;
const BATCH_US = 20_000;

const random = new Random(1);

/** Many of the same: few paths, long sequences. */
function row(i: number): object {
  const attributes = { color: random.pick(['red', 'blue']), size: random.below(9) };
  return {
    id: `it-${i}`,
    quantity: random.below(9),
    price: random.below(1e5) / 100,
    name: `name ${i}`,
    note: null,
    attributes,
  };
}

const LETTERS = 'bcdfghijklmnopqrstvwxyz';

/** Each member with a name of its own: as many paths as values. */
function member(i: number): [string, object] {
  const name = Array.from(String(i), (digit) => LETTERS[Number(digit)]).join('');
  return [`group_${name}`, { count: i, text: `x${i}`, inner: { isSet: true, share: i * 1.5 } }];
}

const SHAPES: readonly (readonly [name: string, bound: number, make: (bytes: number) => unknown])[] = [
  ['rows', 25, (bytes) => ({ items: Array.from({ length: bytes / 118 }, (_, i) => row(i)) })],
  ['wide', 30, (bytes) => Object.fromEntries(Array.from({ length: bytes / 84 }, (_, i) => member(i)))],
  ['ids past 2^53', 40, (bytes) => Array.from({ length: bytes / 20 }, () => 10n ** 18n + BigInt(random.below(1e9)))],
  ['one digit each', 30, (bytes) => Array.from({ length: bytes / 2 }, () => random.below(9))],
];

/** Nothing of JSON.stringify takes integers past 2^53. */
function jsonOf(value: unknown): string {
  return Array.isArray(value) && typeof value[0] === 'bigint' ? `[${value.join()}]` : JSON.stringify(value);
}

function answerOf(body: Uint8Array, coding?: string): RawAnswer {
  const headers: [string, string][] = [
    ['content-type', 'application/json; charset=utf-8'],
    ['content-length', String(body.length)],
    ['cache-control', 'no-store'],
    ['set-cookie', 'session=0123456789abcdef; Path=/; HttpOnly'],
    ['etag', '"0123456789abcdef"'],
    ['x-request-id', '0123456789abcdef'],
  ];
  if (coding !== undefined) headers.push(['content-encoding', coding]);
  return { status: 200, headers, body };
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

/** Processor time of this process in µs, collecting garbage included: others on the machine do not count. */
function cpuOf(task: () => unknown, times: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) task();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

/** Medians in µs of tasks that are run in turn, as often in a row as fills some milliseconds. */
function measure(tasks: readonly (() => unknown)[]): number[] {
  for (const task of tasks) cpuOf(task, 200);
  const often = tasks.map((task) => Math.ceil(BATCH_US / Math.max(1, cpuOf(task, 20))));
  const times: number[][] = tasks.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, task] of tasks.entries()) times[i]?.push(cpuOf(task, often[i] ?? 1));
  return times.map(median);
}

const prints = new Fingerprinter(Buffer.alloc(32, 1));
const table: { [column: string]: string | number }[] = [];
let beyond = 0;

for (const [name, bound, make] of SHAPES) {
  for (const size of SIZES) {
    const text = jsonOf(make(size));
    const plain = answerOf(Buffer.from(text));
    const coded = answerOf(gzipSync(text), 'gzip');
    const print = prints.print('uid', plain);
    const other = prints.print('uid', { ...plain, body: Buffer.from(text.replace(/\d/g, '3')) });
    const [parse = 0, made = 0, ofGzip = 0, compared = 0] = measure([
      () => JSON.parse(text),
      () => prints.print('uid', plain),
      () => prints.print('uid', coded),
      () => compareAnswers(print, other),
    ]);
    if (made / parse > bound) beyond++;
    table.push({
      document: name,
      bytes: text.length,
      paths: Object.keys(print.body.fields ?? {}).length + (print.body.fields_dropped ?? 0),
      'JSON of the print': JSON.stringify(print).length,
      'JSON.parse µs': Math.round(parse),
      'print µs': Math.round(made),
      ratio: Number((made / parse).toFixed(1)),
      bound,
      'of gzip µs': Math.round(ofGzip),
      'compare µs': Math.round(compared),
    });
  }
}

console.table(table);
console.log(
  `Node ${process.version}, load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`,
);
if (beyond > 0) {
  console.error(`${beyond} of ${table.length} are beyond their bound`);
  process.exitCode = 1;
}
