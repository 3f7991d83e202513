/** gates/ask.sh, with the machine's curl. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VerdictServer } from './verdict-server.ts';
import { Workplace } from './workplace.ts';

const SCRIPT = fileURLToPath(new URL('../../gates/ask.sh', import.meta.url));

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('ask.sh', { skip: process.platform === 'win32' || !hasCurl() ? 'curl is not installed' : false }, () => {
  let server: VerdictServer;
  let place: Workplace;
  before(async () => {
    server = await VerdictServer.start();
  });
  after(() => server.stop());
  beforeEach(() => {
    place = new Workplace();
    server.asked.length = 0;
    server.refusal = undefined;
    // Time passes at once.
    place.program('sleep', 'echo "$1" >> slept');
    place.write('slept', '');
  });
  afterEach(() => place.remove());

  const ask = (env: { readonly [name: string]: string } = {}, url = server.url) =>
    place.run([SCRIPT, url, '1'], { http_proxy: '', ...env });

  test('PASS is 0 and FAIL is 1, at once, with the words of the server', async () => {
    server.verdict = 'PASS';
    assert.deepEqual(await ask(), { code: 0, stdout: 'PASS\nwhy\n', stderr: '' });
    server.verdict = 'FAIL';
    assert.deepEqual(await ask(), { code: 1, stdout: 'FAIL\nwhy\n', stderr: '' });
    assert.equal(place.read('slept'), '');
  });

  test('INCONCLUSIVE is asked again to the end, and then 3', async () => {
    server.verdict = 'INCONCLUSIVE';
    assert.deepEqual(await ask({ SPOE_LOGS_EVERY: '20' }), {
      ...{ code: 3, stdout: 'INCONCLUSIVE\nwhy\n' },
      stderr: `waiting: ${server.url} answered 503: INCONCLUSIVE\n`,
    });
    assert.equal(server.asked.length, 3);
    assert.equal(place.read('slept'), '20\n20\n');
  });

  test('no answer, or one of something else, is 2 at the end, and never a PASS', async () => {
    const gone = await VerdictServer.start();
    const { url } = gone;
    await gone.stop();
    const unreached = await ask({ SPOE_LOGS_EVERY: '30' }, url);
    assert.deepEqual([unreached.code, unreached.stdout], [2, '']);
    assert.match(unreached.stderr, new RegExp(`no verdict: ${url} answered 000\\n$`));
  });

  test('what waiting cannot mend is 2 at once, with the words of the server', async () => {
    for (const status of [400, 401, 403, 404, 421]) {
      server.refusal = { status, text: 'why \u001b[31mnot\nmore\n' };
      const stderr = `no verdict: ${server.url} answered ${status}: why [31mnot\n`;
      assert.deepEqual(await ask(), { code: 2, stdout: '', stderr });
    }
    assert.equal(server.asked.length, 5);
    assert.equal(place.read('slept'), '');
  });

  test('a server or proxy that is not well is asked again, and each change of that is told', async () => {
    server.verdict = 'PASS';
    for (const status of [429, 502]) {
      server.refusal = { status, text: 'busy\n', times: 2 };
      assert.deepEqual(await ask({ SPOE_LOGS_EVERY: '20' }), {
        ...{ code: 0, stdout: 'PASS\nwhy\n' },
        stderr: `waiting: ${server.url} answered ${status}: busy\n`,
      });
    }
    server.verdict = 'INCONCLUSIVE';
    server.refusal = { status: 502, text: 'busy\n', times: 1 };
    const { stderr } = await ask({ SPOE_LOGS_EVERY: '20' });
    assert.deepEqual(
      [...stderr.matchAll(/answered (\d+)/g)].map(([, status]) => status),
      ['502', '503'],
    );
  });

  test('it asks with the token, which is in no argument, and since when the release runs', async () => {
    server.verdict = 'PASS';
    await ask({ SPOE_LOGS_TOKEN: 'secret', SPOE_LOGS_SINCE: '2026-11-27T12:00:00Z' });
    assert.deepEqual(server.asked, [
      { what: 'GET /verdict/promote?since=2026-11-27T12:00:00Z', authorization: 'Bearer secret', body: '' },
    ]);
  });
});
