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
  }
});
