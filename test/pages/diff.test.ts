/** The page of a comparison, in a real Chromium. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderDiffHtml } from '../../src/report/diff-html.ts';
import { failReport, HOSTILE, hostileReport, inconclusiveReport } from '../report/diff/reports.ts';
import { isTooWide, skip, violations, withPage } from './browser.ts';

const REPORTS = [
  ['a report that fails', failReport()],
  ['one without a verdict', inconclusiveReport()],
  ['one of hostile names', hostileReport(HOSTILE)],
] as const;

describe('a comparison in Chromium', { skip }, () => {
  for (const [what, report] of REPORTS) {
    for (const [scheme, width] of [
      ['light', 360],
      ['dark', 1240],
    ] as const) {
      test(`${what} is quiet, fits and can be used by all: ${scheme}, ${width} px`, async () => {
        await withPage(renderDiffHtml(report), { scheme, width }, async (page) => {
          assert.deepEqual(await violations(page), []);
          assert.equal(await isTooWide(page), false);
          assert.equal(await page.evaluate(`document.querySelectorAll('script').length`), 0);
        });
      });
    }

    test(`${what} has every cell of its tables in sight at 360 px, and its name beside it`, async () => {
      await withPage(renderDiffHtml(report), { width: 360 }, async (page) => {
        await page.evaluate(`document.querySelectorAll('details').forEach((each) => { each.open = true; })`);
        assert.deepEqual(
          await page.evaluate(`[...document.querySelectorAll('.scroll')].filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
            .map((each) => each.getAttribute('aria-label'))`),
          [],
        );
        const named = await page.evaluate<string[]>(
          `[...document.querySelectorAll('#gates tr:nth-child(1) [data-label]')].map((cell) => getComputedStyle(cell, '::before').content)`,
        );
        assert.deepEqual(named.slice(0, 2), ['"State "', '"What it asks "']);
      });
    });
  }
});
