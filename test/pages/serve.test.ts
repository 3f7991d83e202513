/** The pages of `serve`, in a real Chromium: they stay up to date while logs grow, and are quiet about it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { LiveRun } from '../programs/spoe-logs/run.ts';
import { Logs, requests } from '../programs/spoe-logs/served-lines.ts';
import { until } from '../until.ts';
import { isTooWide, skip, violations, withPage } from './browser.ts';

async function serving(t: TestContext): Promise<{ readonly logs: Logs; readonly url: URL; readonly run: LiveRun }> {
  const logs = new Logs(t);
  for (const path of [logs.log, logs.record]) writeFileSync(path, '');
  const comparing = ['--production', logs.log, '--grace', '5s', '--tz', 'UTC', '--since', '-1m'];
  const run = new LiveRun(['serve', logs.log, '--record', logs.record, '--listen', '127.0.0.1:0', ...comparing]);
  const address = await until('the address', () => /^http:\S+\/(?=\n)/.exec(run.stdout)?.[0]);
  return { logs, run, url: new URL(address) };
}

/** What a hostile client asks for. */
const HOSTILE = '/</script><script>window.evil=1</script><svg/onload=window.evil=1>';

describe('what is served, in Chromium', { skip }, () => {
  test('pages take over what is new, with their policies, and leave the reader where he is', async (t) => {
    const { logs, url, run } = await serving(t);
    // Too few to have been fine: what fails then is a FAIL at once.
    logs.both(requests('first', 90, Date.now()));
    await withPage(url, {}, async (page) => {
      await until(`document.querySelector('#figures')?.innerText.includes('90')`, () =>
        page.evaluate<boolean>(`document.querySelector('#figures')?.innerText.includes('90')`),
      );
      // The record may be read a turn later.
      await until('the mirror over time', () =>
        page.evaluate<boolean>(
          `['chart-rate', 'chart-mirror', 'chart-mirror-latency'].every((id) => document.querySelector('#' + id + ' .plot path:not(.grid)'))`,
        ),
      );
      assert.deepEqual(await violations(page), []);
      assert.equal(await isTooWide(page), false);

      await page.goto(`${url}diff`);
      await until(`document.querySelector('#figures')?.innerText.includes('90')`, () =>
        page.evaluate<boolean>(`document.querySelector('#figures')?.innerText.includes('90')`),
      );
      assert.deepEqual(await violations(page), []);
      await page.evaluate(`document.querySelector('#settings details, details').open = true`);
      await page.evaluate(`scrollTo(0, document.body.scrollHeight)`);
      const place = await page.evaluate<number>('document.querySelector("#settings").getBoundingClientRect().top');
      logs.both(requests('second', 300, Date.now(), { path: HOSTILE, mirrorStatus: 500 }));
      await until(`document.querySelector('#verdict')?.innerText.startsWith('FAIL')`, () =>
        page.evaluate<boolean>(`document.querySelector('#verdict')?.innerText.startsWith('FAIL')`),
      );
      await until(`document.title.startsWith('FAIL')`, () =>
        page.evaluate<boolean>(`document.title.startsWith('FAIL')`),
      );
      assert.equal(await page.evaluate(`document.querySelector('#settings details, details').open`), true);
      assert.ok(
        Math.abs(
          (await page.evaluate<number>('document.querySelector("#settings").getBoundingClientRect().top')) - place,
        ) < 400,
      );
      assert.equal(await page.evaluate('window.evil'), undefined);
      assert.match((await page.locator('#live-state').textContent()) ?? '', /^Live/);
      assert.deepEqual(await violations(page), []);
    });
    run.child.kill('SIGTERM');
    assert.equal((await run.ended).code, 0);
  });

  test('without script the page says all the same, and how to stay up to date', async (t) => {
    const { logs, url, run } = await serving(t);
    logs.both(requests('first', 300, Date.now()));
    // The number alone stands in styles and scripts as well.
    await until('counted', async () => /none of 300 events/.test(await (await fetch(url)).text()));
    await withPage(url, { script: false, width: 360 }, async (page) => {
      assert.match((await page.locator('main').textContent()) ?? '', /none of 300 events/);
    });
    assert.match(await (await fetch(url)).text(), /<noscript><meta http-equiv="refresh" content="10"><\/noscript>/);
    run.child.kill('SIGTERM');
    assert.equal((await run.ended).code, 0);
  });
});
