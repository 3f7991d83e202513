/** diff with answers in the agent's record: files, threads, noise, and what is refused. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fingerprinter } from '../../../src/answers/fingerprint.ts';
import { compare } from '../../../src/diff/compare.ts';
import type { RequestLine } from '../../../src/diff/request-line.ts';
import { renderDiffJson } from '../../../src/report/diff-json.ts';
import { TemporaryFolder } from '../../logs/reading.ts';
import { spoeLogs } from './one-process.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());

const START = Date.UTC(2026, 10, 26, 2);
const at = (i: number) => new Date(START + i * 100).toISOString();
const idOf = (i: number) => `7F000001:ED7E_7F000001:1F90_6B0793${i.toString(16).padStart(2, '0')}_0001:0ABC`;

function productionLog(count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const [date = '', time = ''] = at(i).slice(0, 23).split('T');
    const day = `${date.slice(8)}/Nov/2026:${time}`;
    return `Nov 26 02:00:00 lb1 haproxy[7]: 127.0.0.1:38382 [${day}] fe be/s1 0/0/0/1/1 200 629 - - ---- 1/1/0/0/0 0/0 "GET /items/${i} HTTP/1.1" ${idOf(i)} ${i}\n`;
  }).join('');
}

interface RecordOptions {
  readonly count: number;
  readonly key?: number;
  readonly body: (i: number) => unknown;
  readonly productionBody?: (i: number) => unknown;
  readonly destination?: string;
  readonly path?: (i: number) => string;
  /** Without production's answers: another destination's lines. */
  readonly isMirrorOnly?: boolean;
  readonly from?: number;
}

const PRODUCTION_BODY = (i: number) => ({ id: i, price: 1.5, at: `2026-${i}` });

function record({ count, key = 1, body, productionBody = PRODUCTION_BODY, from = 0, ...more }: RecordOptions): string {
  const printer = new Fingerprinter(new Uint8Array(32).fill(key));
  const printOf = (id: string, content: unknown) => {
    const bytes = Buffer.from(JSON.stringify(content));
    const headers = [
      ['content-type', 'application/json'],
      ['content-length', String(bytes.length)],
    ] as const;
    return printer.print(id, { status: 200, headers, body: bytes });
  };
  return Array.from({ length: count }, (_, n) => {
    const i = from + n;
    const id = idOf(i);
    const mirror = JSON.stringify({
      ...{ ts: at(i), message: 'mirror', stream_id: i, frame_id: 1, unique_id: id, method: 'GET' },
      ...{ path: more.path?.(i) ?? `/items/${i}`, status: 200, ttfb_ms: 1, latency_ms: 2, request_bytes: 0 },
      ...{ response_bytes: 9, truncated: false, attempts: 1, error: null },
      ...(more.destination !== undefined && { destination: more.destination }),
      answer: printOf(id, body(i)),
    });
    const production = JSON.stringify({
      ...{ ts: at(i), kind: 'production', message: 'answer-body', unique_id: id },
      answer: printOf(id, productionBody(i)),
    });
    const lines = more.isMirrorOnly === true ? [mirror] : i % 2 === 0 ? [production, mirror] : [mirror, production];
    return `${lines.join('\n')}\n`;
  }).join('');
}

/** A type that changed, and a time that is never the same. */
const CANDIDATE = (i: number) => ({ id: i, price: '1.5', at: `2027-${i}` });
const SECONDARY = (i: number) => ({ id: i, price: 1.5, at: `2027-${i}` });

const production = folder.write('production.log', productionLog(20));
const mirror = folder.write('mirror.jsonl', record({ count: 20, body: CANDIDATE }));

async function requests(...args: string[]): Promise<RequestLine[]> {
  const { stdout, stderr } = await spoeLogs(['diff', '--production', production, '--format', 'ndjson', ...args]);
  assert.equal(stderr, '');
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const PRICE = { place: '$.price', kind: 'type', shape: 'number → string' };
const AT = { place: '$.at', kind: 'value' };
const LENGTH = (line: RequestLine) => line.responses?.differences.map(({ place, kind }) => `${place} ${kind}`);

test('each request says what of its answers differs, and answers are no lines that could not be read', async () => {
  const lines = await requests('--mirror', mirror);
  assert.equal(lines.length, 20);
  for (const { responses } of lines) assert.deepEqual(responses, { body: 'compared', differences: [PRICE, AT] });
  const { stdout } = await spoeLogs(['diff', '--production', production, '--mirror', mirror, '--format', 'json']);
  const [, input] = JSON.parse(stdout).inputs;
  const { lines: all, parsed, unparsed, answers } = input;
  assert.deepEqual({ all, parsed, unparsed, answers }, { all: 40, parsed: 20, unparsed: 0, answers: 20 });
});

test('summarize --record passes over them', async () => {
  const { stdout } = await spoeLogs(['summarize', production, '--record', mirror, '--format', 'json', '--tz', 'UTC']);
  const { lines, unread, total } = JSON.parse(stdout).mirror;
  assert.deepEqual([lines, unread, total.requests], [40, 0, 20]);
});

test('a record in two files, answers of production in one of them: none is lost, none is an input without requests', async () => {
  const lines = record({ count: 20, body: CANDIDATE }).trimEnd().split('\n');
  const isAnswer = (line: string) => line.includes('"kind":"production"');
  const own = folder.write('own.jsonl', `${lines.filter((line) => !isAnswer(line)).join('\n')}\n`);
  const theirs = folder.write('theirs.jsonl', `${lines.filter(isAnswer).join('\n')}\n`);
  for (const order of [
    [own, theirs],
    [theirs, own],
  ]) {
    const said = await requests('--mirror', ...order);
    assert.deepEqual(said.map(LENGTH), Array(20).fill(['$.price type', '$.at value']));
  }
});

test('the noise of the same requests stands beside each, that of another key does as well', async () => {
  const noise = folder.write('noise.jsonl', record({ count: 20, key: 2, body: SECONDARY }));
  for (const { responses } of await requests('--mirror', mirror, '--mirror-noise', noise))
    assert.deepEqual(responses, { body: 'compared', differences: [PRICE, AT], noise: [AT] });
});

test('a second destination that runs production’s version is the noise', async () => {
  const both =
    record({ count: 20, body: CANDIDATE, destination: 'http://candidate' }) +
    record({ count: 20, body: SECONDARY, destination: 'http://secondary', isMirrorOnly: true });
  const file = folder.write('both.jsonl', both);
  const lines = await requests('--mirror', file, '--baseline-destination', 'http://secondary');
  assert.equal(lines.length, 20);
  for (const { responses } of lines)
    assert.deepEqual(responses, { body: 'compared', differences: [PRICE, AT], noise: [AT] });
});

test('hashes of different keys are not compared', async () => {
  const other = record({ count: 20, key: 2, body: CANDIDATE })
    .split('\n')
    .filter((line) => !line.includes('"kind"'));
  const prints = record({ count: 20, key: 1, body: CANDIDATE })
    .split('\n')
    .filter((line) => line.includes('"kind"'));
  const file = folder.write('keys.jsonl', `${[...prints, ...other].join('\n')}\n`);
  for (const { responses } of await requests('--mirror', file)) assert.equal(responses, undefined);
});

test('the answer that counts is that of the attempt that counts', async () => {
  const again = record({ count: 20, body: SECONDARY, isMirrorOnly: true }).replaceAll('T02:', 'T03:');
  const file = folder.write('again.jsonl', record({ count: 20, body: CANDIDATE }) + again);
  const [last] = await requests('--mirror', file);
  assert.deepEqual(last && LENGTH(last), ['$.at value']);
  const [first] = await requests('--mirror', file, '--mirror-duplicates', 'first');
  assert.deepEqual(first && LENGTH(first), ['$.price type', '$.at value']);
});

test('a record that is long enough for a thread of its own says the same, with paths that make lines of 100 KiB', async () => {
  const long = (i: number) => `/items/${i}?${'q'.repeat(100 * 1024)}`;
  const many = { count: 180, body: CANDIDATE, path: long };
  const log = folder.write('long.log', productionLog(180));
  const file = folder.write('long.jsonl', record(many));
  const noise = folder.write('long-noise.jsonl', record({ ...many, key: 2, body: SECONDARY }));
  const args = ['diff', '--production', log, '--mirror', file, '--mirror-noise', noise, '--format', 'ndjson'];
  const { stdout, stderr } = await spoeLogs(args);
  assert.equal(stderr, '');
  const lines: RequestLine[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const expected = { body: 'compared', differences: [PRICE, AT], noise: [AT] };
  assert.deepEqual(
    lines.map(({ responses }) => responses),
    Array(180).fill(expected),
  );
});

test('the library compares with the noise as the command does', async () => {
  const noise = folder.write('library.jsonl', record({ count: 20, key: 2, body: SECONDARY }));
  const report = await compare({ production: [production], mirror: [mirror], mirrorNoise: [noise] });
  const args = ['--production', production, '--mirror', mirror, '--mirror-noise', noise];
  const { stdout } = await spoeLogs(['diff', ...args, '--format', 'json']);
  assert.equal(renderDiffJson(report), stdout);
  assert.deepEqual(
    report.inputs.map(({ role, answers }) => [role, answers]),
    [
      ['production', undefined],
      ['mirror', 20],
      ['baseline', 20],
    ],
  );
  await assert.rejects(
    compare({ production: [production], mirror: [mirror], mirrorNoise: [noise], baselineDestination: 'http://a' }),
    { code: 'usage' },
  );
  await assert.rejects(compare({ production: [production], mirror: [mirror], mirrorNoise: [mirror] }), {
    code: 'same-input',
  });
});

test('noise that is the mirror itself, that is given twice, or that is no record is refused', async () => {
  const copy = folder.write('copy.jsonl', record({ count: 20, body: CANDIDATE }));
  const refused = async (...args: string[]) => {
    const { code, stderr } = await spoeLogs(['diff', '--production', production, '--mirror', mirror, ...args]);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    return `${code} ${stderr}`;
  };
  assert.match(await refused('--mirror-noise', mirror), /^2 .*a log compared with itself.*--mirror-noise takes.*\n$/);
  assert.match(await refused('--mirror-noise', copy), /^2 .*hold the same lines.*--mirror-noise takes.*\n$/);
  assert.match(
    await refused('--mirror-noise', copy, '--baseline-destination', 'http://a'),
    /^2 .*both say what is noise: give one of them \(usage\)/,
  );
  assert.match(await refused('--mirror-noise', production), /^2 .*could be read as a request.*--mirror-noise takes/);
});
