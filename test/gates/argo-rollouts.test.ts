/** The templates of gates/ for Argo Rollouts: what its analysis makes of each verdict. No cluster runs here. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Analysis, type JobProvider, type Metric, type Phase, ROLLOUT } from './argo-analysis.ts';
import { VerdictServer } from './verdict-server.ts';
import { EXIT_CODES, recipe, type Verdict, Workplace } from './workplace.ts';

interface Template {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly args?: readonly { readonly name: string }[]; readonly metrics: readonly [Metric] };
}

interface Rollout {
  readonly metadata: { readonly annotations: { readonly [name: string]: string } };
  readonly spec: { readonly strategy: { readonly blueGreen: { readonly prePromotionAnalysis: PrePromotion } } };
}

interface PrePromotion {
  readonly templates: readonly { readonly templateName: string }[];
  readonly args: readonly { readonly name: string; readonly valueFrom: { readonly fieldRef: { fieldPath: string } } }[];
}

const [WEB, JOB, ROLLOUT_OF_RECIPE] = recipe('argo-rollouts.yaml') as [Template, Template, Rollout];
const [METRIC] = WEB.spec.metrics;
const { consecutiveErrorLimit = 0, inconclusiveLimit = 0 } = METRIC;
const SINCE = '2026-11-27T12:00:00Z';

describe('the web template, asked for its verdict', () => {
  let server: VerdictServer;
  before(async () => {
    server = await VerdictServer.start();
  });
  after(() => server.stop());
  beforeEach(() => {
    server.asked.length = 0;
  });

  const begin = (url = server.url) => new Analysis(METRIC, { url, token: 'secret', since: SINCE });

  async function measure(analysis: Analysis, verdicts: readonly Verdict[]): Promise<Phase> {
    for (const verdict of verdicts) {
      server.verdict = verdict;
      await analysis.measure();
    }
    return analysis.phase;
  }

  const many = (verdict: Verdict, times: number) => Array.from({ length: times }, () => verdict);

  test('PASS promotes at the first look', async () => {
    assert.equal(ROLLOUT[(await measure(begin(), ['PASS'])) as 'Successful'], 'promoted');
  });

  test('FAIL aborts at the first look', async () => {
    assert.equal(ROLLOUT[(await measure(begin(), ['FAIL'])) as 'Failed'], 'aborted');
  });

  test('INCONCLUSIVE is asked again, and decided by the first verdict that comes', async () => {
    assert.equal(await measure(begin(), many('INCONCLUSIVE', inconclusiveLimit)), 'Running');
    assert.equal(await measure(begin(), [...many('INCONCLUSIVE', inconclusiveLimit), 'PASS']), 'Successful');
    assert.equal(await measure(begin(), [...many('INCONCLUSIVE', inconclusiveLimit), 'FAIL']), 'Failed');
  });

  test('an hour of INCONCLUSIVE pauses the rollout: it is neither promoted nor aborted', async () => {
    const phase = await measure(begin(), many('INCONCLUSIVE', 60));
    assert.equal(phase, 'Inconclusive');
    assert.equal(ROLLOUT[phase], 'paused');
    assert.equal(METRIC.interval, '1m');
  });

  test('a server that cannot be asked is waited for, and then aborts', async () => {
    const gone = await VerdictServer.start();
    const { url } = gone;
    await gone.stop();
    const analysis = begin(url);
    for (let i = 0; i < consecutiveErrorLimit; i++) assert.equal(await analysis.measure(), 'Running');
    const phase = await analysis.measure();
    assert.equal(phase, 'Error');
    assert.equal(ROLLOUT[phase], 'aborted');
  });

  test('an answer without a verdict, or from something else, is an error and never a PASS', async () => {
    const elsewhere = begin(`${server.url}/elsewhere`);
    assert.equal(await elsewhere.measure(), 'Running');
    assert.deepEqual(elsewhere.measurements, ['Error']);
  });

  test('it asks with the token, and for the requests of this release alone', async () => {
    await measure(begin(), ['INCONCLUSIVE']);
    assert.deepEqual(server.asked, [{ what: `GET /verdict?since=${SINCE}`, authorization: 'Bearer secret', body: '' }]);
  });

  test('a metric with one condition would make INCONCLUSIVE a failure or a success', async () => {
    const { failureCondition: _1, ...withoutFailure } = METRIC;
    const { successCondition: _2, ...withoutSuccess } = METRIC;
    for (const [metric, phase] of [
      [withoutFailure, 'Failed'],
      [withoutSuccess, 'Successful'],
    ] as const) {
      const analysis = new Analysis(metric, { url: server.url, token: 'secret', since: SINCE });
      assert.equal(await measure(analysis, ['INCONCLUSIVE']), phase);
    }
  });
});

test('the rollout names the template, and gives what it asks for', () => {
  const { prePromotionAnalysis: analysis } = ROLLOUT_OF_RECIPE.spec.strategy.blueGreen;
  assert.deepEqual(
    analysis.templates.map(({ templateName }) => templateName),
    [WEB.metadata.name],
  );
  // Those without a value of their own.
  const open = (WEB.spec.args ?? []).filter((arg) => Object.keys(arg).length === 1).map(({ name }) => name);
  assert.deepEqual(
    analysis.args.map(({ name }) => name),
    open,
  );
  const [, annotation = ''] = /^metadata\.annotations\['([^']+)'\]$/.exec(
    analysis.args[0]?.valueFrom.fieldRef.fieldPath ?? '',
  ) ?? [''];
  assert.equal(ROLLOUT_OF_RECIPE.metadata.annotations[annotation], SINCE);
});

describe('the job template, as its pod runs it', { skip: process.platform === 'win32' }, () => {
  const { spec } = JOB.spec.metrics[0].provider.job as JobProvider;
  const [container] = spec.template.spec.containers;
  assert.ok(container);

  /** Its exit code, and how long it slept: a minute of the pod is one in which the logs become what they are next. */
  async function run(verdicts: readonly [Verdict, ...Verdict[]], programs: { readonly [name: string]: string } = {}) {
    const place = new Workplace();
    try {
      for (const [i, verdict] of verdicts.entries()) {
        place.placeManyLogs(verdict);
        place.write(`mirror-${i}.jsonl`, place.read('mirror.jsonl'));
      }
      place.write('mirror.jsonl', place.read('mirror-0.jsonl'));
      place.write('minutes', '');
      place.program('sleep', 'echo "$1" >> minutes; cp "mirror-$(grep -c . minutes).jsonl" mirror.jsonl');
      for (const [name, script] of Object.entries(programs)) place.program(name, script);
      const env = container?.env.map(({ name, value }) => [name, value.replace('/logs/', '')]) ?? [];
      const command = [...(container?.command ?? ['false']), ...(container?.args ?? [])] as [string, ...string[]];
      const { code } = await place.run(command, Object.fromEntries(env));
      return [code, place.read('minutes')];
    } finally {
      place.remove();
    }
  }

  test('PASS completes it, FAIL ends it with 1, which is final', async () => {
    assert.deepEqual(await run(['PASS']), [0, '']);
    assert.deepEqual(await run(['FAIL']), [1, '']);
    const [rule, ...others] = spec.podFailurePolicy.rules;
    assert.deepEqual(rule, { action: 'FailJob', onExitCodes: { operator: 'In', values: [EXIT_CODES.FAIL] } });
    // A policy is taken of pods alone that are not started again.
    assert.deepEqual([others, spec.template.spec.restartPolicy], [[], 'Never']);
  });

  test('INCONCLUSIVE does not end it: it looks again until there is a verdict', async () => {
    assert.deepEqual(await run(['INCONCLUSIVE', 'INCONCLUSIVE', 'PASS']), [0, '60\n60\n']);
    assert.deepEqual(await run(['INCONCLUSIVE', 'FAIL']), [1, '60\n']);
    assert.ok(spec.activeDeadlineSeconds > 0);
  });

  test('what cannot be compared ends it with 2, and the job tries it again', async () => {
    assert.deepEqual(await run(['PASS'], { 'spoe-logs': 'exit 2' }), [2, '']);
    assert.ok(spec.backoffLimit > 0);
  });
});
