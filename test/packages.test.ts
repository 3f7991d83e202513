/** What `npm run package` made: the executables, and the .deb as it is installed. `.ci/run` makes it first. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, HELLO } from './spoa/client.ts';

const PACKAGES = process.env.SPOE_LOGS_PACKAGES;
const skip = PACKAGES === undefined && 'SPOE_LOGS_PACKAGES names no folder with what npm run package makes';
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOG = join(ROOT, 'fixtures/logs/corpus/haproxy-2.6.12--acl-sampling.log');
const DIFF = join(ROOT, 'fixtures/diff/3.0.11--broken-orders--');

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-packages-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Nothing of Node's is to be found: it is inside. */
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: folder };

function execute(program: string, args: readonly string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(join(PACKAGES ?? '', program), args, {
    env,
    cwd: '/',
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

function withNode(program: string, args: readonly string[]): string {
  return spawnSync(process.execPath, [join(ROOT, 'bin', `${program}.js`), ...args], { encoding: 'utf8' }).stdout;
}

test('the executable is both programs, and says what they say with Node', { skip }, () => {
  for (const [program, args] of [
    ['spoe-logs', ['--version']],
    ['spoe-logs', ['--help']],
    ['spoe-logs', ['summarize', LOG]],
    ['spoe-logs', ['parse', LOG]],
    ['spoe-logs', ['export', '--dry-run', LOG]],
    ['spoe-logs', ['diff', '--production', `${DIFF}production.log`, '--mirror', `${DIFF}mirror.jsonl`]],
    ['spoa-mirror', ['-h']],
    ['spoa-mirror', ['-V']],
  ] as const) {
    const { stdout, stderr } = execute(program, args);
    assert.equal(stderr, '', args.join(' '));
    assert.equal(stdout, withNode(program, args), args.join(' '));
  }
  assert.match(execute('spoe-logs', ['sumarize']).stderr, /did you mean summarize/);
  assert.equal(execute('spoa-mirror', []).code, 64);
});

/** Starts the agent as the unit does, for one request of HAProxy. */
async function mirrorsARequest(program: string, options: readonly string[], identity: object = {}): Promise<void> {
  const asked: string[] = [];
  const mirror = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(mirror, 'listening');
  const url = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
  const socket = join(mkdtempSync(join(tmpdir(), 'spoa-')), 'agent.sock');
  execFileSync('chmod', ['0777', join(socket, '..')]);
  const args = [...options, `-u${url}`, '-a', `unix:${socket}`, '-n2'];
  const agent = spawn(program, args, { env: { ...env, NOTIFY_SOCKET: '/nowhere' }, cwd: '/', ...identity });
  let said = '';
  for (const stream of [agent.stdout, agent.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  const ended = once(agent, 'close');
  try {
    while (!said.includes('ready on'))
      await Promise.race([once(agent.stdout, 'data'), ended.then(() => assert.fail(said))]);
    const haproxy = new Client(connect(socket));
    haproxy.hello(HELLO);
    await haproxy.until(1);
    haproxy.mirror(1, '/packaged');
    await once(mirror, 'request');
    await haproxy.until(2);
    haproxy.close();
  } finally {
    agent.kill('SIGTERM');
    mirror.closeAllConnections();
    mirror.close();
  }
  assert.equal((await ended)[0], 0, said);
  assert.deepEqual(asked, ['GET /packaged']);
  rmSync(join(socket, '..'), { recursive: true });
}

test('the executable starts itself again as workers', { skip }, async () => {
  await mirrorsARequest(join(PACKAGES ?? '', 'spoa-mirror'), ['-r0']);
});

test('the executable starts itself again as what compares for the verdict', { skip }, async () => {
  const at = (name: string) => join(folder, name);
  const args = ['-r0', '-a', `unix:${at('a.sock')}`, '--admin', `unix:${at('admin.sock')}`, '--record', at('record')];
  const agent = spawn(join(PACKAGES ?? '', 'spoa-mirror'), [...args, '--verdict-production', LOG], { env, cwd: '/' });
  let said = '';
  const ended = once(agent, 'close');
  for (const stream of [agent.stdout, agent.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  while (!/verdict: pid \d+ compares/.test(said))
    await Promise.race([once(agent.stdout, 'data'), ended.then(() => assert.fail(said))]);
  agent.kill('SIGTERM');
  assert.equal((await ended)[0], 0, said);
});

const debian = PACKAGES && readdirSync(PACKAGES).find((name) => name.endsWith('.deb'));
const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/dpkg') && !existsSync('/usr/bin/spoa-mirror');

test('the .deb is installed, its service starts with the options of the vendor’s page, and is removed', {
  skip: skip || (!mayInstall && 'this is not root on a Debian without spoe-logs'),
}, async () => {
  const dpkg = (...args: string[]) =>
    execFileSync('dpkg', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  dpkg('--force-depends', '--install', join(PACKAGES ?? '', debian ?? ''));
  try {
    assert.equal(
      execFileSync('spoe-logs', ['--version'], { env, encoding: 'utf8' }),
      withNode('spoe-logs', ['--version']),
    );
    const unit = readFileSync('/lib/systemd/system/spoa-mirror.service', 'utf8');
    assert.match(unit, /^EnvironmentFile=-\/etc\/default\/spoa-mirror$/m);
    assert.match(unit, /^ExecStart=\/usr\/bin\/spoa-mirror \$MIRROR_OPTIONS$/m);
    writeFileSync('/etc/default/spoa-mirror', 'MIRROR_OPTIONS="-D -r0"\n');
    const [uid, gid] = ['-u', '-g'].map((of) => Number(execFileSync('id', [of, 'spoa-mirror'], { encoding: 'utf8' })));
    const options = execFileSync('sh', ['-c', '. /etc/default/spoa-mirror; echo $MIRROR_OPTIONS'], {
      encoding: 'utf8',
    });
    await mirrorsARequest('/usr/bin/spoa-mirror', options.trim().split(' '), { uid, gid });
  } finally {
    dpkg('--purge', 'spoe-logs');
  }
  for (const path of ['/usr/bin/spoa-mirror', '/usr/bin/spoe-logs', '/etc/default/spoa-mirror'])
    assert.equal(existsSync(path), false, path);
});
