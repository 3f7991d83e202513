/**
 * What `config check --from 2.6 --for 3.2` says that an upgrade changes: the same configuration and agent, run with each
 * HAProxy. The rule that says so is named beside each statement.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../until.ts';
import { exchange, statusOf } from './client.ts';
import { missing, SERIES } from './haproxy.ts';
import { bodyOf, written } from './requests.ts';
import { Stage } from './stage.ts';

const FRAME = 8192;
const IDLE = 'timeout idle 300ms';

function get(target: string): string {
  return written({ method: 'GET', target, headers: [['Host', 'shop.example']] });
}

/** Lines of --trace-frames of this kind. */
function traced(file: string, kind: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes(` ${kind} `));
}

function spoeLines(stage: Stage): string[] {
  return stage.log.lines.filter((line) => line.includes('SPOE: [mirror]'));
}

for (const series of SERIES) {
  const options = { skip: missing(series), timeout: 300_000 };
  const isOld = series !== '3.2';

  test(`HAProxy ${series}: what a frame, a line and an idle connection are`, options, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-frames-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const frames = join(folder, 'frames.log');
    const stage = await Stage.set(t, series, {
      haproxy: { agent: [`max-frame-size ${FRAME}`, IDLE, 'option async', 'option send-frag-payload'] },
      agent: ['-n', '1', '-c', 'pipelining', '-c', 'fragmentation', '--trace-frames', frames],
    });
    for (const target of ['/a', '/b', '/c'])
      assert.equal(statusOf(await exchange(stage.haproxy.frontPort, get(target))), 200);
    const body = bodyOf(12_000);
    const headers = [
      ['Host', 'shop.example'],
      ['Content-Length', `${body.length}`],
    ] as const;
    await exchange(stage.haproxy.frontPort, written({ method: 'POST', target: '/large', headers, body }));
    await until('all lines', () => spoeLines(stage).length >= 4);

    // ignored-line: timeout idle
    const goodbyes = () => traced(frames, 'HAPROXY-DISCONNECT').filter((line) => line.includes(' status 2 '));
    if (isOld) await until('the idle connection ends', () => goodbyes().length > 0);
    // What it has written is whole then.
    await stage.agent.stop();

    // fragmentation-gone: async is no longer offered. What the agent is told of max-frame-size is the same.
    const hello = traced(frames, 'HAPROXY-HELLO').find((line) => line.includes('engine-id')) ?? '';
    assert.match(
      hello,
      new RegExp(`max-frame-size=${FRAME} capabilities="${isOld ? 'pipelining,async' : 'pipelining'}"`),
    );
    // upgrade-log-lines
    const pattern = isOld ? / st=0 \d+\/\d+\/\d+\/\d+\/\d+ \d+\/\d+ \d+\/\d+ \d+\/\d+$/ : / st=0 \d+ \d+\/\d+$/;
    assert.match(spoeLines(stage)[0] ?? '', pattern);
    // fragmentation-gone: what does not fit into a frame
    const codes = spoeLines(stage).map((line) => Number(/ st=(\d+) /.exec(line)?.[1]));
    assert.deepEqual(codes, [0, 0, 0, isOld ? 0 : 3]);
    assert.equal(traced(frames, 'UNSET').length > 0, isOld);
    // upgrade-stream-ids
    const ids = traced(frames, 'NOTIFY').map((line) => Number(/ stream=(\d+) /.exec(line)?.[1]));
    const sids = spoeLines(stage).map((line) => Number(/ sid=(\d+) /.exec(line)?.[1]));
    if (isOld) assert.deepEqual(ids, sids);
    else assert.ok(ids.every((id) => id % 2 === 1));
  });

  test(`HAProxy ${series}: an agent that is down is st=${isOld ? 2 : 257}`, options, async (t) => {
    // An agent that is slow to answer is none that is down.
    const haproxy = { check: 'inter 50ms fall 1', backend: ['timeout check 30s'] };
    const stage = await Stage.set(t, series, { haproxy, agent: ['-c', 'pipelining'] });
    await stage.agent.stop();
    await stage.log.says(/Server mirroragents\/agent1 is DOWN/);
    assert.equal(statusOf(await exchange(stage.haproxy.frontPort, get('/down'))), 200);
    await until('its line', () => spoeLines(stage).length >= 1);
    // upgrade-down-code
    assert.match(spoeLines(stage)[0] ?? '', isOld ? / st=2 -1\/-1\/-1\/-1\/0 / : / st=257 0 /);
  });
}
