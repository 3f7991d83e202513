/** spoe-logs doctor before real HAProxies: all is well, then the agent stands still, then it is gone. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exchange, statusOf } from './client.ts';
import { missing, SERIES } from './haproxy.ts';
import { Stage } from './stage.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/spoe-logs.js', import.meta.url));

/** What it prints, a finding a line, and its exit code. */
function doctor(stage: Stage, ...args: string[]): Promise<{ code: number; findings: string }> {
  const config = join(stage.folder, 'haproxy.cfg');
  const mirror = `http://127.0.0.1:${stage.mirror.port}/`;
  const all = [PROGRAM, 'doctor', '--config', config, '--mirror', mirror, '--output', 'table', ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, all, (error, stdout) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, findings: stdout.replace(/\n {3,}/g, ' ') }),
    );
  });
}

for (const series of SERIES)
  test(`HAProxy ${series}: the doctor says what runs, and what is in the way`, {
    skip: missing(series),
    timeout: 300_000,
  }, async (t) => {
    const stage = await Stage.set(t, series, { agent: ['-c', 'pipelining'] });
    const before = await doctor(stage);
    assert.match(before.findings, /^‼ {2}backend \S+ has had no session, and no request came → send one$/m);
    for (let i = 0; i < 3; i++)
      assert.equal(
        statusOf(await exchange(stage.haproxy.frontPort, `GET /${i} HTTP/1.1\r\nhost: shop.example\r\n\r\n`)),
        200,
      );
    const well = await doctor(stage);
    for (const line of [
      new RegExp(`^√ {2}the Runtime API answers at \\S+: version ${series}\\.`, 'm'),
      /^√ {2}127.0.0.1:\d+ speaks SPOP 2.0: frames of \d+ bytes, pipelining$/m,
      /^‼ {2}POST, PUT, PATCH, DELETE are mirrored with the cookies and authorization of clients: .* → .*--methods GET,HEAD,OPTIONS /m,
      /^√ {2}backend \S+ has had \d+ sessions besides health checks$/m,
    ])
      assert.match(well.findings, line);
    await stage.agent.stop();
    const gone = await doctor(stage);
    assert.match(gone.findings, /^× {2}nobody listens at 127.0.0.1:\d+ → start the agent, or mend the server line$/m);
    assert.equal(gone.code, 1);
  });
