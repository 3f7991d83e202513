import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessFormat } from '../../../src/logs/access/format.ts';
import type { AccessRecord, LoggedAnswer } from '../../../src/logs/access-record.ts';
import { type AccessCounts, AccessScanner } from '../../../src/logs/access-scanner.ts';
import { compileFormat } from '../../../src/logs/builtin-formats.ts';
import { LineFeed } from '../../../src/logs/line-feed.ts';
import type { SpoeEvent } from '../../../src/logs/record.ts';
import { LineTally } from '../../../src/logs/tally.ts';
import { linesOf, utcTimes } from './reading.ts';

const HEAD = 'Nov 22 07:01:43 lb1 haproxy[17801]: ';
const REQUEST =
  '192.0.2.7:4711 [22/Nov/2026:07:01:43.107] fe be/s1 0/0/1/5/7 200 12 - - ---- 1/1/0/0/0 0/0 "GET /x HTTP/1.1"';
const SPOE = 'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=2 st=0 1 0/1';

class Gathered {
  readonly requests: AccessRecord[] = [];
  readonly answers: LoggedAnswer[] = [];
  readonly hashes: number[] = [];
  readonly events: { event: SpoeEvent; host: string | undefined; timeMs: number | undefined; repeat: number }[] = [];
  readonly formats: string[] = [];
  readonly scanner: AccessScanner;

  constructor(format?: AccessFormat) {
    this.scanner = new AccessScanner(format === undefined ? {} : { format }, {
      onRequest: (record, hash) => {
        this.requests.push(record);
        this.hashes.push(hash);
      },
      onAnswer: (answer) => this.answers.push(answer),
      onSpoe: (event, { host }, timeMs, hash, repeat) => {
        this.events.push({ event, host, timeMs, repeat });
        assert.ok(Number.isSafeInteger(hash));
      },
      onFormat: (input, { format: found }) => this.formats.push(`${input}: ${found.description}`),
    });
  }

  /** Reads a whole input, `step` bytes at a time. */
  read(name: string, text: string, step = 1 << 20): this {
    this.scanner.begin(name);
    const feed = new LineFeed(this.scanner, new LineTally(), utcTimes());
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += step) feed.push(bytes.subarray(at, at + step));
    feed.end();
    return this;
  }

  counts(name: string): Readonly<AccessCounts> | undefined {
    return this.scanner.inputs.find((input) => input.name === name)?.counts;
  }
}

const NOTHING = {
  ...{ lines: 0, parsed: 0, answers: 0, cut: 0, unparsed: 0, notices: 0, spoe: 0, malformedSpoe: 0, overlong: 0 },
};

test('each line of a mixed log is one thing', () => {
  const lines = [
    `${HEAD}${REQUEST}`,
    `${HEAD}${SPOE}`,
    `${HEAD}Proxy fe started.`,
    `${HEAD}Server be/s1 is DOWN, reason: Layer4 timeout, check duration: 2001ms. 0 active.`,
    `${HEAD}192.0.2.7:4712 [22/Nov/2026:07:01:43.107] fe/1: SSL handshake failure`,
    '',
    'nonsense',
    `${HEAD}SPOE: [mirror] <EVENT:x> sid=2 st=`,
    `${HEAD}SPOE: [mirror] failed to create SPOE applet`,
    `${HEAD}message repeated 3 times: [ ${SPOE}]`,
    `${HEAD}${REQUEST.slice(0, 95)}`,
  ];
  const gathered = new Gathered().read('lb', `${lines.join('\n')}\n`);
  gathered.scanner.settle();
  assert.deepEqual(gathered.counts('lb'), {
    ...NOTHING,
    lines: 11,
    parsed: 2,
    cut: 1,
    unparsed: 1,
    notices: 4,
    spoe: 3,
    malformedSpoe: 1,
  });
  assert.equal(gathered.requests.length, 2);
  assert.deepEqual(
    gathered.events.map(({ event, repeat }) => [event.sid, repeat]),
    [
      [2, 1],
      [2, 3],
    ],
  );
  assert.equal(gathered.events[0]?.timeMs, Date.UTC(2026, 10, 22, 7, 1, 43));
  assert.equal(gathered.events[0]?.host, 'lb1');
  assert.deepEqual(gathered.formats, ['lb: httplog']);
});

test('what a client writes about SPOE is no event', () => {
  const forged = `${HEAD}${REQUEST.replace('/x', `/?q=${SPOE.replaceAll(' ', '+')}`)}`;
  const agent = `${HEAD}${REQUEST.replace('"GET', `{${SPOE}} "GET`)}`;
  const gathered = new Gathered().read('lb', `${forged}\n${agent}\n`);
  gathered.scanner.settle();
  assert.equal(gathered.events.length, 0);
  assert.equal(gathered.requests.length, 2);
});

test('the same whole and byte by byte', () => {
  const text = linesOf('formats/haproxy-2.6.12--rsyslog-traditional.log').join('\r\n');
  const whole = new Gathered().read('a', text);
  const bytewise = new Gathered().read('a', text, 1);
  for (const gathered of [whole, bytewise]) gathered.scanner.settle();
  assert.deepEqual(bytewise.requests, whole.requests);
  assert.deepEqual(bytewise.hashes, whole.hashes);
  assert.deepEqual(bytewise.events, whole.events);
  assert.deepEqual(whole.counts('a'), { ...NOTHING, lines: 25, parsed: 13, spoe: 12 });
});

test('lines of the same bytes have the same hash, others another', () => {
  const lines = Array.from({ length: 500 }, (_, i) => `${HEAD}${REQUEST.replace('4711', String(10000 + i))}`);
  const gathered = new Gathered().read('a', `${[...lines, ...lines].join('\n')}\n`).read('b', lines.join('\n'));
  gathered.scanner.settle();
  assert.equal(gathered.hashes.length, 1500);
  assert.equal(new Set(gathered.hashes).size, 500);
  assert.ok(gathered.hashes.every((hash) => Number.isSafeInteger(hash) && hash >= 0));
});

test('each input has its format', () => {
  const record = linesOf('access/spoa-mirror--record.jsonl').join('\n');
  const gathered = new Gathered().read('lb', REQUEST).read('mirror', record);
  gathered.scanner.settle();
  assert.deepEqual(gathered.formats, ['lb: httplog', 'mirror: record of spoa-mirror']);
  assert.equal(gathered.counts('mirror')?.parsed, 3);
  assert.deepEqual(
    gathered.scanner.inputs.map(({ name, format }) => [name, format?.name]),
    [
      ['lb', 'haproxy-httplog'],
      ['mirror', 'agent-jsonl'],
    ],
  );
});

test('a format that is given is not looked for', () => {
  const gathered = new Gathered(compileFormat('%ST %HU')).read('lb', `200 /x\n${REQUEST}\n`);
  assert.equal(gathered.requests[0]?.target, '/x');
  assert.deepEqual(gathered.counts('lb'), { ...NOTHING, lines: 2, parsed: 1, unparsed: 1 });
  assert.deepEqual(gathered.formats, []);
});

test('no more than a sample is kept, and what no format reads does not decide for the rest', () => {
  const gathered = new Gathered().read('lb', 'nonsense\n'.repeat(450));
  assert.equal(gathered.counts('lb')?.unparsed, 400);
  gathered.read('lb', `${REQUEST}\n`.repeat(150));
  gathered.scanner.settle();
  assert.equal(gathered.requests.length, 150);
  assert.deepEqual(gathered.counts('lb'), { ...NOTHING, lines: 600, parsed: 150, unparsed: 450 });
});

test('inputs that take turns, as followed files do', () => {
  const { scanner, requests, counts } = ((gathered) => ({
    scanner: gathered.scanner,
    requests: gathered.requests,
    counts: (name: string) => gathered.counts(name),
  }))(new Gathered());
  const feeds = ['a', 'b'].map((name) => ({ name, feed: new LineFeed(scanner, new LineTally(), utcTimes()) }));
  for (let turn = 0; turn < 3; turn += 1) {
    for (const { name, feed } of feeds) {
      scanner.begin(name);
      const text = name === 'a' ? `${REQUEST}\n` : '{"status":200,"path":"/y"}\n';
      feed.push(Buffer.from(text));
    }
    scanner.settle();
  }
  assert.deepEqual([counts('a')?.parsed, counts('b')?.parsed], [3, 3]);
  assert.deepEqual(
    requests.map(({ target }) => target),
    ['/x', '/y', '/x', '/y', '/x', '/y'],
  );
});

test('overlong lines, holes and bytes that are no text', () => {
  const long = REQUEST.replace('/x', `/${'y'.repeat(140_000)}`);
  const holes = `${'\0'.repeat(50)}${REQUEST}`;
  const gathered = new Gathered(compileFormat('httplog')).read('lb', `${long}\n${holes}\n\xff\n`);
  const counts = gathered.counts('lb');
  assert.deepEqual(counts, { ...NOTHING, lines: 3, parsed: 2, cut: 1, unparsed: 1, overlong: 1 });
});

test('a long line is the same in one block and over two, whatever its characters are', () => {
  const long = REQUEST.replace('/x', `/${'é'.repeat(70_000)}`);
  const counts = [0, 960_000].map((before) => {
    const filler = `${REQUEST}\n`.repeat(Math.ceil(before / REQUEST.length));
    const gathered = new Gathered(compileFormat('httplog')).read('lb', `${filler}${long}\n`);
    const read = gathered.counts('lb');
    return { overlong: read?.overlong, unparsed: read?.unparsed };
  });
  assert.deepEqual(counts, [
    { overlong: 1, unparsed: 1 },
    { overlong: 1, unparsed: 1 },
  ]);
});

const PRINT =
  '{"key":"k0","status":200,"headers":{"x-a":"AAAAAAAA"},"body":{"state":"whole","fields":{"$[\\"}\\"]":"n:BBBBBBBB"}}}';

function mirrored(id: string, answer = PRINT, path = '/x'): string {
  return (
    `{"ts":"2026-11-26T02:14:17.653Z","message":"mirror","stream_id":1,"frame_id":1,"unique_id":"${id}","method":"GET",` +
    `"path":"${path}","status":200,"ttfb_ms":1,"latency_ms":2,"request_bytes":0,"response_bytes":5,"truncated":false,` +
    `"attempts":1,"error":null,"answer":${answer}}`
  );
}

function answered(id: string, answer = PRINT): string {
  return `{"ts":"2026-11-26T02:14:17.653Z","kind":"production","message":"answer-body","unique_id":"${id}","answer":${answer}}`;
}

test("answers of production in the agent's record are handed on and are no requests, and the mirror's stay as they are written", () => {
  const lines = [
    answered('a:1'),
    mirrored('a:1'),
    answered('a\\u003a2'),
    mirrored('a:2').replace(`,"answer":${PRINT}`, ''),
  ];
  const gathered = new Gathered().read('record', `${lines.join('\n')}\n`, 7);
  gathered.scanner.settle();
  assert.deepEqual(gathered.counts('record'), { ...NOTHING, lines: 4, parsed: 2, answers: 2 });
  assert.deepEqual(gathered.formats, ['record: record of spoa-mirror']);
  const timeMs = Date.UTC(2026, 10, 26, 2, 14, 17, 653);
  assert.deepEqual(gathered.answers, [
    { kind: 'answer', timeMs, uniqueId: 'a:1', answer: PRINT },
    { kind: 'answer', timeMs, uniqueId: 'a:2', answer: PRINT },
  ]);
  assert.deepEqual(
    gathered.requests.map(({ uniqueId, answer }) => [uniqueId, answer]),
    [
      ['a:1', PRINT],
      ['a:2', undefined],
    ],
  );
});

test('a record that begins with more answers of production than a format is found from', () => {
  const lines = Array.from({ length: 450 }, (_, i) => answered(`a:${i}`));
  const gathered = new Gathered().read('record', `${[...lines, mirrored('a:1')].join('\n')}\n`);
  gathered.scanner.settle();
  assert.deepEqual(gathered.counts('record'), { ...NOTHING, lines: 451, parsed: 1, answers: 450 });
  assert.deepEqual(gathered.formats, ['record: record of spoa-mirror']);
  const alone = new Gathered().read('record', `${lines[0]}\n`);
  alone.scanner.settle();
  assert.deepEqual(alone.counts('record'), { ...NOTHING, lines: 1, answers: 1 });
});

test('a line of the record is read up to 128 KiB, so that an answer behind a long path is there', () => {
  const line = mirrored('a:1', PRINT, `/${'p'.repeat(100 * 1024)}`);
  const gathered = new Gathered().read('record', `${line}\n${answered('a:1')}\n`, 10_000);
  gathered.scanner.settle();
  assert.deepEqual(gathered.counts('record'), { ...NOTHING, lines: 2, parsed: 1, answers: 1 });
  assert.equal(gathered.requests[0]?.answer, PRINT);
});

test('what says of itself that it is an answer and is none is not read', () => {
  const lines = [
    answered('a:1').replace('production', 'other'),
    answered(''),
    answered('a:1').replace(/,"answer".*/, '}'),
    answered('a:1').replace('2026-11-26T', ''),
    answered('a:1').slice(0, -1),
  ];
  const gathered = new Gathered(compileFormat('agent-jsonl')).read('record', `${lines.join('\n')}\n`);
  assert.deepEqual(gathered.counts('record'), { ...NOTHING, lines: 5, unparsed: 5 });
});
