/** The verdict that the agent serves: by a process of its own, and never a PASS that is not known. */
import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { mock, type TestContext, test } from 'node:test';
import { doubted, VerdictProcess } from '../../../src/programs/spoa-mirror/verdict.ts';
import { until, untilTrue } from '../../until.ts';
import { Logs, requests } from '../spoe-logs/served-lines.ts';
import { fresh, get, Run } from './program.ts';

const TEXT = 'text/plain; charset=utf-8';

// What compares gives way to every other program, and on a machine with enough of them it would not get on in the time of a test.
const HURRYING = fresh('hurrying.cjs');
writeFileSync(
  HURRYING,
  "require('node:os').setPriority = () => undefined;\nrequire('node:module').syncBuiltinESMExports();\n",
);
const env = { NODE_OPTIONS: `--require=${HURRYING}` };
mock.method(os, 'setPriority', () => undefined);
syncBuiltinESMExports();

/** What is answered once the process that compares has its turn: an answer has 5 s. */
async function answered(admin: string, path: string): ReturnType<typeof get> {
  return await until(`an answer to ${path}`, async () => {
    const answer = await get(admin, path);
    return !answer.body.startsWith('INCONCLUSIVE: not known\n') && answer;
  });
}

test('the agent serves the verdict, and starts the process that compares again', async () => {
  const [socket, admin, record, production] = [fresh('a.sock'), fresh('admin.sock'), fresh('record'), fresh('log')];
  writeFileSync(production, '');
  const run = new Run(
    [
      ...['-r0', '-n1', '-a', `unix:${socket}`, '--admin', `unix:${admin}`],
      ...['--record', record, '--verdict-production', production],
    ],
    env,
  );
  await run.says(/ready on/);
  await run.says(/verdict: pid \d+ compares/);
  const answer = await answered(admin, '/verdict');
  assert.equal(answer.status, 200, answer.body);
  const { schema, verdict, promote } = JSON.parse(answer.body);
  assert.deepEqual([schema, verdict, promote], ['spoe-logs/verdict/1', 'inconclusive', false]);
  assert.equal((await answered(admin, '/verdict/promote')).status, 503);
  assert.equal((await answered(admin, '/verdict/rollback')).status, 503);
  assert.equal((await answered(admin, '/verdict/promote?sinc=1')).status, 400);
  const pid = Number(/verdict: pid (\d+)/.exec(run.stdout)?.[1]);
  process.kill(pid, 'SIGKILL');
  await run.says(/ended with SIGKILL; it is started again/);
  const meanwhile = await get(admin, '/verdict/promote');
  assert.equal(meanwhile.status, 503);
  await untilTrue(() => run.stdout.split(/verdict: pid \d+/).length === 3);
  assert.equal(JSON.parse((await get(admin, '/stats')).body).verdict.restarted, 1);
  const next = Number(/[\s\S]*verdict: pid (\d+)/.exec(run.stdout)?.[1]);
  // An agent that is killed leaves no process behind.
  process.kill(run.pid as number, 'SIGKILL');
  await untilTrue(() => {
    try {
      return /^State:\s+Z/m.test(readFileSync(`/proc/${next}/status`, 'utf8'));
    } catch {
      return true;
    }
  });
});

test('200 of promote is a PASS over pairs, and that of rollback a FAIL', async (t) => {
  const [socket, admin, logs] = [fresh('a.sock'), fresh('admin.sock'), new Logs(t)];
  writeFileSync(logs.log, '');
  const run = new Run(
    [
      ...['-r0', '-n1', '-a', `unix:${socket}`, '--admin', `unix:${admin}`, '--record', logs.record],
      ...['--verdict-production', logs.log, '--verdict-grace', '1s', '--verdict-fail-on', 'new-errors>5'],
    ],
    { ...env, TZ: 'UTC' },
  );
  await run.says(/verdict: pid \d+ compares/);
  const status = async (path: string) => (await answered(admin, path)).status;
  const says = (path: string) =>
    until(`200 of ${path}`, async () => {
      const { status, body } = await get(admin, path);
      if (status === 200) return true;
      throw new Error(body);
    });
  logs.both(requests('good', 600, Date.now() + 1200));
  await says('/verdict/promote');
  assert.equal(await status('/verdict/rollback'), 412);
  const metrics = async () => (await get(admin, '/metrics')).body;
  await untilTrue(async () => /^spoa_mirror_verdict\{status="pass"\} 1$/m.test(await metrics()));
  assert.match(await metrics(), /^spoa_mirror_verdict_process_up 1$/m);
  logs.both(requests('bad', 600, Date.now() + 1200, { mirrorStatus: 500 }));
  await says('/verdict/rollback');
  assert.equal(await status('/verdict/promote'), 412);
  await untilTrue(async () => JSON.parse((await get(admin, '/stats')).body).verdict.verdict === 'fail');
  await run.end();
});

test('what is doubted is no PASS, and a FAIL stays one', () => {
  const of = (status: number) => ({ status, type: TEXT, body: 'x' });
  const status = (path: string, given: number) => doubted(path, of(given), ['lost']).status;
  assert.deepEqual(
    [200, 412, 503].map((given) => status('/verdict/promote', given)),
    [503, 412, 503],
  );
  assert.deepEqual(
    [200, 412, 503].map((given) => status('/verdict/rollback', given)),
    [200, 503, 503],
  );
  const pairs = { counted: 5, needed: 9, missing: 4 };
  const json = (verdict: string) => JSON.stringify({ verdict, promote: verdict === 'pass', reasons: ['known'], pairs });
  const taken = (verdict: string) =>
    JSON.parse(doubted('/verdict', { status: 200, type: TEXT, body: json(verdict) }, ['lost'], 'then').body);
  for (const verdict of ['pass', 'inconclusive'])
    assert.deepEqual(taken(verdict), {
      ...{ verdict: 'inconclusive', promote: false, reasons: ['lost', 'known'], failedAt: 'then' },
      pairs: { counted: 5, needed: null, missing: null },
    });
  assert.deepEqual(taken('fail'), JSON.parse(json('fail')));
});

test('who waits is told what waiting does not mend', () => {
  const text = (status: number, first: string) =>
    doubted('/verdict/promote', { status, type: TEXT, body: `${first}\n- known\n` }, ['lost']).body;
  assert.equal(text(200, 'PASS: 1,500 pairs so far'), 'INCONCLUSIVE: 1,500 pairs so far\n- lost\n- known\n');
  assert.equal(
    text(503, 'INCONCLUSIVE: 0 pairs so far, 432 more are needed if things go on like this'),
    'INCONCLUSIVE: 0 pairs so far\n- lost\n- known\n',
  );
});

test('without what it needs the agent does not start', async () => {
  const run = new Run(['-r0', '--verdict-production', 'x']);
  await run.sees(/needs --record FILE[\s\S]*needs --admin/);
  const one = new Run(['-r0', '--admin', '9', '--record', 'x', '--verdict-production', './x']);
  await one.sees(/--verdict-production and --record are one file/);
});

test('a gate that cannot be read is one before the start, and what leaves requests out is said', async () => {
  const needed = ['-r0', '--admin', '9', '--record', 'x', '--verdict-production', 'y'];
  const run = new Run([...needed, '--verdict-fail-on', 'error-rate>150%']);
  await run.sees(/--verdict-fail-on "error-rate>150%" is never crossed/);
  assert.equal(await run.exit, 64);
  const filtered = new Run([...needed, '--methods', 'GET', '--check']);
  await filtered.sees(/what --methods and --path leave out has no answer, so there is no PASS/);
  await filtered.exit;
});

test('the agent that samples says so to what compares', async () => {
  const [socket, admin, record, production] = [fresh('a.sock'), fresh('admin.sock'), fresh('record'), fresh('log')];
  writeFileSync(production, '');
  const run = new Run(
    [
      ...['-r0', '-n1', '-a', `unix:${socket}`, '--admin', `unix:${admin}`, '--sample', '7%'],
      ...['--record', record, '--verdict-production', production],
    ],
    env,
  );
  await run.says(/verdict: pid \d+ compares/);
  const pid = Number(/verdict: pid (\d+)/.exec(run.stdout)?.[1]);
  assert.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /--expect-coverage=7%\0/);
  await run.end();
});

test('who asks is told why the process does not start', async (t) => {
  const { verdict, lines } = withProgram(t, "console.error('spoe-logs: it cannot (why)'); process.exit(2);");
  await untilTrue(() => lines.some((line) => line.includes('ended with 2')));
  const { status, body } = await verdict.ask('/verdict/promote', '');
  assert.deepEqual(
    [status, body],
    [503, 'INCONCLUSIVE: not known\n- the process that compares is not up yet: it cannot (why)\n'],
  );
});

test('who asks after its death is told of that, and not what it said before', async (t) => {
  const { verdict, lines } = withProgram(
    t,
    "process.stderr.write('spoe-logs: all is well\\n', () => process.stdout.write('http://127.0.0.1:1/\\n'));\nsetInterval(() => {}, 1000);",
  );
  await untilTrue(() => lines.some((line) => line.includes('compares')));
  process.kill(Number(/pid (\d+) compares/.exec(lines.join('\n'))?.[1]), 'SIGKILL');
  await untilTrue(() => lines.some((line) => line.includes('ended with SIGKILL')));
  const { body } = await verdict.ask('/verdict/promote', '');
  assert.match(body, /not up yet: the last one ended with SIGKILL$/m);
});

/** In place of `spoe-logs serve`: what it answers is in a file beside it, nothing while there is none. */
const STUB = `
const { existsSync, readFileSync } = require('node:fs');
const answers = __filename + '.answers';
const server = require('node:http').createServer((request, response) => {
  if (!existsSync(answers)) return;
  const { status = 200, body } = JSON.parse(readFileSync(answers, 'utf8'))[request.url];
  response.statusCode = status;
  response.end(typeof body === 'number' ? 'x'.repeat(body) : JSON.stringify(body ?? {}));
});
server.listen(0, '127.0.0.1', () => process.stdout.write('http://127.0.0.1:' + server.address().port + '/\\n'));
process.once('disconnect', () => process.exit());
`;

/** What compares is this script instead. */
function withProgram(t: TestContext, script: string) {
  const program = fresh('program.cjs');
  writeFileSync(program, script);
  const lines: string[] = [];
  const lost = { count: 0 };
  const verdict = new VerdictProcess({
    ...{ production: ['log'], record: 'record', args: [], program, log: (line) => lines.push(line) },
    lostLines: async () => lost.count,
  });
  t.after(() => verdict.stop());
  verdict.start();
  return { verdict, lines, program, lost };
}

async function withStub(t: TestContext) {
  const { verdict, lines, program, lost } = withProgram(t, STUB);
  const pids = () => lines.flatMap((line) => /pid (\d+) compares/.exec(line)?.[1] ?? []);
  await untilTrue(() => pids().length === 1);
  return {
    verdict,
    pids,
    answers: (of: object) => {
      // It may be read at any time.
      writeFileSync(`${program}.new`, JSON.stringify(of));
      renameSync(`${program}.new`, `${program}.answers`);
    },
    lose: (count: number) => {
      lost.count += count;
    },
  };
}

test('one question more than 16 is turned away, and counted', async (t) => {
  const { verdict, answers } = await withStub(t);
  const asked = Array.from({ length: 16 }, () => verdict.ask('/verdict', ''));
  const { status, body } = await verdict.ask('/verdict', '');
  assert.deepEqual([status, verdict.stats.refused], [503, 1]);
  assert.match(body, /too many ask at once/);
  // They have 5 s.
  assert.deepEqual(
    (await Promise.all(asked)).map((answer) => answer.status),
    Array(16).fill(503),
  );
  assert.equal(verdict.stats.unanswered, 16);
  answers({ '/verdict': { body: 1024 * 1024 + 1 } });
  const long = await until('it has its turn', async () => {
    const answer = await verdict.ask('/verdict', '');
    return !answer.body.includes('timeout') && answer;
  });
  assert.equal(long.status, 503);
  assert.match(long.body, /too long/);
});

test('a PASS is none while the record has lost lines', async (t) => {
  const { verdict, answers, lose } = await withStub(t);
  answers({ '/verdict/promote': { status: 200 }, '/verdict': { body: { verdict: 'pass', reasons: [] } } });
  await untilTrue(async () => (await verdict.ask('/verdict/promote', '')).status === 200);
  await untilTrue(() => verdict.stats.verdict === 'pass');
  lose(1);
  const { status, body } = await verdict.ask('/verdict/promote', '');
  assert.equal(status, 503);
  assert.match(body, /the record has lost lines \(1\)/);
  await untilTrue(() => verdict.stats.verdict === 'inconclusive');
});

test('a FAIL that somebody was told is remembered by the next process', async (t) => {
  const { verdict, answers, pids } = await withStub(t);
  answers({
    '/verdict/rollback': { status: 200 },
    '/verdict': { body: { verdict: 'fail', failedAt: '2026-11-27T20:00:00Z' } },
  });
  await untilTrue(async () => (await verdict.ask('/verdict/rollback', '')).status === 200);
  answers({ '/verdict/promote': { status: 200 }, '/verdict': { body: { verdict: 'pass', failedAt: null } } });
  process.kill(Number(pids()[0]), 'SIGKILL');
  await untilTrue(() => pids().length === 2);
  const { status, body } = await verdict.ask('/verdict/promote', '');
  assert.equal(status, 503);
  assert.match(body, /it was FAIL at 2026-11-27T20:00:00Z/);
  assert.equal(verdict.stats.verdict, 'inconclusive');
});
