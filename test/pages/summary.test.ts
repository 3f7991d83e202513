/** The page of a summary, in a real Chromium. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { renderSummaryHtml } from '../../src/report/summary-html.ts';
import { viewHistory } from '../../src/stats/history-view.ts';
import type { Summary } from '../../src/stats/model.ts';
import { summarize } from '../../src/stats/summary.ts';
import { spoeLogs } from '../programs/spoe-logs/run.ts';
import { eventLine, readLog } from '../stats/read-log.ts';
import { isTooWide, type Page, skip, violations, withPage } from './browser.ts';
import { recordOf, troubledLog } from './logs.ts';

/** What a hostile client, agent or file would have the browser do. */
const HOSTILE = `</script></style><script>window.evil=1</script>"><svg onload="window.evil=1">'\u202eevil`;

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-page-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => join(folder, name);

async function pageOf(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await spoeLogs(['summarize', '--format', 'html', ...args]);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** A log, a record and a state to compare with. */
const FULL = [
  'lb.log',
  '--record',
  'mirror.jsonl',
  '--baseline',
  'before.json',
  '--by',
  'agent,event,host',
  '--timestamp',
];

const ODD_LOGS: readonly (readonly [what: string, log: string])[] = [
  ['an empty log', ''],
  ['a log of one event', eventLine(0)],
  ['a log of malformed lines', `${eventLine(0).slice(0, 80)}\n`.repeat(5)],
  ['a log of failures alone', eventLine(0, { st: 1, timers: '0/0/-1/-1/500 0/1 0/0' }).repeat(3)],
  [
    'a log without times',
    eventLine(0)
      .replace(/^\S+ \S+ haproxy\[713\]: /, '')
      .repeat(3),
  ],
  ['a clock that was set back', eventLine(7200) + eventLine(0) + eventLine(7201)],
];

describe('a summary in Chromium', { skip }, () => {
  let full = '';

  before(async () => {
    writeFileSync(file('lb.log'), troubledLog(20));
    writeFileSync(
      file('before.log'),
      troubledLog(20).replaceAll('2026-11-22', '2026-11-21').replaceAll('st=257', 'st=0'),
    );
    writeFileSync(file('mirror.jsonl'), recordOf(400));
    await spoeLogs(['summarize', '--by', 'agent,event,host', '--save', file('before.json'), file('before.log')]);
    full = await pageOf(FULL.map((arg) => (/\.(log|jsonl?|json)$/.test(arg) ? file(arg) : arg)));
  });

  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [360, 1240]) {
      test(`is quiet, fits and can be used by all: ${scheme}, ${width} px`, async () => {
        await withPage(full, { scheme, width }, async (page) => {
          assert.deepEqual(await violations(page), []);
          assert.equal(await isTooWide(page), false);
        });
      });
    }
  }

  test('no figure stands alone in its row', async () => {
    await withPage(full, {}, async (page) => {
      const rows = await page.evaluate<number[]>(
        `[...document.querySelectorAll('.card')].map((card) => card.getBoundingClientRect().top)`,
      );
      assert.equal(rows.length, 6);
      assert.deepEqual(
        [...new Set(rows)].map((top) => rows.filter((each) => each === top).length),
        [3, 3],
      );
    });
  });

  test('four figures stand two by two where four have no room, whatever the width', async () => {
    const four = await pageOf([file('lb.log')]);
    for (const [width, rows] of [
      [1240, [4]],
      [760, [2, 2]],
      [480, [2, 2]],
      [360, [1, 1, 1, 1]],
    ] as const)
      await withPage(four, { width }, async (page) => {
        const tops = await page.evaluate<number[]>(
          `[...document.querySelectorAll('.card')].map((card) => card.getBoundingClientRect().top)`,
        );
        assert.deepEqual(
          [...new Set(tops)].map((top) => tops.filter((each) => each === top).length),
          rows,
          `${width} px`,
        );
      });
  });

  test('a table that is moved sideways shows that there is more', async () => {
    await withPage(full, { width: 360 }, async (page) => {
      await page.locator('#figures-over-time summary').click();
      const [moved, shades] = await page.evaluate<[string[], string]>(
        `[[...document.querySelectorAll('.scroll')].filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map((each) => each.parentElement.id),
          getComputedStyle(document.querySelector('#figures-over-time .scroll')).backgroundAttachment]`,
      );
      assert.deepEqual(moved, ['figures-over-time']);
      assert.equal(shades, 'local, local, scroll, scroll');
    });
  });

  test('has the points of the log in its charts and in its table', async () => {
    const { stdout } = await spoeLogs(['summarize', '--format', 'json', '--window', '5s', file('lb.log')]);
    const { series = [] } = JSON.parse(stdout) as Summary;
    await withPage(full, {}, async (page) => {
      const rows = await rowsOf(page);
      const { steps, step } = await page.evaluate<Record<string, string>>(
        `({ ...document.querySelector('.charts').dataset })`,
      );
      assert.equal(step, '5000');
      assert.equal(steps, String(series.length));
      assert.deepEqual(
        rows.map(([from, count, , errors]) => [from, count, errors]),
        series.map(({ from, count, errors }) => [`${from.slice(0, 19).replace('T', ' ')}Z`, `${count}`, `${errors}`]),
      );
      for (const [i, { p50, p99 }] of series.entries()) {
        assertNear(Number(rows[i]?.[5]), p50 ?? Number.NaN, 0.032);
        assertNear(Number(rows[i]?.[7]), p99 ?? Number.NaN, 0.032);
      }
      const heights = await barsOf(page, '#chart-rate .plot .failed');
      const top = Number(await page.evaluate<string>(`document.getElementById('chart-rate').dataset.top`));
      for (const [i, { errors }] of series.entries())
        assertNear(((heights.get(i) ?? 0) / 100) * top * 5, errors, 0, 0.01 * top);
    });
  });

  test('has the answers of the record in its charts and in its table, also from a saved state', async () => {
    await spoeLogs([
      ...['summarize', '--by', 'agent,event,host', '--save', file('now.json'), file('lb.log')],
      ...['--record', file('mirror.jsonl')],
    ]);
    const merged = await spoeLogs(['merge', file('now.json'), '--format', 'html']);
    for (const html of [full, merged.stdout])
      await withPage(html, { width: 360 }, async (page) => {
        const heads = await page.evaluate<string[]>(
          `[...document.querySelectorAll('#figures-over-time thead th')].map((head) => head.textContent)`,
        );
        const rows = await rowsOf(page);
        const sumOf = (head: string) => rows.reduce((sum, row) => sum + Number(row[heads.indexOf(head)]), 0);
        assert.deepEqual(
          ['Mirrored', 'Mirror 2xx', 'Mirror no answer', 'Mirror connect-refused'].map(sumOf),
          [400, 380, 20, 20],
        );
        const failed = await barsOf(page, '#chart-mirror-failures .plot .k1');
        assert.equal(failed.size, 20);
        assert.deepEqual(await violations(page), []);
        await page.locator('#chart-mirror-pane').focus();
        await page.keyboard.press('ArrowRight');
        assert.equal(
          await page.evaluate(`document.querySelector('[aria-live]').textContent`),
          '2026-11-22 07:00:00Z, Mirrored 5, Mirror 2xx 4, Mirror no answer 1',
        );
      });
  });

  test('says as much without a script', async () => {
    await withPage(full, { script: false }, async (page) => {
      for (const id of [
        'chart-rate',
        'chart-errors',
        'chart-latency',
        'chart-heat',
        'chart-phases',
        'chart-saturation',
        'chart-mirror',
        'chart-mirror-failures',
        'chart-mirror-latency',
      ])
        assert.ok(await page.locator(`#${id} .plot`).isVisible(), id);
      assert.equal(await page.locator('#figures-over-time table').isVisible(), false);
      await page.locator('#figures-over-time summary').click();
      assert.ok(await page.locator('#figures-over-time table').isVisible());
      assert.equal(await page.locator('.bar').isVisible(), false);
    });
  });

  test('is zoomed by dragging, and shown whole again by a button', async () => {
    await withPage(full, {}, async (page) => {
      const whole = await boxOf(page);
      await drag(page, 0.25, 0.5);
      const [first = 0, , width = 0] = await boxOf(page);
      assertNear(first, whole[2] * 0.25, 0, 2);
      assertNear(width, whole[2] * 0.25, 0, 3);
      const all = await page.evaluate<string[]>(
        `[...document.querySelectorAll('.plot')].map((plot) => plot.getAttribute('viewBox').split(' ').filter((_, i) => i % 2 === 0).join())`,
      );
      assert.equal(new Set(all).size, 1, 'all charts show the same time');
      assert.match(await spanOf(page), /^2026-11-22 07:0\d:\d\d to 2026-11-22 07:(09|10):\d\d UTC$/);
      await page.locator('#charts-all').click();
      assert.deepEqual(await boxOf(page), whole);
    });
  });

  test('is read, zoomed and moved by keys alone, and says aloud what it shows', async () => {
    await withPage(full, {}, async (page) => {
      const whole = await boxOf(page);
      await page.locator('#charts-all').focus();
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate('document.activeElement.id'), 'chart-rate-pane');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      const said = await page.evaluate<string>(`document.querySelector('[aria-live]').textContent`);
      assert.match(said, /^2026-11-22 07:00:05Z, Events 5, \/s 1, Errors 0, Error % 0$/);
      assert.ok(await page.locator('#chart-rate .tip').isVisible());
      await page.keyboard.press('+');
      assert.ok(((await boxOf(page))[2] ?? 0) <= whole[2] / 2);
      await page.keyboard.press('0');
      assert.deepEqual(await boxOf(page), whole);
      await page.keyboard.press('Escape');
      assert.equal(await page.locator('#chart-rate .tip').isVisible(), false);
    });
  });

  test('prints what is folded, and no buttons', async () => {
    await withPage(full, {}, async (page) => {
      await page.emulateMedia({ media: 'print' });
      assert.equal(await page.locator('.bar').isVisible(), false);
      assert.ok(await page.locator('#chart-rate .plot').isVisible());
      const pdf = await page.pdf();
      assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    });
  });

  test('runs nothing that a log or a file name brings', async () => {
    const html = hostilePage();
    await withPage(html, {}, async (page) => {
      assert.equal(await page.evaluate('window.evil'), undefined);
      assert.equal(await page.evaluate(`document.querySelectorAll('script').length`), 1);
      assert.equal(await page.evaluate(`document.querySelectorAll('svg[onload]').length`), 0);
      assert.match(await page.evaluate<string>('document.body.textContent'), /<script>window\.evil=1<\/script>/);
      assert.deepEqual(await violations(page), []);
      assert.equal(await isTooWide(page), false);
    });
  });

  test('lets no other script run, even one that got into it', async () => {
    const planted = full.replace('</main>', '</main><script>window.evil=1</script><p onclick="window.evil=1">x</p>');
    await assert.rejects(
      withPage(planted, {}, async (page) => {
        assert.equal(await page.evaluate('window.evil'), undefined);
      }),
      /Content Security Policy/,
    );
  });

  test('takes what a server tells it, and keeps the window, the focus and what is unfolded', async () => {
    const summaries = [liveSummary(20), liveSummary(21)];
    let version = 0;
    const server = createServer(({ url }, response) => {
      if (url !== '/events') {
        const { summary, history } = summaries[version] as (typeof summaries)[number];
        const live = {
          events: 'events',
          name: 'Summary',
          version: String(version),
          links: [['./', 'Summary']] as const,
        };
        response.setHeader('content-type', 'text/html');
        response.end(renderSummaryHtml(summary, { history, live }));
        return;
      }
      version = 1;
      response.setHeader('content-type', 'text/event-stream');
      response.write(`event: changed\ndata: ${JSON.stringify({ Summary: version })}\n\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      await withPage(new URL(`http://127.0.0.1:${port}/`), {}, async (page) => {
        await page.waitForSelector('.card dd:text-is("1260")');
        assert.equal(await page.evaluate(`document.querySelectorAll('.bar').length`), 1);
        await drag(page, 0.25, 0.5);
        assert.notEqual((await boxOf(page))[0], 0);
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  for (const [what, log] of ODD_LOGS) {
    test(`is whole for ${what}`, async () => {
      writeFileSync(file('odd.log'), log);
      const { stdout } = await spoeLogs(['summarize', '--format', 'html', file('odd.log')]);
      await withPage(stdout, { width: 360 }, async (page) => {
        assert.deepEqual(await violations(page), []);
        assert.equal(await isTooWide(page), false);
        assert.doesNotMatch(await page.evaluate<string>('document.body.innerText'), /undefined|NaN|null|Infinity/);
      });
    });
  }
});

function hostilePage(): string {
  const log = readLog(troubledLog(2), { by: ['agent', 'event', 'host'], history: true });
  const found = summarize({ files: [HOSTILE], minEvents: 1, ...log });
  const groups = found.groups.map((group) => ({ ...group, key: { agent: HOSTILE, name: HOSTILE, host: HOSTILE } }));
  const summary: Summary = {
    ...found,
    groups,
    input: { ...found.input, otherMessages: [{ message: HOSTILE, count: 3 }] },
    verdict: { ...found.verdict, reasons: [HOSTILE], causes: [{ code: 'x', message: HOSTILE, next: HOSTILE }] },
    notices: [{ code: 'x', message: HOSTILE }],
  };
  const history = log.aggregator.history && viewHistory(log.aggregator.history);
  return renderSummaryHtml(summary, { history, baseline: { name: HOSTILE, summary, history } });
}

function liveSummary(minutes: number) {
  const log = readLog(troubledLog(minutes), { history: true });
  const history = log.aggregator.history && viewHistory(log.aggregator.history);
  return { summary: summarize({ files: ['lb.log'], minEvents: 1, ...log }), history };
}

async function rowsOf(page: Page): Promise<string[][]> {
  return await page.evaluate(
    `[...document.querySelectorAll('#figures-over-time tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))`,
  );
}

/** The height of each step's bar in a path of bars. */
async function barsOf(page: Page, selector: string): Promise<Map<number, number>> {
  const path = await page.evaluate<string>(`document.querySelector('${selector}').getAttribute('d')`);
  return new Map(
    [...path.matchAll(/M(\d+) ([\d.]+)V([\d.]+)h1V[\d.]+z/g)].map(([, at, low, high]) => [
      Number(at),
      Number(low) - Number(high),
    ]),
  );
}

async function boxOf(page: Page): Promise<[number, number, number, number]> {
  const box = await page.evaluate<string>(`document.querySelector('#chart-rate .plot').getAttribute('viewBox')`);
  return box.split(' ').map(Number) as [number, number, number, number];
}

async function spanOf(page: Page): Promise<string> {
  return await page.evaluate(`document.querySelector('.bar > .muted').textContent`);
}

async function drag(page: Page, from: number, to: number): Promise<void> {
  const pane = page.locator('#chart-rate-pane');
  await pane.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await pane.boundingBox();
  await page.mouse.move(x + width * from, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * to, y + height / 2, { steps: 4 });
  await page.mouse.up();
}

function assertNear(actual: number, expected: number, ratio: number, least = 0): void {
  const off = Math.abs(actual - expected);
  assert.ok(off <= Math.max(least, ratio * Math.abs(expected) + 1e-9), `${actual} is not near ${expected}`);
}
