import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { codeSpan, prose } from '../../../src/report/diff/markdown-text.ts';
import { COMMENT_MARKER, renderDiffMarkdown } from '../../../src/report/diff-markdown.ts';
import { CODE_POINT } from '../../text/code-points.ts';
import {
  HOSTILE,
  hostileReport,
  hugeReport,
  inconclusiveReport,
  passReport,
  REPORTS,
  report,
  unmatchedReport,
} from './reports.ts';

/** An escaped character, or a code span, in which a backslash escapes nothing: whichever begins first. */
const ESCAPE_OR_CODE = /\\.|`[^`]*`/g;

function withoutCode(markdown: string): string {
  return markdown.replace(/\n```sh\n[\s\S]*?\n```\n/, '\n').replaceAll(ESCAPE_OR_CODE, '');
}

/** What a reader of Markdown could act on: everything outside code, without what we write ourselves. */
function outsideCode(markdown: string): string {
  return withoutCode(markdown)
    .replace(COMMENT_MARKER, '')
    .replaceAll(/<\/?details>|<summary>[A-Za-z0-9 ()]*<\/summary>/g, '');
}

/** Cells of a row: pipes that are not escaped. */
function cells(line: string): number {
  return line.replaceAll(/\\./g, '').split('|').length;
}

function assertSound(markdown: string): void {
  assert.ok(markdown.startsWith('<!-- spoe-logs diff -->\n\n## '));
  assert.ok(Buffer.byteLength(markdown) <= 60_000, String(Buffer.byteLength(markdown)));
  const outside = outsideCode(markdown);
  assert.doesNotMatch(outside, /<|@\w|(?<!&)#\d|GH-\d|:\/\/|www\./i);
  assert.doesNotMatch(markdown, /[^\P{C}\n\ufffe\uffff\p{Cn}\p{Co}]/u);
  let width = 0;
  for (const line of markdown.split('\n')) {
    if (!line.startsWith('|')) {
      width = 0;
      continue;
    }
    assert.ok(line.endsWith(' |'), line);
    width ||= cells(line);
    assert.equal(cells(line), width, line);
  }
  const ours = withoutCode(markdown);
  assert.equal(ours.split('<details>').length, ours.split('</details>').length);
  assert.equal(markdown.split('\n```').length, 3);
}

test('Markdown is a comment that a bot can find, and that no log can break', () => {
  for (const [, each] of REPORTS) assertSound(renderDiffMarkdown(each));
});

test('no text of a log becomes markup, a mention, a reference or a link', () => {
  const parts = fc.constantFrom(
    '@team',
    '#1',
    '`',
    '|',
    '\\',
    '<b>',
    '&lt;',
    'https://e',
    'GH-1',
    'www.e.com',
    '\n',
    '*',
    '[a](b)',
    '</details>',
    ' ',
    '\u202e',
    'x',
  );
  const text = fc.oneof(
    fc.array(parts).map((list) => list.join('')),
    fc.string({ unit: CODE_POINT }),
    fc.constant(HOSTILE),
  );
  fc.assert(
    fc.property(text, (hostile) => {
      const markdown = renderDiffMarkdown(hostileReport(`x${hostile}`));
      assertSound(markdown);
    }),
    { numRuns: 100 },
  );
});

test('rows that find no room are counted, and every part has some', () => {
  for (const filler of ['x', 'x|`<b>@a #1', '\u{1f600}', '\u{e0001}']) {
    const markdown = renderDiffMarkdown(hugeReport(filler));
    assertSound(markdown);
    assert.match(markdown, /^… and \d+ more routes \(--format json has all\)$/m);
    assert.match(markdown, /^… and \d+ more gates \(--format json has all\)$/m);
    assert.match(markdown, /^… and \d+ more fields \(--format json has all\)$/m);
    assert.match(markdown, /^… and \d+ more samples \(--format json has all\)$/m);
    for (const head of [
      '### Gates',
      '### Fields, worst first',
      '### Routes, worst first',
      '### Latency',
      '<summary>Samples<',
      '| input |',
    ]) {
      const part = markdown.slice(markdown.indexOf(head));
      const rows = part
        .slice(0, part.indexOf('… and '))
        .split('\n')
        .filter((line) => line.startsWith('|'));
      assert.ok(rows.length > 2, `${filler} ${head}`);
    }
    // Fields have rows of the same word.
    const routes = [...markdown.matchAll(/^\| \*\*worse\*\* \| `GET /gm)].length;
    const dropped = [...markdown.matchAll(/^… and (\d+) more routes/gm)].map(([, count]) => Number(count));
    assert.ok(dropped.includes(190 - (routes - 10)), `${routes} shown, dropped ${dropped}`);
  }
});

test('nothing is dropped from a report of usual size', () => {
  assert.doesNotMatch(renderDiffMarkdown(passReport()), /… and/);
});

test('a code span cannot be left', () => {
  assert.equal(codeSpan('a`b|c\\'), '`a\\x60b\\x7cc\\`');
  assert.equal(codeSpan(''), '-');
  assert.equal(codeSpan(' \n'), '`\\x0a`');
});

test('prose calls nobody and links nothing', () => {
  assert.equal(
    prose('@team see #12, GH-7 at https://e.example'),
    '@&#8203;team see \\#&#8203;12, GH-&#8203;7 at https:&#8203;//e.example',
  );
  assert.equal(prose('5 > 3 | a_b'), '5 &gt; 3 \\| a\\_b');
});

test('Markdown of a comparison that says nothing yet', () => {
  const markdown = renderDiffMarkdown(inconclusiveReport());
  assert.equal(
    markdown.slice(0, markdown.indexOf('### Outcomes')),
    `<!-- spoe-logs diff -->

## ⚠️ INCONCLUSIVE: 57 pairs are fewer than 200

- **compared**: 57 of 4157 production requests (1.37 %), paired by unique id; 2026-11-22 07:00:00Z to 2026-11-23 07:00:00Z (1 d); statuses and times only; bodies and headers need --answers
- **not compared**: 4100 have no answer of the mirror; 28 lines that could not be read (mirror.log)
- **not known**: whether those 4100 were sent at all: no SPOE lines tell

### Gates: 1 of 3 undecided, exit code 3

| state | what it asks | gate | observed |
| --- | --- | --- | --- |
| **INCONCLUSIVE** | number of pairs | \`pairs<200\` | observed 57, limit 200 |
| pass | more errors, over all routes | \`regression\` | observed difference &lt;+0.01 pp, p 0.510; no change beyond chance and 0.5 pp |
| pass | more errors, route by route | \`route-regression\` | observed 0; none of 2 routes regressed |

`,
  );
});

test('weak evidence is a warning at the top', () => {
  const markdown = renderDiffMarkdown(unmatchedReport());
  assert.match(markdown, /\n\n- ⚠️ \*\*weak evidence\*\*: no id joins the two logs/);
  assert.match(
    markdown,
    /\| each side alone \| requests \| errors \| error rate \|\n.*\n\| production \| 8000 \| 16 \| 0\.20 % \|\n/,
  );
});

test('the command that was given comes back', () => {
  const markdown = renderDiffMarkdown(report(), {
    command: ['spoe-logs', 'diff', '--production', 'a b.log', '--mirror', 'm.log'],
  });
  assert.match(
    markdown,
    /\nspoe-logs diff --production 'a b\.log' --mirror m\.log --format ndjson --only new_error \\\n {2}--route 'GET \/orders\/\{…\}'\n/,
  );
});
