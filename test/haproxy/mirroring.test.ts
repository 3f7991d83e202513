/** The switch of mirroring, with the configuration of the vendor's page and real HAProxies. */
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { LiveRun } from '../programs/spoe-logs/run.ts';
import { until } from '../until.ts';
import { countAccesses } from './evidence.ts';
import { missing, SERIES, type Series } from './haproxy.ts';
import { MAP_TEXT, setSwitched } from './mirroring.ts';
import type { Stage } from './stage.ts';

const options = (series: Series) => ({ skip: missing(series), timeout: 300_000 });

function eventsOf(stage: Stage): number {
  return stage.log.lines.filter((line) => line.includes('SPOE: [mirror] <EVENT:')).length;
}

for (const series of SERIES) {
  test(
    `HAProxy ${series}: off mirrors nothing, on everything, by socket, TCP and master, and what a reload restores is said`,
    options(series),
    async (t) => {
      const { stage, map, tcpPort, ask, mirroring, sent } = await setSwitched(t, series, { reloadable: true });
      await ask(5);
      const off = await mirroring(['off']);
      assert.deepEqual(off, {
        code: 0,
        stderr: '',
        stdout: `mirroring is off (was on)\na reload restores on: so says ${map}\n`,
      });
      await ask(7);
      const on = await mirroring(['on'], `127.0.0.1:${tcpPort}`);
      assert.equal(on.stdout, `mirroring is on (was off)\na reload restores on: so says ${map}\n`);
      await ask(3);
      await mirroring(['off'], join(stage.folder, 'master.sock'));
      await ask(4);
      const status = await mirroring(['status', '--format', 'json']);
      const { mirroring: state, reload, canSample } = JSON.parse(status.stdout);
      assert.deepEqual([state, reload, canSample], [{ state: 'off', rate: 0 }, { state: 'on', rate: 1 }, false]);
      await stage.haproxy.reload();
      await ask(2);
      const evidence = await stage.end(sent());
      assert.equal(evidence.events.length, 5 + 3 + 2);
      assert.equal(stage.mirror.requests.length, 10);
      assert.equal(stage.production.requests.length, 21);
    },
  );

  test(
    `HAProxy ${series}: --save is in the file after a reload, beside all that stood there`,
    options(series),
    async (t) => {
      const { stage, map, ask, mirroring, sent } = await setSwitched(t, series, { reloadable: true });
      chmodSync(map, 0o604);
      const off = await mirroring(['off', '--save']);
      assert.deepEqual([off.code, off.stdout], [0, `mirroring is off (was on), and ${map} says so, too\n`]);
      assert.equal(readFileSync(map, 'utf8'), MAP_TEXT.replace('mirroring on', 'mirroring off'));
      assert.equal(statSync(map).mode & 0o777, 0o604);
      await stage.haproxy.reload();
      await ask(3);
      const evidence = await stage.end(sent());
      assert.equal(evidence.events.length, 0);
    },
  );

  test(
    `HAProxy ${series}: by the master, a process of before a reload is switched off, too`,
    options(series),
    async (t) => {
      const { stage, mirroring } = await setSwitched(t, series, { reloadable: true });
      // A client that stays on the old process.
      const client = connect({ port: stage.haproxy.frontPort, host: '127.0.0.1' });
      t.after(() => client.destroy());
      let answers = '';
      client.setEncoding('latin1').on('data', (part) => {
        answers += part;
      });
      const get = async (count: number) => {
        client.write('GET /kept HTTP/1.1\r\nHost: shop.example\r\n\r\n');
        await until(`${count} answers`, () => answers.split('HTTP/1.1 200').length > count);
      };
      // Headers that are begun keep a connection from being closed by the reload.
      await get(1);
      client.write('GET /held HTTP/1.1\r\nHost: shop.example\r\n');
      const old = await stage.haproxy.reload();
      const off = await mirroring(['off'], join(stage.folder, 'master.sock'));
      assert.match(off.stdout, /^mirroring is off \(was on\)\n.*\nswitched in 1 old process, too\n$/);
      const status = await mirroring(['status'], join(stage.folder, 'master.sock'));
      assert.match(status.stdout, new RegExp(`^old process +${old}: off$`, 'm'));
      client.write('\r\n');
      await until('2 answers', () => answers.split('HTTP/1.1 200').length > 2);
      const evidence = await stage.end(2);
      assert.equal(evidence.events.length, 1);
    },
  );

  test(`HAProxy ${series}: sample mirrors about its part, and none, and all`, options(series), async (t) => {
    const { stage, ask, mirroring, sent } = await setSwitched(t, series, { hasSample: true });
    const tenth = await mirroring(['sample', '10%']);
    assert.match(tenth.stdout, /^mirroring is on for 10 % \(was on\)\n/);
    await ask(300);
    const status = await mirroring(['status']);
    assert.match(status.stdout, /^mirroring +on for 10 %$/m);
    await mirroring(['off']);
    await until('300 access lines', () => countAccesses(stage.log) >= 300);
    const sampled = eventsOf(stage);
    // Outside of this once in ten million runs.
    assert.ok(sampled >= 6 && sampled <= 62, `${sampled} of 300`);
    await ask(20);
    await mirroring(['on']);
    await ask(20);
    const evidence = await stage.end(sent());
    assert.equal(evidence.events.length, sampled + 20);
  });

  test(
    `HAProxy ${series}: --for switches back when it is told to end, and leaves alone what somebody else has switched`,
    options(series),
    async (t) => {
      const { map, socket, mirroring } = await setSwitched(t, series);
      const args = (action: string) => ['mirroring', action, '--for', '30m', '--socket', socket];
      const first = new LiveRun(args('off'));
      await first.sees('this process waits for it');
      const status = await mirroring(['status']);
      assert.match(status.stdout, new RegExp(`^note +process ${first.child.pid} on \\S+ switches back to on at `, 'm'));
      first.child.kill('SIGTERM');
      const { code, stdout, stderr } = await first.ended;
      assert.deepEqual([code, stderr], [130, '']);
      assert.ok(stdout.endsWith(`mirroring is on (was off)\na reload restores on: so says ${map}\n`), stdout);
      const second = new LiveRun(args('off'));
      await second.sees('this process waits for it');
      await mirroring(['off']);
      second.child.kill('SIGINT');
      const outcome = await second.ended;
      assert.match(
        outcome.stderr,
        /^spoe-logs: mirroring is off by somebody else, or by a reload: it is left so \(switched-meanwhile\)\n$/,
      );
      assert.match((await mirroring(['status'])).stdout, /^mirroring +off$/m);
    },
  );
}
