/** The mirror is down, silent, slow, resetting: its affair alone. Production's clients get what they always get. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { reservePort } from '../ports.ts';
import { Load } from './client.ts';
import { assertAgreement, countBy, type Evidence } from './evidence.ts';
import { missing, SERIES } from './haproxy.ts';
import { answer, keepSilent, reset } from './recorder.ts';
import { Stage } from './stage.ts';

const PIPELINING = ['-c', 'pipelining'];

/** A run of several hundred requests, each of which was answered and acknowledged. */
async function runLoad(
  t: TestContext,
  stage: Stage,
  meanwhile: (load: Load) => Promise<void> = async () => {},
): Promise<Evidence> {
  const load = new Load(t, stage.haproxy.frontPort, { keepAlive: true });
  await load.goOn(200);
  const sent = await load.stop();
  await meanwhile(load);
  const evidence = await stage.end(sent);
  assert.deepEqual(load.failures, []);
  assert.equal(stage.production.requests.length, sent);
  assert.deepEqual(countBy(evidence.events.map(({ st }) => st)), { 0: sent });
  assertAgreement(evidence);
  return evidence;
}

function outcomesOf({ records }: Evidence): { [outcome: string]: number } {
  const counts: { [outcome: string]: number } = {};
  for (const { error, status } of records) {
    const outcome = error ?? String(status);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

for (const series of SERIES) {
  const options = { skip: missing(series), timeout: 300_000 };

  test(
    `HAProxy ${series}: the mirror is down: clients are served, each record says connect-refused`,
    options,
    async (t) => {
      const stage = await Stage.set(t, series, { agent: PIPELINING, mirrorPort: await reservePort() });
      const evidence = await runLoad(t, stage);
      assert.deepEqual(outcomesOf(evidence), { 'connect-refused': evidence.accesses.length });
      assert.match(stage.agent.said, new RegExp(`stopped: .* 0 mirrored, ${evidence.accesses.length} failed`));
    },
  );

  test(
    `HAProxy ${series}: the mirror never answers: clients are served, the records say timeout`,
    options,
    async (t) => {
      const stage = await Stage.set(t, series, { agent: [...PIPELINING, '--response-timeout', '300ms'] });
      stage.mirror.behaviour = keepSilent;
      const evidence = await runLoad(t, stage);
      const { timeout = 0, 'queue-timeout': waited = 0, ...others } = outcomesOf(evidence);
      assert.deepEqual(others, {});
      assert.ok(timeout > 0 && timeout + waited === evidence.accesses.length);
    },
  );

  test(
    `HAProxy ${series}: the mirror is slow: production has all its answers before the mirror gives its first one`,
    options,
    async (t) => {
      const stage = await Stage.set(t, series, { agent: PIPELINING });
      const held: (() => void)[] = [];
      stage.mirror.behaviour = (request, socket) => held.push(() => answer(request, socket));
      const evidence = await runLoad(t, stage, async (load) => {
        const { mirror } = await stage.agent.stats();
        assert.equal(mirror.queued + mirror.inFlight, load.answered);
        stage.mirror.behaviour = answer;
        for (const release of held) release();
      });
      assert.deepEqual(outcomesOf(evidence), { 200: evidence.accesses.length });
      assert.equal(stage.mirror.requests.length, evidence.accesses.length);
    },
  );

  test(
    `HAProxy ${series}: the mirror resets every fifth request: clients are served, the records tell which were lost`,
    options,
    async (t) => {
      const stage = await Stage.set(t, series, { agent: PIPELINING });
      let count = 0;
      stage.mirror.behaviour = (...request) => (++count % 5 === 0 ? reset(...request) : answer(...request));
      const evidence = await runLoad(t, stage);
      const { 200: answered = 0, reset: lost = 0, closed = 0, ...others } = outcomesOf(evidence);
      assert.deepEqual(others, {});
      assert.ok(answered > 0 && lost > 0);
      assert.equal(answered + lost + closed, evidence.accesses.length);
      // A GET whose connection was closed under it goes out once more, and never a third time.
      const arrivals = stage.mirror.requests.map(({ target }) => target);
      for (const { path, attempts, status } of evidence.records) {
        const arrived = arrivals.filter((target) => target === path).length;
        assert.ok(attempts <= 2 && arrived <= attempts, `${path}: ${attempts} attempts, ${arrived} arrivals`);
        assert.ok(status === null || arrived > 0, path);
      }
    },
  );
}
