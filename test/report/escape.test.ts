import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeCsv, escapeMarkdown, escapeToAscii } from '../../src/report/escape.ts';
import { escapeJson } from '../../src/text/json.ts';
import { escapeTerminal } from '../../src/text/terminal.ts';
import { CODE_POINT } from '../text/code-points.ts';
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
    fc.property(fc.string({ unit: CODE_POINT }), (text) => {
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

/** What a reader of the rendered text sees: entities and backslashes are gone, and what has no width is not seen. */
function rendered(markdown: string): string {
  return markdown
    .replaceAll(/\\([!-/:-@[-`{-~])/g, '$1')
    .replaceAll('&#8203;', '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

test('Markdown calls nobody, links nothing and references nothing', () => {
  for (const [text, expected] of [
    ['@everyone', '@&#8203;everyone'],
    ['@org/team a@b.example', '@&#8203;org/team a@&#8203;b.example'],
    ['http://evil.example', 'http:&#8203;//evil.example'],
    ['HTTPS://evil.example ftp://x', 'HTTPS:&#8203;//evil.example ftp:&#8203;//x'],
    ['www.evil.example', 'www&#8203;.evil.example'],
    ['#1 org/repo#2 GH-3', '\\#&#8203;1 org/repo\\#&#8203;2 GH-&#8203;3'],
    ['!4 $5 %6 &7', '!&#8203;4 $&#8203;5 %&#8203;6 &amp;&#8203;7'],
    ['[click](http://evil.example)', '\\[click\\](http:&#8203;//evil.example)'],
    ['![pixel](//evil.example/x)', '!&#8203;\\[pixel\\](//evil.example/x)'],
    ['<http://evil.example> <!channel>', '&lt;http:&#8203;//evil.example&gt; &lt;!&#8203;channel&gt;'],
    ['- item', '\\- item'],
    ['12. item', '12\\. item'],
    ['5 % of 12:30, a-b, 1.5 ms', '5 % of 12:30, a-b, 1.5 ms'],
  ] as const)
    assert.equal(escapeMarkdown(text), expected);
});

test('Markdown shows the text as it is', () => {
  const piece = fc.constantFrom(
    '@all',
    'http://',
    'www.',
    '#1',
    'GH-2',
    '- ',
    '1. ',
    '[a](b)',
    '&amp;',
    '`',
    '\\',
    '|',
    'é',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'grapheme' }))), (parts) => {
      const text = parts.join('');
      // What stands in the text and has no width cannot be told from ours.
      assert.equal(rendered(escapeMarkdown(text)), escapeTerminal(text));
    }),
  );
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
    fc.property(fc.string({ unit: CODE_POINT }), (text) => {
      const json = escapeJson(JSON.stringify(text));
      assert.equal(JSON.parse(json), text);
      assert.doesNotMatch(json, RAW);
    }),
  );
});
