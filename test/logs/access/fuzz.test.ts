/** Nothing throws on any text, and what clients write moves nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { detectFormat } from '../../../src/logs/access/detect.ts';
import { AccessFormatError } from '../../../src/logs/access-errors.ts';
import { compileFormat } from '../../../src/logs/builtin-formats.ts';
import { CODE_POINT } from '../../text/code-points.ts';
import { linesOf, readerOf } from './reading.ts';

const FILES = [
  'haproxy-2.6.12--httplog-captures-cookie-id-rt.log',
  'haproxy-2.6.12--clf.log',
  'haproxy-2.6.12--httpslog.log',
  'haproxy-2.6.12--json.log',
  'haproxy-2.6.12--cut.log',
  'nginx--combined-id-time.log',
  'nginx--main.log',
  'nginx--json.log',
  'apache--common.log',
  'apache--vhost-combined.log',
  'spoa-mirror-1.2.19--logfile.log',
  'spoa-mirror--record.jsonl',
];
const LINES = FILES.map((file) => linesOf(`access/${file}`));
const READERS = LINES.map((lines) => readerOf(detectFormat(lines)?.format ?? 'httplog'));
READERS.push(
  readerOf('%[req.hdr(a)] %ST %[req.hdr(b)] %HM "%HU" %[var(x)] %ID'),
  readerOf("log_format x escape=none '$http_a $status $http_b $upstream_header_time $request';"),
);

const piece = fc.oneof(
  fc.constantFrom(
    '"',
    '" ',
    ' 200 ',
    '{',
    '}',
    '[',
    ']',
    '\\',
    '\\x',
    '#',
    '#22',
    '|',
    '-',
    '/',
    ':',
    '\0',
    '\t',
    ', ',
    ' : ',
  ),
  fc.string({ maxLength: 10 }),
  fc.string({ unit: CODE_POINT, maxLength: 6 }),
  fc.constantFrom(...LINES.flat()),
);

test('no text makes a reader throw', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      for (const read of READERS) read(pieces.join(''));
    }),
    { seed: 1, numRuns: 1500 },
  );
});

test('lines that are cut, doubled or damaged do not either, and records stay in their bounds', () => {
  const edits = fc.record({ line: fc.nat(), at: fc.nat(), remove: fc.nat({ max: 9 }), insert: piece });
  fc.assert(
    fc.property(fc.nat(), edits, (file, { line, at, remove, insert }) => {
      const index = file % FILES.length;
      const lines = LINES[index] ?? [];
      const original = lines[line % lines.length] ?? '';
      const place = at % (original.length + 1);
      const record = READERS[index]?.(original.slice(0, place) + insert + original.slice(place + remove));
      if (record === undefined) return;
      assert.ok(record.status === -1 || (record.status >= 100 && record.status <= 999));
      assert.ok(Number.isNaN(record.timeMs) || Math.abs(record.timeMs) < 8.64e15);
      assert.match(record.traceId, /^(?:[0-9a-f]{32})?$/);
      assert.ok(Number.isInteger(record.sid) && record.sid >= -1 && Number.isInteger(record.pid) && record.pid >= -1);
    }),
    { seed: 2, numRuns: 3000 },
  );
});

test('no text makes the search for a format throw', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.array(piece, { maxLength: 3 }).map((parts) => parts.join('')),
        { maxLength: 4 },
      ),
      (lines) => {
        detectFormat(lines);
      },
    ),
    { seed: 3, numRuns: 150 },
  );
});

test('a format is compiled or refused with a code', () => {
  const part = fc.oneof(
    fc.constantFrom(
      '%ST',
      '%ci',
      '%HU',
      '%{+Q}r',
      '%[req.hdr(x)]',
      '%hr',
      '%hrl',
      '%CC',
      '%ID',
      '%%',
      '%{',
      '%[',
      '%(',
      '%{+json}o',
    ),
    fc.constantFrom(
      '$status',
      '$request',
      `$\{args}`,
      '%h',
      '%>s',
      '%{X}i',
      ' ',
      '"',
      "'",
      '\\',
      'log_format x ',
      'log-format ',
    ),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), piece, (parts, line) => {
      try {
        readerOf(compileFormat(parts.join('')))(line);
      } catch (error) {
        assert.ok(error instanceof AccessFormatError, String(error));
      }
    }),
    { seed: 4, numRuns: 3000 },
  );
});

/** Cookies, headers and paths, made of what a line is made of. */
const hostile = fc
  .array(
    fc.constantFrom(
      '"',
      '" ',
      ' ',
      '- ',
      '- - ',
      '---- ',
      '1/1/0/0/0 ',
      '0/0 ',
      '{a|b} ',
      '"GET /forged HTTP/1.1" ',
      'FORGED ',
      '7',
      '200 ',
      'SESS=',
      'x',
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));

test('a cookie, a User-Agent and a path that imitate the line around them', () => {
  const encode = (text: string, also: RegExp) =>
    text.replace(also, (char) => `#${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const line = (cookie: string, set: string, agent: string, path: string) =>
    `192.0.2.7:4711 [22/Nov/2026:07:01:43.107] fe be/s1 0/0/1/5/7 500 12 SESS=${cookie} ${set} SD-- 1/1/0/0/0 0/0 ` +
    `{${encode(agent, /["#{|}]/g)}} "POST /real${encode(path.replaceAll(' ', ''), /["#]/g)} HTTP/1.1" REAL-ID-0123456789 2`;
  const format = detectFormat([line('a', '-', '', '').replace('SESS=a', '-')])?.format;
  assert.equal(format?.description, 'httplog + %ID %rt');
  const read = readerOf(format);
  fc.assert(
    fc.property(
      hostile,
      fc.constantFrom('-', 'SESS=s', 'SESS=s "x y"'),
      hostile,
      hostile,
      (cookie, set, agent, path) => {
        const record = read(line(cookie, set, agent, path));
        assert.deepEqual(
          [record?.status, record?.termination, record?.method, record?.target, record?.uniqueId, record?.sid],
          [500, 'SD--', 'POST', `/real${path.replaceAll(' ', '')}`, 'REAL-ID-0123456789', 2],
        );
      },
    ),
    { seed: 6, numRuns: 2000 },
  );
});
