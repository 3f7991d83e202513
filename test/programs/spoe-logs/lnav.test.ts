import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { TemporaryFolder } from '../../logs/reading.ts';
import { spoeLogs } from './one-process.ts';

const FORMAT = readFileSync(new URL('../../../pipelines/haproxy_spoe_log.json', import.meta.url), 'utf8');
const FILE = 'formats/installed/haproxy_spoe_log.json';

const folder = new TemporaryFolder();
after(() => folder.remove());
let homes = 0;

/** A home of its own, with these folders in it. */
function makeHome(...folders: readonly string[]): string {
  const home = folder.file(`home-${homes++}`);
  for (const name of ['', ...folders]) mkdirSync(join(home, name), { recursive: true });
  return home;
}

function lnav(home: string, ...args: readonly string[]) {
  return spoeLogs(['lnav', ...args], { env: { HOME: home, XDG_CONFIG_HOME: undefined } });
}

test('--print writes the format of pipelines/', async () => {
  const { code, stdout, stderr } = await lnav(makeHome(), '--print');
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.deepEqual(JSON.parse(stdout), JSON.parse(FORMAT));
});

test('one of --install and --print is asked for', async () => {
  const refused = {
    code: 2,
    stdout: '',
    stderr: 'spoe-logs: lnav takes one of --install and --print (usage); see spoe-logs lnav --help\n',
  };
  assert.deepEqual(await lnav(makeHome()), refused);
  assert.deepEqual(await lnav(makeHome(), '--install', '--print'), refused);
});

describe('--install', () => {
  test('writes it where lnav looks, and again changes nothing', async () => {
    const home = makeHome('.config');
    const path = join(home, '.config/lnav', FILE);
    assert.deepEqual(await lnav(home, '--install'), { code: 0, stdout: `wrote ${path}\n`, stderr: '' });
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), JSON.parse(FORMAT));
    assert.deepEqual(await lnav(home, '--install'), { code: 0, stdout: `${path} is there already\n`, stderr: '' });
    assert.ok(!existsSync(`${path}.old`));
  });

  test('takes the folder that lnav takes', async () => {
    const none = makeHome();
    await lnav(none, '--install');
    assert.ok(existsSync(join(none, '.lnav', FILE)));
    const both = makeHome('.lnav', '.config');
    await lnav(both, '--install');
    assert.ok(existsSync(join(both, '.lnav', FILE)));
    const [home, xdg] = [makeHome('.config'), makeHome()];
    await spoeLogs(['lnav', '--install'], { env: { HOME: home, XDG_CONFIG_HOME: xdg } });
    assert.ok(existsSync(join(xdg, 'lnav', FILE)));
    const missing = join(xdg, 'missing');
    await spoeLogs(['lnav', '--install'], { env: { HOME: home, XDG_CONFIG_HOME: missing } });
    assert.ok(existsSync(join(home, '.config/lnav', FILE)));
    assert.ok(!existsSync(missing));
  });

  test('keeps an older one of its own as .old', async () => {
    const home = makeHome('.lnav/formats/installed');
    const path = join(home, '.lnav', FILE);
    const older = JSON.stringify({ haproxy_spoe_log: { description: 'Of spoe-logs: something' } });
    writeFileSync(path, older);
    assert.equal((await lnav(home, '--install')).stdout, `wrote ${path}, the former one is ${path}.old\n`);
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), JSON.parse(FORMAT));
    assert.equal(readFileSync(`${path}.old`, 'utf8'), older);
  });

  for (const foreign of ['', '{', '[]', 'null', '{"haproxy_spoe_log":{"description":"mine"}}', 'x'.repeat(2 << 20)]) {
    test(`leaves a file alone that is not its own: ${foreign.slice(0, 50)}`, async () => {
      const home = makeHome('.lnav/formats/installed');
      const path = join(home, '.lnav', FILE);
      writeFileSync(path, foreign);
      assert.deepEqual(await lnav(home, '--install'), {
        code: 2,
        stdout: '',
        stderr: `spoe-logs: ${path} is there, and not of this program (exists); move it away, or see lnav --print\n`,
      });
      assert.equal(readFileSync(path, 'utf8'), foreign);
    });
  }

  test('says why it cannot write', async () => {
    const home = makeHome('.lnav');
    writeFileSync(join(home, '.lnav/formats'), 'a file');
    const { code, stderr } = await lnav(home, '--install');
    assert.equal(code, 2);
    assert.match(stderr, /^spoe-logs: cannot write \S+haproxy_spoe_log\.json: E[A-Z]+ \(cannot-write\)\n$/);
  });
});
