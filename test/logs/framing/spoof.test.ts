/** No text that a client can put into an access line becomes an event, whatever stands before the line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JSON_FRAMINGS } from '../../../src/logs/framing/json-framings.ts';
import { TABLE_FRAMINGS } from '../../../src/logs/framing/table-framings.ts';
import { parseRecords } from '../../../src/logs/line.ts';
import { fuzz } from '../../attack/fuzzing.ts';
import { ACCESS_LINES, CLIENT_TEXTS, EVENT, EXAMPLES, SHORT_ACCESS_LINES, TIME_ALONE } from './examples.ts';

const PREFIXES = ['', ...EXAMPLES.map(({ example }) => example)];

function assertNoEvent(line: string): void {
  const kinds = parseRecords(line).map(({ kind }) => kind);
  assert.ok(!kinds.includes('event'), line);
}

for (const prefix of PREFIXES) {
  test(`behind ${JSON.stringify(prefix)} no text of a client is an event`, () => {
    const formats = TIME_ALONE.has(prefix) ? ACCESS_LINES : { ...ACCESS_LINES, ...SHORT_ACCESS_LINES };
    for (const write of Object.values(formats)) for (const text of CLIENT_TEXTS) assertNoEvent(prefix + write(text));
  });
}

test('nor in the JSON of any shipper, in the line or beside it', () => {
  for (const { example } of JSON_FRAMINGS) {
    for (const write of Object.values(ACCESS_LINES)) {
      for (const text of CLIENT_TEXTS) {
        assertNoEvent(JSON.stringify(example(write(text))));
        assertNoEvent(JSON.stringify({ ...(example(write('x')) as object), user_agent: text, 'http.referer': text }));
      }
    }
  }
});

test('nor in a row of any table, in the line or in a cell beside it', () => {
  for (const { example } of TABLE_FRAMINGS)
    for (const write of Object.values(ACCESS_LINES))
      for (const text of CLIENT_TEXTS) assertNoEvent(example(write(text)));
});

test('nor in an access line that is a row itself', () => {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  for (const text of CLIENT_TEXTS) {
    for (const line of [
      `"2026-11-22T07:20:40Z","10.0.0.1","GET","/","200",${quoted(text)}`,
      `2026-11-22T07:20:40Z,10.0.0.1,${quoted(text)}`,
      `2026-11-22T07:20:40Z,be,srv,200,${quoted(text)}`,
      `2026-11-22T07:20:40Z,be,/x,${quoted(text)}`,
      `2026-11-22T07:20:40Z,GET,${quoted(text)}`,
      `"2026-11-22T07:20:40Z","GET / HTTP/1.1",${quoted(text)}`,
      `be,srv,${quoted(text)}`,
      `1795332040123\tbe/srv\t${text}`,
      `time=2026-11-22T07:20:40Z method=GET msg=${JSON.stringify(text)}`,
      `time=2026-11-22T07:20:40Z status=200 msg=${JSON.stringify(text)}`,
      `time=2026-11-22T07:20:40Z ua=${JSON.stringify(text)} msg="x"`,
      `{ "message" => "x", "user_agent" => ${JSON.stringify(text)} }`,
      `{ "method" => "GET", "event" => ${JSON.stringify(text)} }`,
      JSON.stringify({ held: { line: text }, path: '/' }),
      JSON.stringify({ held: { line: text, deeper: { status: 200 } } }),
      JSON.stringify({ ua: text }),
    ])
      assertNoEvent(line);
  }
});

test('nor when prefixes are put together and what follows is cut anywhere', () => {
  const pick = fc.constantFrom(...PREFIXES);
  const anyLine = fc.constantFrom(...Object.values(ACCESS_LINES));
  const anyText = fc.tuple(pick, pick, fc.constantFrom(...CLIENT_TEXTS)).map((parts) => parts.join(''));
  fuzz(
    fc.property(pick, pick, anyLine, anyText, fc.string({ maxLength: 3 }), (first, second, write, text, tail) => {
      // HAProxy cuts a line at its length: what a client sent may be the end of it.
      const line = first + second + write(text);
      assertNoEvent(line + tail.replaceAll(/[ \r]/g, ''));
      assertNoEvent(line.slice(0, line.lastIndexOf(EVENT) + EVENT.length));
    }),
    1500,
  );
});
