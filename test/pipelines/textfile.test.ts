/** pipelines/prometheus-textfile.sh, as cron runs it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TemporaryFolder } from '../logs/reading.ts';
import { STALL } from '../programs/spoe-logs/run.ts';

const SCRIPT = fileURLToPath(new URL('../../pipelines/prometheus-textfile.sh', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../../bin/spoe-logs.js', import.meta.url));
const skip = process.platform === 'win32' && 'a shell script';

const folder = new TemporaryFolder();
after(() => folder.remove());

function run(...args: readonly string[]) {
  const path = [dirname(folder.file('spoe-logs')), dirname(process.execPath), process.env.PATH].join(delimiter);
  const { status, stderr } = spawnSync('sh', [SCRIPT, ...args], {
    env: { ...process.env, PATH: path },
    encoding: 'utf8',
  });
  return { status, stderr };
}

test('metrics of the log, in a file that is replaced and that a failure leaves alone', { skip }, () => {
  symlinkSync(PROGRAM, folder.file('spoe-logs'));
  const file = folder.file('spoe_logs.prom');
  assert.deepEqual(run(STALL, file), { status: 0, stderr: '' });
  const text = readFileSync(file, 'utf8');
  assert.match(text, /^spoe_logs_events_total\{.*\} 20$/m);
  assert.match(text, /^spoe_logs_verdict\{status="degraded"\} 1$/m);

  const { status, stderr } = run(folder.file('nowhere.log'), file);
  assert.equal(status, 2);
  assert.match(stderr, /not-found/);
  assert.equal(run(folder.write('empty.log', ''), file).status, 2);
  assert.equal(readFileSync(file, 'utf8'), text);
  assert.equal(run().status, 2);
  // Nothing is left over that a collector would find.
  assert.deepEqual(
    readdirSync(dirname(file)).filter((name) => name.startsWith('spoe_logs.prom')),
    ['spoe_logs.prom'],
  );
});
