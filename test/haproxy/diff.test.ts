/** From HAProxy's log and the agent's record to the verdict: production is fine, the mirrored version breaks one route. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DiffReport } from '../../src/diff/model.ts';
import { LOGGING_SETTINGS } from '../../src/report/diff-logging-settings.ts';
import { until } from '../until.ts';
import { recordFile } from './agent.ts';
import { exchange, statusOf } from './client.ts';
import { missing, programOf, SERIES } from './haproxy.ts';
import { Stage } from './stage.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/spoe-logs.js', import.meta.url));
const ROUTES = ['/users/', '/orders/', '/img/', '/search?q='];
const REQUESTS = 400;

/** What `--print-haproxy-config` says. */
function printed(setting: string): string {
  const value = new RegExp(`^ +${setting} (.*)$`, 'm').exec(LOGGING_SETTINGS)?.[1];
  assert.ok(value, `no ${setting} is printed`);
  return value;
}

/** A new version whose orders fail each third time. */
async function startBrokenMirror(t: TestContext): Promise<number> {
  let orders = 0;
  const server = createServer((request, response) => {
    request.resume();
    response.statusCode = request.url?.startsWith('/orders/') && ++orders % 3 === 0 ? 500 : 200;
    response.end('new');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

for (const series of SERIES) {
  const options = { skip: missing(series), timeout: 300_000 };

  test(`HAProxy ${series}: the report names the broken route and no other`, options, async (t) => {
    const stage = await Stage.set(t, series, {
      mirrorPort: await startBrokenMirror(t),
      agent: ['-c', 'pipelining'],
      haproxy: { logFormat: printed('log-format').slice(1, -1) },
    });
    for (let i = 0; i < REQUESTS; i++) {
      const path = `${ROUTES[i % ROUTES.length]}${1000 + i}`;
      const answer = await exchange(stage.haproxy.frontPort, `GET ${path} HTTP/1.1\r\nHost: shop.example\r\n\r\n`);
      assert.equal(statusOf(answer), 200);
    }
    const isAccess = (line: string) => / fe_main be_servers\//.test(line);
    await until('all access lines', () => stage.log.lines.filter(isAccess).length === REQUESTS);
    await stage.agent.stop();
    await stage.haproxy.stop();
    const production = join(stage.folder, 'lb-access.log');
    writeFileSync(production, stage.log.lines.map((line) => `${line}\n`).join(''));
    const args = [
      PROGRAM,
      'diff',
      '--production',
      production,
      '--mirror',
      recordFile(stage.folder),
      '--format',
      'json',
    ];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 1);
    const report: DiffReport = JSON.parse(stdout);
    assert.equal(report.correlation.key, 'unique-id');
    assert.equal(report.coverage.paired, REQUESTS);
    assert.deepEqual([report.errors.newError, report.errors.fixedError], [Math.floor(REQUESTS / 4 / 3), 0]);
    const broken = report.verdict.gates.filter(
      ({ gate, status: state }) => gate === 'route-regression' && state === 'fail',
    );
    assert.deepEqual(
      broken.map(({ route }) => route),
      ['GET /orders/{…}'],
    );
    assert.equal(report.coverage.attempted, REQUESTS);
  });

  test(`HAProxy ${series} takes the configuration that is printed`, options, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-printed-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const place = '/etc/haproxy/spoe-mirror.conf';
    const [front = '', spoe = ''] = LOGGING_SETTINGS.split(`# ${place}`);
    writeFileSync(join(folder, 'spoe.conf'), `#${spoe}`);
    writeFileSync(join(folder, 'haproxy.cfg'), front.replace(place, join(folder, 'spoe.conf')));
    const { status, stderr } = spawnSync(programOf(series), ['-c', '-f', join(folder, 'haproxy.cfg')], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  });
}
