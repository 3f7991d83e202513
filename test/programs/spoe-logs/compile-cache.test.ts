/** Where compiled code is kept between starts: whoever can write there runs code as whoever starts the program. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-cache-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
/** Keeps nothing, and says what it was asked for. */
const spy = join(folder, 'spy.cjs');
const keeper = fileURLToPath(new URL('../../../bin/compiled-code.js', import.meta.url));
writeFileSync(
  spy,
  `require(${JSON.stringify(keeper)}).keepCompiledCode = (_, folder) => process.stderr.write('cache ' + folder + '\\n');\n`,
);

function cacheOf(program: 'spoe-logs' | 'spoa-mirror', cacheHome: string): string | undefined {
  const path = fileURLToPath(new URL(`../../../bin/${program}.js`, import.meta.url));
  const env = { ...process.env, XDG_CACHE_HOME: cacheHome };
  const args = ['--require', spy, path, '--version'];
  const { stderr, status } = spawnSync(process.execPath, args, { env, encoding: 'utf8', timeout: 60_000 });
  assert.equal(status, 0, 'it has started');
  return /^cache (.*)$/m.exec(stderr)?.[1];
}

let homes = 0;
function home(): string {
  const path = join(folder, `home-${homes++}`);
  mkdirSync(path, { mode: 0o755 });
  return path;
}

test('the cache is a folder of one’s own, made for nobody else', () => {
  const own = home();
  assert.equal(cacheOf('spoe-logs', own), join(own, 'spoe-logs'));
  assert.equal(cacheOf('spoe-logs', own), join(own, 'spoe-logs'));
});

test('a folder that others may write to, or one below such a folder, is not used', () => {
  const [shared, below] = [home(), home()];
  mkdirSync(join(shared, 'spoe-logs'));
  chmodSync(join(shared, 'spoe-logs'), 0o777);
  chmodSync(below, 0o777);
  const linked = home();
  symlinkSync(join(shared, 'spoe-logs'), join(linked, 'spoe-logs'));
  for (const path of [shared, below, linked]) assert.equal(cacheOf('spoe-logs', path), undefined, path);
});

const skip = process.getuid?.() === 0 ? false : 'only root can give a folder to somebody else';

test('a folder that somebody else planted, or can exchange, is not used', { skip }, () => {
  const [planted, theirs] = [home(), home()];
  mkdirSync(join(planted, 'spoe-logs'), { mode: 0o700 });
  chownSync(join(planted, 'spoe-logs'), 12345, 12345);
  chownSync(theirs, 12345, 12345);
  for (const path of [planted, theirs]) assert.equal(cacheOf('spoe-logs', path), undefined, path);
  assert.equal(existsSync(join(theirs, 'spoe-logs')), false, 'nothing is made in the home of somebody else');
});

test('a relative folder is none', () => {
  assert.notEqual(cacheOf('spoe-logs', 'relative-cache'), join(process.cwd(), 'relative-cache', 'spoe-logs'));
  assert.equal(existsSync('relative-cache'), false);
});

test('a home that cannot be written to costs the cache and nothing else', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  assert.equal(cacheOf('spoe-logs', file), undefined);
  // Where Linux lets nobody make a folder, and says that the one above is not there.
  assert.equal(cacheOf('spoe-logs', '/proc/none'), undefined);
});

test('the agent, which runs as a service, has none', () => {
  const own = home();
  assert.equal(cacheOf('spoa-mirror', own), undefined);
  assert.equal(existsSync(join(own, 'spoe-logs')), false);
});
