import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { FastScanner } from '../../../src/logs/fast-scanner.ts';
import { JSON_FRAMINGS } from '../../../src/logs/framing/json-framings.ts';
import { LineFeed } from '../../../src/logs/line-feed.ts';
import { Names } from '../../../src/logs/names.ts';
import { LineTally } from '../../../src/logs/tally.ts';
import { fuzz } from '../../attack/fuzzing.ts';
import { EVENT, LINE_EXAMPLES } from '../framing/examples.ts';
import { assertBothAgree, times } from './both-paths.ts';

const FORMATS = new URL('../../../fixtures/logs/formats/', import.meta.url);
const LINES = readdirSync(FORMATS)
  .filter((name) => name.endsWith('.log'))
  .flatMap((name) => readFileSync(new URL(name, FORMATS), 'utf8').split('\n'))
  .filter((line) => line !== '');

const PREFIXES = [
  'Nov 22 07:02:28 localhost haproxy[21191]: ',
  'Feb 30 07:02:28 localhost haproxy[21191]: ',
  'Nov  2 24:00:00 localhost haproxy[21191]: ',
  '<133>Nov 22 07:02:28 haproxy[1]: ',
  '<192>Nov 22 07:02:28 haproxy[1]: ',
  '<013>Nov 22 07:02:28 haproxy[1]: ',
  '<133>1 2026-11-22T07:20:40.408988+01:30 node1 hapee-lb 23364 - - ',
  '2026-11-22T07:20:40.4Z stdout F ',
  '2026-11-22T07:20:40Z stdout F 2026-11-22T07:20:39Z node1 haproxy[7]: ',
  '2026-02-29T07:20:40Z node1 haproxy[7]: ',
  '2026-11-22T07:20:60Z node1 haproxy[7]: ',
  '2026-11-22T07:20:40 node1 haproxy[7]: ',
  'haproxy-1  | ',
  'haproxy-1  | Nov 22 07:02:28 localhost haproxy[21191]: ',
  'Nov 22 07:02:28 host evil: SPOE: [x] ',
  '10.0.0.1:80 [22/Nov/2026:07:02:28.209] fe be/s 0/0/0/0/0 200 1 - - ---- 1/1/0/0/0 0/0 ',
  '{"message":"',
  ' ',
  '',
];

const MESSAGES = [
  'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=3 st=0 0/0/0/0/0 1/1 0/0 0/3',
  'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=4294967295 st=4294967295 -1/-1/-1/-1/0 1/1 0/0 1/18446744073709551615',
  'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=3 st=1 999999999/1000000000/9999999999/0/5 1/1 0/0 0/999999999999999',
  'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=3 st=1 1000 0/9007199254740993',
  'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=3 st=1 -1 0/1000000000000000',
  'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=3 st=1 -2 0/1',
  'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=4294967296 st=0 0 0/1',
  'SPOE: [a\u00e9\u202e] <GROUP:g[1]> sid=0 st=264 7 2/3#012',
  'SPOE: [mirror] <EVENT:e> sid=0 st=0 7 2/3  #012#015 \r ',
  'SPOE: [mirror] <EVENT:e> sid=0 st=0 7 2/3 #01',
  'SPOE: [mirror] failed to create SPOE applet',
  'SPOE: [mirror] <EVENT:on-fro',
  'message repeated 3 times: [ SPOE: [mirror] <EVENT:e> sid=3 st=0 0 0/3]',
  '"GET /SPOE:x HTTP/1.1"',
  '"GET / HTTP/1.1" {SPOE: [mirror] <EVENT:e> sid=3 st=0 0 0/3}',
];

test('the fast path and the plain path agree on every framing of both HAProxy lines', () => {
  const { rows } = assertBothAgree(Buffer.from(`${LINES.join('\n')}\n`));
  assert.equal(rows.length, 42 * 12);
});

test('they agree on every header before every message, each twice so that the second meets what the first taught', () => {
  const lines = PREFIXES.flatMap((prefix) => MESSAGES.map((message) => `${prefix}${message}`));
  assertBothAgree(Buffer.from([...lines, ...lines, ...lines.toReversed()].join('\r\n')));
});

test('they agree on every framing of the tables, whatever the others have taught', () => {
  const plain = LINE_EXAMPLES.map(({ example }) => example + EVENT);
  const json = JSON_FRAMINGS.map(({ example }) => JSON.stringify(example(EVENT)));
  const wrapped = JSON_FRAMINGS.flatMap(({ example }) => plain.map((line) => JSON.stringify(example(line))));
  const coloured = LINE_EXAMPLES.map(
    ({ example }) => `\u001b[36m${example}\u001b[0m\u001b[1mSPOE\u001b[m${EVENT.slice(4)}`,
  );
  const lines = [...plain, ...json, ...wrapped, ...coloured];
  const { rows, tally } = assertBothAgree(Buffer.from([...lines, ...lines.toReversed(), ...lines].join('\n')));
  assert.equal(rows.length, lines.length * 3);
  assert.equal(tally.headerNotRead, undefined);
});

test('they agree on headers that are not known, and count them', () => {
  const unknown = ['lb1 » ', 'Mar  7 12:00:01 relay lb1 haproxy[7]: ', 'level=info msg=', '\u001b[1m» \u001b[0m'];
  const lines = unknown.flatMap((before) => [before + EVENT, `${before}${EVENT}x`]);
  const { rows, tally } = assertBothAgree(Buffer.from([...lines, ...lines].join('\n')));
  assert.deepEqual(rows, []);
  assert.equal(tally.headerNotRead, 8);
  assert.equal(tally.unreadHeader, 'Mar  7 12:00:01 relay lb1 haproxy[7]: ');
  assert.equal(tally.spoofed, 8);
});

test('they agree on a line of many records, and no place for rows runs out', () => {
  const record = { log: 'SPOE: [a] <EVENT:b> sid=1 st=0 1 0/1' };
  const line = JSON.stringify(Array.from({ length: 1300 }, () => record));
  assert.ok(line.length < 65_536);
  const event = `Nov 22 07:02:28 localhost haproxy[21191]: ${MESSAGES[0]}`;
  const log = [...Array.from({ length: 4095 }, () => event), line, event, line, line].join('\n');
  const { rows } = assertBothAgree(Buffer.from(log));
  assert.equal(rows.length, 4096 + 3 * 1300);
});

test('they agree on lines around the length bound, with and without a marker and NULs', () => {
  const event = `Nov 22 07:02:28 localhost haproxy[21191]: ${MESSAGES[0]}`;
  const filler = (length: number) => 'x'.repeat(length);
  const lines = [65535, 65536, 65537, 200_000].flatMap((length) => [
    filler(length),
    `${filler(length - 80)}${MESSAGES[0]}`,
    `${event}${filler(length - event.length)}`,
    `${filler(length)}\0\0`,
    `${'\0'.repeat(length)}${event}`,
  ]);
  assertBothAgree(Buffer.from(lines.join('\n')));
});

const line = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...LINE_EXAMPLES.map(({ example }) => example + EVENT)) },
  { weight: 4, arbitrary: fc.constantFrom(...LINES) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...PREFIXES), fc.constantFrom(...MESSAGES)).map(([a, b]) => a + b) },
);
/** A real line with a piece cut out, doubled, or a byte changed. */
const mutated = fc
  .tuple(
    line,
    fc.nat(),
    fc.nat(60),
    fc.constantFrom('', ' ', '\0', '9', '-', '/', '\r', ']', ':', 'SPOE: [', '\u00ff'),
    fc.boolean(),
  )
  .map(([text, at, length, inserted, doubled]) => {
    const start = at % (text.length + 1);
    const end = Math.min(text.length, start + length);
    return doubled
      ? text.slice(0, end) + inserted + text.slice(start)
      : text.slice(0, start) + inserted + text.slice(end);
  });

test('they agree on mutated real lines, taught by the unmutated ones', () => {
  fuzz(
    fc.property(fc.array(fc.oneof(line, mutated), { minLength: 1, maxLength: 40 }), (lines) => {
      assertBothAgree(Buffer.from(lines.join('\n'), lines.length % 2 === 0 ? 'utf8' : 'latin1'));
    }),
    80,
  );
});

test('they agree on numbers of any length, between any separators, in both shapes', () => {
  const number = fc.oneof(
    { weight: 12, arbitrary: fc.stringMatching(/^[0-9]{1,5}$/) },
    { weight: 1, arbitrary: fc.stringMatching(/^[0-9]{0,17}$/) },
    { weight: 1, arbitrary: fc.constantFrom('-1', '-2', '0', '4294967295', '/', ':', '5 ') },
  );
  const between = (usual: string) =>
    fc.oneof(
      { weight: 40, arbitrary: fc.constant(usual) },
      { weight: 1, arbitrary: fc.constantFrom('/', ' ', '  ', ':', '-', '\0', '\u00b5') },
    );
  const fields = (separators: string) =>
    fc
      .tuple(number, ...[...separators].flatMap((each) => [between(each), number]))
      .map((parts: readonly string[]) => parts.join(''));
  const message = fc
    .tuple(
      number,
      between(' '),
      fc.oneof(fields(' //// / / /'), fields('  /')),
      fc.oneof({ weight: 8, arbitrary: fc.constant('') }, fc.constantFrom(' ', '\r', '#012', 'x', '/')),
    )
    .map(([sid, space, rest, tail]) => `SPOE: [mirror] <EVENT:e> sid=${sid}${space}st=${rest}${tail}`);
  const inLine = fc
    .tuple(fc.constantFrom('Nov 22 07:02:28 lb1 haproxy[7]: ', 'Nov 22 07:02:28 lb2 haproxy[7]: ', 'JSON'), message)
    .map(([header, text]) => (header === 'JSON' ? JSON.stringify({ message: text }) : header + text));
  fuzz(
    fc.property(fc.array(inLine, { minLength: 1, maxLength: 60 }), (lines) => {
      // The first line of each kind is what the others are known by.
      const known = ['lb1', 'lb2'].map(
        (host) => `Nov 22 07:02:28 ${host} haproxy[7]: SPOE: [mirror] <EVENT:e> sid=1 st=0 0 0/1`,
      );
      assertBothAgree(Buffer.from([...known, JSON.stringify({ message: known[0] }), ...lines].join('\n')));
    }),
    200,
  );
});

// ── JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────

const digits = (least: number, most: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: least, maxLength: most }).map((all) => all.join(''));
const isoTimes = fc.oneof(
  fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom(
    '2026-11-22T07:20:40.408988123Z',
    '2026-11-22T07:20:40+01:30',
    '2026-02-29T07:20:40Z',
    '2026-11-22T07:20:60Z',
    '2026-11-22 07:20:40Z',
    'Nov 22 07:02:28',
    '1709812801',
    '',
  ),
);
const epochs = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), digits(8, 17), fc.constantFrom('', '.'), digits(0, 8))
    .map((parts) => parts.join('')),
  fc.constantFrom('0', '01709812801', '1.7e9', '-1709812801', '1709812801.123456', '3999999999.999999'),
);
const messages = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom('', ' ', ...PREFIXES), fc.constantFrom(...MESSAGES)).map(([a, b]) => a + b),
  },
  {
    weight: 4,
    arbitrary: fc.nat(1000).map((sid) => `SPOE: [mirror] <EVENT:e> sid=${sid} st=0 0/0/0/0/0 1/1 0/0 0/${sid}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{"log":"x"}',
      '',
      'GET /',
      `${EVENT} `,
      `${EVENT}#012`,
      `${EVENT} \n`,
      `${EVENT}\n `,
      `${EVENT}\r\n`,
    ),
  },
);
const texts = fc.constantFrom(
  'a',
  'lb1',
  'haproxy',
  '',
  '-',
  'SPOE: [x]',
  'Server a/b is DOWN',
  'é\u2028',
  'q"u\\o',
  '\n',
  '\u0001',
  'S',
  '7',
);
const numbers = fc.oneof(
  digits(1, 12),
  fc.constantFrom('-1', '0', '007', '1.5', '1.', '-', '1e3', '12345678901234567890'),
);
const quoted = (value: fc.Arbitrary<string>) => value.map((text) => JSON.stringify(text));
/** What Go writes for the brackets of a message. */
const message = fc
  .tuple(quoted(messages), fc.boolean(), fc.constantFrom('', '\\n'))
  .map(([text, isGo, end]) =>
    (isGo ? text.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e') : text).replace(/"$/, `${end}"`),
  );

type Shape = readonly (readonly [before: string, value: fc.Arbitrary<string>])[];
/** Lines of shippers as they write them: members in their order, with what may stand there in the places that differ. */
const SHAPES: { readonly [shipper: string]: Shape } = {
  docker: [
    ['{"log":', message],
    [',"stream":', fc.constantFrom('"stdout"', '"stderr"')],
    [',"time":', quoted(isoTimes)],
    ['}', fc.constant('')],
  ],
  journald: [
    ['{"__CURSOR":', quoted(texts)],
    [',"_PID":', fc.constantFrom('"7"', '"8"')],
    [',"__REALTIME_TIMESTAMP":', quoted(epochs)],
    [',"_SOURCE_REALTIME_TIMESTAMP":', quoted(epochs)],
    [',"__MONOTONIC_TIMESTAMP":', quoted(digits(1, 16))],
    [',"PRIORITY":', fc.constantFrom('"4"', '"5"')],
    [',"_HOSTNAME":"lb1","MESSAGE":', message],
    ['}', fc.constantFrom('', ' ', '\r')],
  ],
  vector: [
    ['{"appname":"haproxy","host":"lb1","message":', message],
    [',"procid":', fc.constantFrom('7', '"7"', '8')],
    [',"source_ip":', quoted(texts)],
    [',"timestamp":', quoted(isoTimes)],
    [',"version":', numbers],
    ['}', fc.constant('')],
  ],
  filebeat: [
    ['{"@timestamp":', quoted(isoTimes)],
    [',"log":{"offset":', numbers],
    [',"file":{"path":"/var/log/haproxy.log"}},"message":', message],
    [',"host":{"name":"lb1"},"tags":["a"],"seq":', numbers],
    ['}', fc.constant('')],
  ],
  'fluent-bit': [
    ['{"date":', epochs],
    [',"log":', message],
    [',"kubernetes":{"pod_name":', fc.constantFrom('"haproxy-0"', '"haproxy-1"')],
    [',"docker_id":"abc","pod_ip":', quoted(texts)],
    ['}}', fc.constant('')],
  ],
  'spaces, two times and two of one name': [
    ['{ "time" : ', quoted(isoTimes)],
    [', "ts" : ', fc.oneof(numbers, quoted(isoTimes))],
    [', "msg" : ', message],
    [', "x" : ', fc.oneof(numbers, quoted(texts))],
    [', ', fc.constantFrom('"y":1', '"x":2', '"message":"a"', '"request":"b"', '"time":"c"', '"\\u0078":3')],
    [' }', fc.constant('')],
  ],
};
const jsonLine = (shape: Shape) =>
  fc.tuple(...shape.map(([before, value]) => value.map((text) => before + text))).map((parts) => parts.join(''));

for (const [shipper, shape] of Object.entries(SHAPES))
  test(`they agree on JSON of ${shipper}, whatever is in it and whatever came before`, () => {
    const lines = fc.oneof(
      { weight: 5, arbitrary: jsonLine(shape) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(
            jsonLine(shape),
            fc.nat(),
            fc.nat(6),
            fc.constantFrom('', '"', '\\', '{', '0', ' ', '\0', '\t', ',', '\u00ff'),
          )
          .map(([text, at, length, inserted]) => {
            const start = at % text.length;
            return text.slice(0, start) + inserted + text.slice(start + length);
          }),
      },
    );
    fuzz(
      fc.property(fc.array(lines, { minLength: 2, maxLength: 60 }), (all) => {
        assertBothAgree(Buffer.from(all.join('\n')));
      }),
      100,
    );
  });

test('they agree on names that look like the end of a name', () => {
  const line = (text: string) => JSON.stringify({ host: 'lb1', message: text });
  const lines = [
    'SPOE: [a sid=1] <EVENT:b> sid=2 st=0 0 0/1',
    'SPOE: [a sid=5 st=0 0 0/1',
    'SPOE: [a] <EVENT:b sid=3> sid=2 st=0 0 0/1',
    'SPOE: [a] <EVENT:b sid=4 st=0 0 0/1',
    '<133>Nov 22 07:02:28 lb1 haproxy[7]: SPOE: [a] <EVENT:b> sid=2 st=0 0 0/1',
    '<134>Nov 22 07:02:29 lb1 haproxy[7]: SPOE: [a] <EVENT:b> sid=2 st=0 0 0/1',
    'Nov 22 07:02:29 lb1 haproxy[7]: SPOE: [a] <EVENT:b> sid=2 st=0 0 0/1',
  ].map(line);
  assertBothAgree(Buffer.from([...lines, ...lines, ...lines.toReversed()].join('\n')));
});

test('lines of shippers are known after the first one', () => {
  const event = (sid: number) => `SPOE: [mirror] <EVENT:e> sid=${sid} st=0 0/0/0/0/0 1/1 0/0 0/${sid}`;
  const time = (i: number) => new Date(Date.UTC(2026, 10, 22) + i).toISOString();
  const made: { readonly [shipper: string]: (i: number) => string } = {
    docker: (i) =>
      `{"log":"${event(i).replace('<', '\\u003c').replace('>', '\\u003e')}\\n","stream":"stdout","time":"${time(i)}"}`,
    journald: (i) =>
      JSON.stringify({
        __CURSOR: `s=${i}`,
        __REALTIME_TIMESTAMP: String(1_709_812_801_123_456 + i),
        _PID: '7',
        MESSAGE: event(i),
      }),
    vector: (i) =>
      JSON.stringify({ appname: 'haproxy', host: 'lb1', message: event(i), procid: 7, timestamp: time(i), version: i }),
    syslog: (i) => JSON.stringify({ ts: i, message: `<133>Nov 22 07:02:${10 + i} lb1 haproxy[7]: ${event(i)}` }),
    filebeat: (i) =>
      JSON.stringify({ '@timestamp': time(i), log: { offset: i * 80 }, message: event(i), host: { name: 'lb1' } }),
    'fluent-bit': (i) => `{"date":1709812801.${100000 + i},"log":"${event(i)}","kubernetes":{"pod_name":"a"}}`,
  };
  for (const [shipper, line] of Object.entries(made)) {
    const log = Buffer.from(Array.from({ length: 20 }, (_, i) => line(i)).join('\n'));
    const tally = new LineTally();
    const scanner = new FastScanner(new Names(), tally, times(), () => undefined);
    const feed = new LineFeed(scanner, tally, times());
    feed.push(log);
    feed.end();
    assert.equal(scanner.plainLines, 1, `${shipper}: ${scanner.plainBecause}`);
    assertBothAgree(log);
  }
});

test('they agree on times without a year, whichever second follows which', () => {
  const seconds = fc.array(fc.tuple(fc.constantFrom(0, 1, 2, 30, 59, 60, -1, -45, 3600, -90_000), fc.nat(3)), {
    maxLength: 60,
  });
  const starts = [
    Date.UTC(2026, 10, 22, 6, 59, 50),
    Date.UTC(2026, 11, 31, 23, 59, 40),
    Date.UTC(2024, 1, 28, 23, 59, 58),
  ];
  fuzz(
    fc.property(fc.constantFrom(...starts), seconds, (start, steps) => {
      let ms = start;
      const lines = steps.map(([step, kind], i) => {
        ms += step * 1000;
        const [, day, month, , clock = ''] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(ms).toUTCString()) ?? [];
        const stamp = `${month} ${String(Number(day)).padStart(2)} ${clock}`;
        const time = kind === 3 ? new Date(ms).toISOString() : stamp;
        // One is no event, and one is read the plain way.
        const tail = kind === 2 ? '0/' : `0/${i}${kind === 1 ? '#012 ' : ''}`;
        return `${time} lb1 haproxy[7]: SPOE: [mirror] <EVENT:e> sid=${i} st=0 7 ${tail}\n`;
      });
      assertBothAgree(Buffer.from(lines.join('')));
    }),
    100,
  );
});
