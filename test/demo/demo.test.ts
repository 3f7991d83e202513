/** What `npm start` plays, as a program: it says what is true, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { sourceUrls } from '../../scripts/test-bundle.mjs';
import { Child } from '../child.ts';

const DEMO = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The demo compiled once: a compiler in each of a dozen starts would be half of what they take. */
const COMPILED = join(folder, 'demo.mjs');
before(async () => {
  await build({
    entryPoints: [DEMO],
    outfile: COMPILED,
    plugins: [sourceUrls],
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  });
});

/** HAPROXY or the one on PATH, and those below SPOE_LOGS_HAPROXIES, which other tests use. */
const series = process.env.SPOE_LOGS_HAPROXIES ?? '';
const haproxies = [
  process.env.HAPROXY ?? 'haproxy',
  ...['2.6', '3.0', '3.2'].map((name) => join(series, name, 'haproxy')),
];
const found = haproxies.filter((command) => spawnSync(command, ['-v']).status === 0);
/** util-linux's script gives a program a terminal; the one of other systems has other options. */
const hasScript = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');

const CURSOR_UP = new RegExp(`${'\u001b'}\\[\\d+A`, 'g');

interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** The demo with a folder of its own for temporary files, and what it left there. */
class Play extends Child {
  readonly temporary: string;

  constructor(env: NodeJS.ProcessEnv, [command = '', ...args]: readonly string[] = [process.execPath, COMPILED]) {
    const { NODE_OPTIONS: _1, NO_COLOR: _2, FORCE_COLOR: _3, ...inherited } = process.env;
    const temporary = mkdtempSync(join(folder, 'tmp-'));
    super(command, args, {
      env: { ...inherited, TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.temporary = temporary;
  }

  async outcome(): Promise<Outcome> {
    const code = await this.exit;
    return { code, output: this.stdout, errors: this.stderr };
  }

  /** Files, and programs that were told of this folder: the agent and HAProxy. */
  leftovers(): string[] {
    const files = readdirSync(this.temporary);
    if (!existsSync('/proc/self/cmdline')) return files;
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return [...files, ...pids.map(readCommand).filter((command) => command.includes(this.temporary))];
  }
}

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // It has ended meanwhile.
  }
}

const ACTS = ['healthy', 'mirror ill', 'agent stopped', 'agent started'];

/** What holds whoever plays HAProxy. */
function assertStory({ code, output, errors }: Outcome): void {
  assert.equal(code, 0, output + errors);
  assert.equal(errors, '');
  assert.match(output, /^DEGRADED from .*, recovered/m);
  assert.match(output, /^ +unlogged 0 · restarts 0$/m);
  const rows = ACTS.map((act) => {
    const numbers = new RegExp(`^${act} +(\\d+) +(\\d+) .*\\|(.*)$`, 'm').exec(output);
    assert.ok(numbers, `no row of ${act} in ${output}`);
    return { st0: Number(numbers[1]), failed: Number(numbers[2]), mirrored: (numbers[3] as string).trim().split(/ +/) };
  });
  const [healthy, ill, stopped, started] = rows as [
    (typeof rows)[0],
    (typeof rows)[0],
    (typeof rows)[0],
    (typeof rows)[0],
  ];
  assert.match(output, /\| +200 +201 +404 +500 +latency p50 +p99$/m);
  assert.ok(healthy.st0 > 50 && ill.st0 > 50 && stopped.failed > 50 && started.st0 > 50, output);
  assert.ok(Number(healthy.mirrored[3]) < Number(ill.mirrored[3]), 'the ill mirror answers more 500s');
  assert.ok(Number(ill.mirrored[4]) >= 150, 'the ill mirror is slow');
  assert.match(output, /^Log and record agree: all \d+ acknowledged requests \(st=0\) are in the record;$/m);
  assert.match(
    output,
    /^FAIL — GET \/products\/\{…\}: \$\.price\.amount changed from number to string /m,
    'the new version is found out',
  );
  assert.match(output, /^worse \$\.price\.amount +GET \/products\/\{…\} +number → string in 100 % /m);
}

test('a built-in client plays HAProxy: the story comes true, nothing is left', async () => {
  const play = new Play({ HAPROXY: 'none' });
  const outcome = await play.outcome();
  assertStory(outcome);
  assert.match(outcome.output, /a built-in SPOP client plays its part/);
  assert.deepEqual(play.leftovers(), []);
});

test('a real HAProxy, where there is one', { skip: found.length === 0 && 'no haproxy on PATH' }, async (t) => {
  for (const haproxy of found) {
    await t.test(haproxy, async () => {
      const play = new Play({ HAPROXY: haproxy });
      const outcome = await play.outcome();
      assertStory(outcome);
      assert.match(outcome.output, /^with HAProxy \d+\.\d+/m);
      assert.match(outcome.output, /^Production answered all \d+ requests of clients as ever\.$/m);
      assert.deepEqual(play.leftovers(), []);
    });
  }
});

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} ends everything that was started`, async () => {
    const play = new Play({ HAPROXY: 'none' });
    await play.sees(/the mirror is ill/);
    assert.notDeepEqual(play.leftovers(), []);
    play.child.kill(signal);
    const { code, output, errors } = await play.outcome();
    assert.equal(code, exitCode);
    assert.equal(errors, '');
    assert.match(output, /^(HEALTHY|DEGRADED)/m, 'the summary of what was read until then');
    assert.deepEqual(play.leftovers(), []);
  });
}

test('a haproxy on PATH that does not start is said, and played', async () => {
  const bin = mkdtempSync(join(folder, 'bin-'));
  const alert = '[ALERT] (1) : no such filter';
  writeFileSync(
    join(bin, 'haproxy'),
    `#!/bin/sh\n[ "$1" = -v ] && echo 'HAProxy version 1.6.9' && exit\necho '${alert}' >&2\nexit 1\n`,
  );
  chmodSync(join(bin, 'haproxy'), 0o755);
  const PATH = `${bin}${delimiter}${process.env.PATH}`;
  const play = new Play({ HAPROXY: '', PATH });
  await play.sees(/the haproxy on PATH does not start: a built-in SPOP client plays its part\n {2}\[ALERT\] \(1\)/);
  play.child.kill('SIGTERM');
  assert.equal((await play.outcome()).code, 143);
  const asked = new Play({ HAPROXY: join(bin, 'haproxy') });
  const { code, errors } = await asked.outcome();
  assert.equal(code, 1);
  assert.equal(errors, `spoe-logs: ${join(bin, 'haproxy')} does not start: ${alert} (no-haproxy)\n`);
  assert.deepEqual(asked.leftovers(), []);
});

test('HAPROXY that names no HAProxy is an error of one line', async () => {
  // As it is started by hand.
  const asTyped = [process.execPath, '--import', 'tsx', DEMO];
  const play = new Play({ HAPROXY: '/no/haproxy', TSX_DISABLE_CACHE: '1' }, asTyped);
  const { code, output, errors } = await play.outcome();
  assert.equal(code, 1);
  assert.equal(output, '');
  assert.equal(errors, 'spoe-logs: HAPROXY=/no/haproxy is no HAProxy that runs here (no-haproxy)\n');
});

test('on a terminal nothing is written into the screen', { skip: !hasScript && 'no util-linux script' }, async () => {
  const command = `stty cols 100 rows 60; '${process.execPath}' '${COMPILED}'`;
  const env = { HAPROXY: 'none', CI: '1', TERM: 'xterm', NO_COLOR: '1' };
  const play = new Play(env, ['script', '-qefc', command, join(folder, 'typescript')]);
  const { code, output } = await play.outcome();
  assert.equal(code, 0, output);
  const moves = [...output.matchAll(CURSOR_UP)].map(({ index }) => index);
  assert.ok(moves.length > 3, 'the screen is redrawn');
  const story = output.search(/Z {2}the agent is started again/);
  assert.ok(story > 0 && story < (moves[0] as number), 'the story is told before');
  const between = output.slice(moves[0], moves.at(-1));
  assert.doesNotMatch(between, /Z {2}the agent|act by act|Log and record/);
});
