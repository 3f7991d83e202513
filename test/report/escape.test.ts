import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeCsv, escapeJson, escapeMarkdown, escapeTerminal, escapeToAscii } from '../../src/report/escape.ts';
import { HOSTILE } from './summaries.ts';

/** Everything a terminal would act on, or that shows other text than is there. */
const RAW = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

test('control characters become visible', () => {
  assert.equal(escapeTerminal('a\x1b[31m\x00\t\r\n\x7f\x9b'), 'a\\x1b[31m\\x00\\x09\\x0d\\x0a\\x7f\\x9b');
});

test('bidi, invisible and line-separating characters become visible', () => {
  assert.equal(
    escapeTerminal('\u202e\u2066\u2069\u200e\u200f\u2028\u2029\u061c\ufeff\u{e0001}'),
    '\\u202e\\u2066\\u2069\\u200e\\u200f\\u2028\\u2029\\u061c\\ufeff\\u{e0001}',
  );
});

test('ordinary text of any script stays as it is', () => {
  assert.equal(escapeTerminal('mirror-1 Ünïcode 鏡 🪞 \\x1b'), 'mirror-1 Ünïcode 鏡 🪞 \\x1b');
});

test('no text passes a control character to the terminal in any format', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const escaped of [escapeTerminal(text), escapeToAscii(text), escapeMarkdown(text), escapeCsv(text)]) {
        assert.doesNotMatch(escaped, RAW);
      }
    }),
  );
});

test('ASCII keeps what it can say', () => {
  assert.equal(escapeToAscii('a → b — c… ≥ 鏡'), 'a -> b - c... >= ?');
});

test('Markdown markup and HTML of a name stay text', () => {
  assert.equal(escapeMarkdown(HOSTILE), '\\\\x1b\\[31mevil\\|\\`&lt;b&gt;');
  assert.equal(escapeMarkdown('*a*_b_\n# c'), '\\*a\\*\\_b\\_\\\\x0a\\# c');
});

test('a CSV cell is quoted when it must be', () => {
  assert.equal(escapeCsv('plain'), 'plain');
  assert.equal(escapeCsv('a,"b"'), '"a,""b"""');
  assert.equal(escapeCsv('a\nb'), 'a\\x0ab');
});

test('a CSV cell that a spreadsheet would run gets a leading quote', () => {
  for (const start of ['=', '+', '-', '@']) assert.equal(escapeCsv(`${start}cmd`), `'${start}cmd`);
  assert.equal(escapeCsv('\tcmd'), "'\\x09cmd");
  assert.equal(escapeCsv('\rcmd'), "'\\x0dcmd");
});

test('JSON keeps its value while a terminal sees nothing raw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = escapeJson(JSON.stringify(text));
      assert.equal(JSON.parse(json), text);
      assert.doesNotMatch(json, RAW);
    }),
  );
});
