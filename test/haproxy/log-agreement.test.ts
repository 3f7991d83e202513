/** HAProxy's log, read back by the log half, and the agent's record tell of the same requests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Load } from './client.ts';
import { assertAgreement, assertRecorded, countBy } from './evidence.ts';
import { missing, SERIES } from './haproxy.ts';
import { Stage } from './stage.ts';

for (const series of SERIES) {
  const options = { skip: missing(series), timeout: 300_000 };

  // From 3.1 on a backend may speak SPOP by itself; `mode tcp` of the vendor's page goes on working.
  const modes = series === '3.2' ? ['mode spop'] : [];
  for (const [what, capabilities, backend] of [
    ['without capabilities', [], []],
    ['with pipelining', ['pipelining'], []],
    ['with all capabilities', ['pipelining', 'async', 'fragmentation'], []],
    ...modes.map((mode) => [`in ${mode}`, ['pipelining'], [mode]] as const),
  ] as const) {
    test(
      `HAProxy ${series}: a run ${what} is the same in the log and in the record, request by request`,
      options,
      async (t) => {
        const agent = capabilities.flatMap((capability) => ['-c', capability]);
        const stage = await Stage.set(t, series, { agent, haproxy: { backend } });
        const load = new Load(t, stage.haproxy.frontPort, { clients: 8, keepAlive: true });
        await load.goOn(300);
        const sent = await load.stop();
        const { agent: figures, mirror } = await stage.agent.stats();
        const evidence = await stage.end(sent);
        assert.deepEqual(load.failures, []);
        const { summary, records, accesses } = evidence;
        assert.deepEqual([summary.total.count, summary.total.errors], [sent, 0]);
        assertAgreement(evidence);
        assertRecorded(records, accesses);
        const targets = new Map(accesses.map(({ uniqueId, target }) => [uniqueId, target]));
        for (const { unique_id, path } of records) assert.equal(path, targets.get(unique_id ?? ''));
        assert.deepEqual([figures.notifies, figures.acks, figures.acksLost, mirror.taken], [sent, sent, 0, sent]);
        assert.match(
          stage.agent.said,
          new RegExp(`${sent} notifies, ${sent} acks, ${sent} taken, ${sent} mirrored, 0 failed`),
        );
      },
    );
  }

  test(
    `HAProxy ${series}: an agent that acknowledges too late fails every event, and the record shows what was mirrored`,
    options,
    async (t) => {
      const stage = await Stage.set(t, series, {
        agent: ['-c', 'pipelining', '-t', '1s'],
        haproxy: { processing: '200ms' },
      });
      const load = new Load(t, stage.haproxy.frontPort, { clients: 8 });
      await load.goOn(16);
      const sent = await load.stop();
      const { events, records, accesses, summary } = await stage.end(sent);
      assert.deepEqual(load.failures, []);
      assert.equal(summary.verdict.status, 'failing');
      assert.deepEqual(countBy(events.map(({ st }) => st)), { 1: sent });
      // On a busy machine the time may be over before HAProxy has a connection, so these may be fewer.
      const recorded = new Set(records.map((record) => record.unique_id));
      assert.ok(records.length > 0 && records.every(({ status }) => status === 200));
      assertRecorded(
        records,
        accesses.filter(({ uniqueId }) => recorded.has(uniqueId)),
      );
      assert.equal(stage.mirror.requests.length, records.length);
    },
  );
}
