/** The guard of mirroring, with real HAProxies and an agent that stalls. */
import assert from 'node:assert/strict';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RuntimeApi } from '../../src/operate/runtime-api.ts';
import { LiveRun } from '../programs/spoe-logs/run.ts';
import { until } from '../until.ts';
import { Load } from './client.ts';
import { countAccesses } from './evidence.ts';
import { missing, SERIES, type Series } from './haproxy.ts';
import { setSwitched } from './mirroring.ts';
import type { Stage } from './stage.ts';

const options = (series: Series) => ({ skip: missing(series), timeout: 300_000 });

for (const series of SERIES) {
  test(
    `HAProxy ${series}: the guard switches a stalled agent off, and clients are quick again`,
    options(series),
    async (t) => {
      const { stage, guard, load } = await guarded(t, series, '10m');
      await load.goOn(400);
      assert.equal(timeouts(stage), 0);
      assert.match(await metrics(guard), /^spoe_logs_guard_state\{state="closed"\} 1$/m);
      stage.agent.hang();
      await guard.sees(/ open +\d+ of \d+ events (took longer than 900 ms|failed)/);
      // Who waits for the agent now is answered when its time is over; nobody waits after that.
      const sent = await load.stop();
      // A request's SPOE line comes before its access line.
      await until(`${sent} access lines`, () => countAccesses(stage.log) >= sent);
      const slow = timeouts(stage);
      const after = new Load(t, stage.haproxy.frontPort, { name: 'after', clients: CLIENTS });
      await after.goOn(500);
      await after.stop();
      assert.equal(timeouts(stage), slow);
      // Each of them waited a few times: for the lines of the first, and until the guard acted on them.
      assert.ok(slow >= 3 && slow <= CLIENTS * 10, `${slow} timeouts`);
      assert.match(await metrics(guard), /^spoe_logs_guard_transitions_total\{from="closed",to="open"\} 1$/m);
      assert.deepEqual([...load.failures, ...after.failures], []);
      // It has to hear that the test is over.
      stage.agent.signal('SIGCONT');
      guard.child.kill('SIGTERM');
      const { code, stdout } = await guard.ended;
      assert.equal(code, 130);
      assert.match(stdout, /ending: mirroring stays off/);
    },
  );

  test(
    `HAProxy ${series}: the guard probes with a sample until the agent is back, through a rotation of the log`,
    options(series),
    async (t) => {
      const { stage, guard, load, mirroring } = await guarded(t, series, '1s');
      await load.goOn(100);
      stage.agent.hang();
      await guard.sees(/ open /);
      const log = `${stage.log.file}`;
      renameSync(log, `${log}.1`);
      await guard.sees(/half-open +a probe: mirroring is on for 10 %/);
      await guard.sees(/half-open [^\n]*\n[^\n]* open /);
      assert.match((await mirroring(['status'])).stdout, /^note +mirroring guard, process \d+ /m);
      stage.agent.signal('SIGCONT');
      await guard.sees(/the probe went well/);
      await load.goOn(50);
      assert.match((await mirroring(['status'])).stdout, /^mirroring +on$/m);
      const text = await metrics(guard);
      const steps = [
        ['closed', 'open'],
        ['open', 'half-open'],
        ['half-open', 'open'],
        ['half-open', 'closed'],
      ];
      for (const [from, to] of steps)
        assert.match(text, new RegExp(`^spoe_logs_guard_transitions_total\\{from="${from}",to="${to}"\\} [1-9]`, 'm'));
      await load.stop();
      assert.deepEqual(load.failures, []);
      guard.child.kill('SIGTERM');
      assert.match((await guard.ended).stdout, /ending: mirroring stays on, without a guard\n$/);
    },
  );

  test(
    `HAProxy ${series}: a reload does not undo what the guard has switched, a person does`,
    options(series),
    async (t) => {
      const { stage, socket, mirroring } = await setSwitched(t, series, { reloadable: true });
      const log = join(stage.folder, 'haproxy.log');
      writeFileSync(log, '');
      const guard = new LiveRun(guardArgs(socket, log, '10m'));
      await guard.sees('guarding it');
      appendFileSync(log, trouble(10));
      await guard.sees(/ open +/);
      await stage.haproxy.reload();
      await guard.sees('HAProxy was reloaded and its map said on: it is off again');
      assert.match((await mirroring(['status'])).stdout, /^mirroring +off$/m);
      await mirroring(['on']);
      await guard.sees('somebody else has switched to on: guarding it');
      guard.child.kill('SIGTERM');
      await guard.ended;
    },
  );

  test(
    `HAProxy ${series}: the guard leaves what a raw set map has switched, on and off`,
    options(series),
    async (t) => {
      const { stage, map, socket, mirroring } = await setSwitched(t, series, { hasSample: true });
      const [log, later] = ['one.log', 'two.log'].map((name) => join(stage.folder, name)) as [string, string];
      for (const file of [log, later]) writeFileSync(file, '');
      const raw = (value: string) => new RuntimeApi({ path: socket }).ask(`set map ${map} mirroring ${value}`);
      const state = async () => (await mirroring(['status'])).stdout;
      const open = new LiveRun(guardArgs(socket, log, '10m'));
      await open.sees('guarding it');
      appendFileSync(log, trouble(10));
      await open.sees(/ open +/);
      assert.equal(await raw('on'), '');
      await open.sees('somebody else has switched to on: guarding it');
      open.child.kill('SIGTERM');
      assert.match((await open.ended).stdout, /ending: mirroring stays on/);
      assert.doesNotMatch(await state(), /^note/m);
      const probing = new LiveRun(guardArgs(socket, later, '1s'));
      await probing.sees('guarding it');
      appendFileSync(later, trouble(20));
      await probing.sees(/half-open +a probe/);
      assert.equal(await raw('off'), '');
      await probing.sees('somebody else has switched to off: waiting until it is switched on');
      probing.child.kill('SIGHUP');
      assert.match((await probing.ended).stdout, /standby +ending: mirroring stays off, without a guard\n$/);
      assert.match(await state(), /^mirroring +off$/m);
      assert.doesNotMatch(await state(), /^note/m);
    },
  );
}

/** Five events that failed. */
function trouble(sid: number): string {
  const line = (at: number) =>
    `Nov 22 06:57:12 lb1 haproxy[7]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${at} st=1 9000 1/${at}\n`;
  return Array.from({ length: 5 }, (_, i) => line(sid + i)).join('');
}

const CLIENTS = 8;
/** Of a log of before: nobody may take it for what happens now. */
const OLD_TROUBLE =
  'Nov 22 06:57:11 lb1 haproxy[7]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=6 st=1 9000 1/4\n';

function guardArgs(socket: string, log: string, pause: string): string[] {
  const budget = ['--max-p99', '900ms', '--max-error-rate', '20%'];
  const pace = ['--pause', pause, '--probe', '10%', '--probe-time', '1s', '--min-events', '10'];
  return ['mirroring', 'guard', ...budget, ...pace, '--listen', '127.0.0.1:0', '--socket', socket, log];
}

/** A stage with a guard and a load. The agent has so long to answer as one that works never needs, however busy the machine is. */
async function guarded(t: TestContext, series: Series, pause: string) {
  const { stage, socket, mirroring } = await setSwitched(t, series, { hasSample: true, extra: { processing: '2s' } });
  const log = join(stage.folder, 'haproxy.log');
  writeFileSync(log, OLD_TROUBLE.repeat(50));
  stage.log.file = log;
  const guard = new LiveRun(guardArgs(socket, log, pause));
  await guard.sees('guarding it');
  return { stage, mirroring, guard, load: new Load(t, stage.haproxy.frontPort, { clients: CLIENTS }) };
}

/** Events that the agent did not answer. */
function timeouts(stage: Stage): number {
  return stage.log.lines.filter((line) => line.includes(' st=1 ')).length;
}

async function metrics(guard: LiveRun): Promise<string> {
  await guard.sees(/metrics at \S+\/metrics/);
  const url = /metrics at (\S+)/.exec(guard.said)?.[1] ?? '';
  return await (await fetch(url)).text();
}
