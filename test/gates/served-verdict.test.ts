/** What gates/ reads, asked of a real `spoe-logs serve`, for each verdict. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { LiveRun } from '../programs/spoe-logs/run.ts';
import { until } from '../until.ts';
import { Analysis, type Metric } from './argo-analysis.ts';
import { postsYes } from './flagger-hook.ts';
import { recipe, VERDICTS, Workplace } from './workplace.ts';

const [TEMPLATE] = recipe('argo-rollouts.yaml') as [{ readonly spec: { readonly metrics: readonly [Metric] } }];
const isThere = existsSync(new URL('../../src/programs/spoe-logs/commands/serve.ts', import.meta.url));
const TOKEN = '0123456789abcdef0123456789abcdef';
/** The day of the fixtures: everything in them counts, however long ago it was. */
const SINCE = '2026-11-23T00:00:00Z';

const EXPECTED = {
  PASS: { argo: 'Successful', promote: true, rollback: false },
  FAIL: { argo: 'Failed', promote: false, rollback: true },
  INCONCLUSIVE: { argo: 'Running', promote: false, rollback: false },
} as const;

describe('what serve answers is what the recipes ask for', { skip: isThere ? false : 'there is no serve' }, () => {
  let place: Workplace;
  let server: LiveRun;
  beforeEach(() => {
    place = new Workplace();
    place.write('token', `${TOKEN}\n`);
  });
  afterEach(async () => {
    await server.end();
    place.remove();
  });

  async function serve(...args: readonly string[]): Promise<string> {
    server = new LiveRun([
      ...['serve', place.path('lb-access.log'), '--record', place.path('mirror.jsonl')],
      ...['--production', place.path('lb-access.log'), '--listen', '127.0.0.1:0'],
      ...['--token-file', place.path('token'), '--since', SINCE, '--grace', '1s', ...args],
    ]);
    await server.sees(/^http:\/\/127\.0\.0\.1:\d+/m, 'stdout');
    return /^http:\/\/127\.0\.0\.1:\d+/m.exec(server.stdout)?.[0] ?? '';
  }

  const verdictOf = async (url: string) => {
    const response = await fetch(`${url}/verdict`, { headers: { authorization: `Bearer ${TOKEN}` } });
    assert.equal(response.status, 200);
    return (await response.json()) as { readonly verdict: string; readonly pairs: { readonly counted: number } };
  };

  for (const verdict of VERDICTS) {
    test(`${verdict}: as Argo Rollouts and Flagger take it`, async () => {
      place.placeManyLogs(verdict);
      const url = await serve('--max-age', '36500d');
      await until('all is compared', async () => {
        const { verdict: word, pairs } = await verdictOf(url);
        return verdict === 'INCONCLUSIVE' ? pairs.counted >= 100 : word === verdict.toLowerCase();
      });
      const { argo, promote, rollback } = EXPECTED[verdict];
      const analysis = new Analysis(TEMPLATE.spec.metrics[0], { url, token: TOKEN, since: SINCE });
      assert.equal(await analysis.measure(), argo);
      assert.notEqual(analysis.measurements[0], 'Error');
      const withToken = url.replace('//', `//gate:${TOKEN}@`);
      assert.equal(await postsYes(`${withToken}/verdict/promote`), promote);
      assert.equal(await postsYes(`${withToken}/verdict/rollback`), rollback);
    });
  }

  test('silence is no PASS: what has passed before is asked again', async () => {
    place.placeManyLogs('PASS');
    const url = await serve();
    await until('all is compared', async () => (await verdictOf(url)).pairs.counted >= 640);
    const analysis = new Analysis(TEMPLATE.spec.metrics[0], { url, token: TOKEN, since: SINCE });
    assert.equal(await analysis.measure(), 'Running');
    assert.deepEqual(analysis.measurements, ['Inconclusive']);
  });

  test('without the token nothing is promoted and nothing rolled back', async () => {
    place.placeManyLogs('PASS');
    const url = await serve('--max-age', '36500d');
    await until('it has passed', async () => (await verdictOf(url)).verdict === 'pass');
    const analysis = new Analysis(TEMPLATE.spec.metrics[0], { url, token: 'other', since: SINCE });
    await analysis.measure();
    assert.deepEqual(analysis.measurements, ['Error']);
    for (const path of ['promote', 'rollback']) assert.equal(await postsYes(`${url}/verdict/${path}`), false);
  });
});
