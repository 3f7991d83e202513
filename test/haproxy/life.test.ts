/** Both sides come and go while clients send: whatever happens there, no client notices. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { until } from '../until.ts';
import { exchange, Load, statusOf } from './client.ts';
import { assertAgreement, assertRecorded, countBy } from './evidence.ts';
import { missing, SERIES } from './haproxy.ts';
import { Stage } from './stage.ts';

/** Half of the clients keep their connections, the others open one for each request. */
class Clients {
  readonly #loads: readonly Load[];

  constructor(t: TestContext, stage: Stage) {
    const { frontPort } = stage.haproxy;
    this.#loads = [
      new Load(t, frontPort, { name: 'single' }),
      new Load(t, frontPort, { name: 'kept', keepAlive: true }),
    ];
  }

  /** Waits until each half has so many answers more. */
  async goOn(count = 60): Promise<void> {
    await Promise.all(this.#loads.map((load) => load.goOn(count)));
  }

  /** How many requests there were; every one had its answer. */
  async stop(): Promise<number> {
    const sent = await Promise.all(this.#loads.map((load) => load.stop()));
    assert.deepEqual(
      this.#loads.flatMap(({ failures }) => failures),
      [],
    );
    return sent.reduce((sum, count) => sum + count, 0);
  }
}

function assertEachOnce(requests: readonly { readonly target: string }[], count: number): void {
  assert.equal(requests.length, count);
  assert.equal(new Set(requests.map(({ target }) => target)).size, count);
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

for (const series of SERIES) {
  const options = { skip: missing(series), timeout: 300_000 };

  test(
    `HAProxy ${series}: it is reloaded under load, no client fails, every request is mirrored once`,
    options,
    async (t) => {
      const stage = await Stage.set(t, series, { agent: ['-c', 'pipelining'], reloadable: true });
      const clients = new Clients(t, stage);
      const old: number[] = [];
      for (let i = 0; i < 3; i++) {
        await clients.goOn();
        old.push(await stage.haproxy.reload());
      }
      await clients.goOn();
      const sent = await clients.stop();
      for (const pid of old) await until(`the old process ${pid} ends`, () => isGone(pid));
      const evidence = await stage.end(sent);
      assertEachOnce(stage.production.requests, sent);
      assertEachOnce(stage.mirror.requests, sent);
      assert.deepEqual(countBy(evidence.events.map(({ st }) => st)), { 0: sent });
      assertAgreement(evidence);
    },
  );

  test(
    `HAProxy ${series}: the agent is restarted under load, no client fails, every request is mirrored once`,
    options,
    async (t) => {
      // However slow the machine: the agent is back before HAProxy gives up.
      const stage = await Stage.set(t, series, {
        agent: ['-c', 'pipelining'],
        haproxy: { backend: ['retries 25'] },
      });
      const clients = new Clients(t, stage);
      for (let i = 0; i < 2; i++) {
        await clients.goOn();
        assert.equal(await stage.agent.stop(), 0);
        await stage.startAgent();
      }
      await clients.goOn();
      const sent = await clients.stop();
      const evidence = await stage.end(sent);
      assertEachOnce(stage.production.requests, sent);
      assertEachOnce(stage.mirror.requests, sent);
      assertRecorded(evidence.records, evidence.accesses);
      // What HAProxy had sent when the agent said goodbye: mirrored, but there was nobody left to hear of it.
      const unheard = series === '3.2' ? 257 : 256;
      const { 0: acknowledged = 0, [unheard]: unacknowledged = 0 } = countBy(evidence.events.map(({ st }) => st));
      assert.equal(acknowledged + unacknowledged, sent);
    },
  );

  test(
    `HAProxy ${series}: the health check finds out that the agent is away, clients are served, mirroring resumes`,
    options,
    async (t) => {
      // An agent that is slow to answer is none that is away.
      const stage = await Stage.set(t, series, {
        haproxy: { check: 'inter 100ms', backend: ['timeout check 30s'] },
      });
      const get = async (path: string) => {
        const answer = await exchange(stage.haproxy.frontPort, `GET ${path} HTTP/1.1\r\nHost: shop.example\r\n\r\n`);
        assert.equal(statusOf(answer), 200);
      };
      await get('/before');
      assert.equal(await stage.agent.stop(), 0);
      await stage.log.says(/Server mirroragents\/agent1 is DOWN/);
      for (let i = 0; i < 5; i++) await get(`/down/${i}`);
      await stage.startAgent();
      await stage.log.says(/Server mirroragents\/agent1 is UP/);
      await get('/after');
      const evidence = await stage.end(7);
      assertAgreement(evidence);
      assert.equal(stage.production.requests.length, 7);
      assert.deepEqual(stage.mirror.requests.map(({ target }) => target).toSorted(), ['/after', '/before']);
      // Not 1: nobody waited for a timeout.
      assert.deepEqual(countBy(evidence.events.map(({ st }) => st)), { 0: 2, [series === '3.2' ? 257 : 2]: 5 });
      assert.equal(evidence.summary.total.errors, 5);
    },
  );

  for (const workers of [1, 2]) {
    test(
      `HAProxy ${series}: one of ${workers} workers of the agent is killed under load, reported and replaced, and no client fails`,
      options,
      async (t) => {
        const stage = await Stage.set(t, series, {
          agent: ['-c', 'pipelining', '-n', '2', '--min-workers', String(workers)],
        });
        const [victim] = stage.agent.workers();
        if (victim === undefined) return t.skip('there is one core only, so the agent has no workers');
        const clients = new Clients(t, stage);
        await clients.goOn();
        process.kill(victim, 'SIGKILL');
        await stage.agent.says(new RegExp(`worker \\d \\(pid ${victim}\\) ended with SIGKILL: .*; it is replaced`));
        await until('all workers again', async () => (await stage.agent.stats()).workers.running >= workers);
        await clients.goOn();
        const before = await clients.stop();
        const { running, restarted } = (await stage.agent.stats()).workers;
        assert.equal(restarted, 1);
        // A machine that is busy with other things may have needed one more.
        assert.ok(running >= workers);
        const later = new Load(t, stage.haproxy.frontPort, { name: 'later' });
        await later.goOn(60);
        const after = await later.stop();
        assert.deepEqual(later.failures, []);
        const evidence = await stage.end(before + after);
        assertEachOnce(stage.production.requests, before + after);
        // What the dead one held is lost, with the last lines of its record. Nothing came twice, nothing later is missing.
        assertEachOnce(stage.mirror.requests, stage.mirror.requests.length);
        const { 0: _acknowledged, 257: _cutOff, ...others } = countBy(evidence.events.map(({ st }) => st));
        assert.deepEqual(others, {});
        const isLater = ({ target }: { readonly target: string }) => target.startsWith('/later/');
        assertEachOnce(stage.mirror.requests.filter(isLater), after);
        const records = evidence.records.filter(({ path }) => path.startsWith('/later/'));
        assertRecorded(records, evidence.accesses.filter(isLater));
      },
    );
  }
}
