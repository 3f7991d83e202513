/** What holds for every renderer and every report, whatever strangers have written into the logs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DiffReport } from '../../../src/diff/model.ts';
import { makeOverview } from '../../../src/report/diff/overview.ts';
import { renderDiffGithub } from '../../../src/report/diff-github.ts';
import { renderDiffHtml } from '../../../src/report/diff-html.ts';
import { renderDiffJson } from '../../../src/report/diff-json.ts';
import { renderDiffJunit } from '../../../src/report/diff-junit.ts';
import { renderDiffMarkdown } from '../../../src/report/diff-markdown.ts';
import { renderDiffTable } from '../../../src/report/diff-table.ts';
import { displayWidth } from '../../../src/report/width.ts';
import { CODE_POINT } from '../../text/code-points.ts';
import { commandsOf } from '../workflow-runner.ts';
import { HOSTILE, hostileReport, REPORTS } from './reports.ts';

const RENDERERS: Readonly<Record<string, (report: DiffReport) => string>> = {
  table: (report) => renderDiffTable(report),
  json: renderDiffJson,
  markdown: (report) => renderDiffMarkdown(report),
  junit: renderDiffJunit,
  html: (report) => renderDiffHtml(report),
};

/** Shows the worst alone. */
const SOME: Readonly<Record<string, (report: DiffReport) => string>> = { github: renderDiffGithub };

/** Most tests below look at the same texts. */
const rendered = new Map<string, string>();
function textOf(name: string, what: string, report: DiffReport): string {
  const key = `${name} ${what}`;
  const text = rendered.get(key) ?? ((RENDERERS[name] ?? SOME[name]) as (report: DiffReport) => string)(report);
  rendered.set(key, text);
  return text;
}

for (const [name, render] of Object.entries({ ...RENDERERS, ...SOME })) {
  test(`${name} ends with one newline, is the same twice, and holds no raw control character`, () => {
    for (const [what, report] of REPORTS) {
      const text = textOf(name, what, report);
      assert.equal(text, render(report), what);
      assert.match(text, /[^\n]\n$/, what);
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u, what);
    }
  });

  if (name !== 'json') {
    test(`${name} never shows a word of JavaScript for what is not known`, () => {
      for (const [what, report] of REPORTS) {
        assert.doesNotMatch(textOf(name, what, report), /\b(NaN|undefined|null|Infinity|\[object)\b/, what);
      }
    });
  }
}

for (const width of [100, 80, 60, 40]) {
  for (const unicode of [true, false]) {
    test(`the screen keeps to ${width} columns ${unicode ? 'in Unicode' : 'in ASCII'}`, () => {
      for (const [what, report] of REPORTS) {
        for (const line of renderDiffTable(report, { width, unicode }).split('\n')) {
          assert.ok(displayWidth(line) <= width, `${what}: ${displayWidth(line)} ${line}`);
          if (!unicode) assert.match(line, /^[\x20-\x7e]*$/, what);
        }
      }
    });
  }
}

test('colour adds nothing but colour', () => {
  for (const [what, report] of REPORTS) {
    const colored = renderDiffTable(report, { color: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are controls.
    assert.equal(colored.replaceAll(/\x1b\[\d+m/g, ''), renderDiffTable(report), what);
    for (const line of colored.split('\n')) {
      assert.ok(line.split('\x1b[0m').length <= 2, line);
    }
  }
});

test('no text of a log leaves its line, its cell or the screen', () => {
  const text = fc.oneof(
    fc.string({ unit: CODE_POINT }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(HOSTILE, '|', '`', '\\', '\\|', '%s'),
  );
  fc.assert(
    fc.property(text, fc.integer({ min: 40, max: 100 }), (hostile, width) => {
      const screen = renderDiffTable(hostileReport(hostile), { width });
      for (const line of screen.split('\n')) {
        assert.ok(displayWidth(line) <= width, line);
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }
    }),
    { numRuns: 60 },
  );
});

/** What CI servers obey in the log of a job. */
const OBEYED = [
  '::add-mask::FAIL',
  '##[set-output name=a]PASS',
  '##vso[task.setvariable variable=a]b',
  '##teamcity[c]',
];

for (const [name, render] of Object.entries(RENDERERS)) {
  test(`a job that prints ${name} obeys nothing of a log`, () => {
    for (const text of OBEYED) {
      // Wherever a line is broken.
      for (let length = 0; length < 100; length++) {
        const output = render(hostileReport(`/${'a'.repeat(length)}${text}`));
        assert.deepEqual(commandsOf(output), [], text);
        assert.doesNotMatch(output, /##[a-z]*\[/i, text);
      }
    }
  });
}

/** Without what a format does to text: escapes, entities and markup of its own. */
function asText(rendered: string): string {
  return rendered
    .replaceAll(/&#8203;|[\\*`]|<\/?(?:code|span|b)\b[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');
}

for (const name of Object.keys(RENDERERS)) {
  if (name === 'json') continue;
  test(`${name} shows every reason, every gate with its title, and what was compared and what was not`, () => {
    for (const [what, report] of REPORTS) {
      if (what === 'hostile' || what.startsWith('huge')) continue;
      const text = asText(textOf(name, what, report));
      const wanted = [
        ...report.verdict.reasons,
        ...report.verdict.gates.flatMap(({ expression, title }) => [
          expression,
          ...(title === undefined ? [] : [title]),
        ]),
        ...makeOverview(report).facts.flatMap(({ lines }) => lines),
      ];
      for (const part of wanted) assert.ok(text.includes(asText(part)), `${what}: ${part}`);
    }
  });
}
