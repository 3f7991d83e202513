/** spoa-mirror --check, and what the list of processes calls an agent. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { type TestContext, test } from 'node:test';
import { reservePort } from '../../ports.ts';
import { folder, fresh, Run, workersOf } from './program.ts';

async function portOf(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** What --check prints: a mark and a subject for each line, without the last one. */
async function check(...args: string[]) {
  const run = new Run(['--check', ...args]);
  const exitCode = await run.exit;
  const lines = run.stdout.trimEnd().split('\n');
  return {
    exitCode,
    stderr: run.stderr,
    sum: lines.pop(),
    lines: lines.map((line) => line.replace(/ {2,}/g, ' ')),
  };
}

test('all is well: the mirror is asked, nothing is left behind', async (t) => {
  const asked: string[] = [];
  const mirror = createHttp((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end();
  });
  const url = `http://127.0.0.1:${await portOf(t, mirror)}/base`;
  const files = { log: fresh('log'), record: fresh('record'), pid: fresh('pid'), agent: fresh('agent') };
  const found = await check(
    ...['-D', '-r0', '-u', url, '-a', `unix:${files.agent}`, '-F', files.pid, '-l', `a:${files.log}`],
    ...['--record', files.record, '--sample', '0%', '--methods', 'POST', '--check-request', 'HEAD'],
  );
  assert.deepEqual(found.lines, [
    'ok options can be read',
    found.lines[1],
    `ok logfile ${files.log} can be made`,
    `ok record ${files.record} can be made`,
    `ok pidfile ${files.pid} can be made`,
    `ok address unix:${files.agent} is free`,
    `ok mirror ${url} leads to 127.0.0.1`,
    found.lines[7],
  ]);
  assert.match(found.lines[7] ?? '', new RegExp(`^ok request HEAD ${url}: 200 in \\d+ ms$`));
  assert.deepEqual([found.exitCode, found.sum], [0, 'all is well for a start']);
  assert.deepEqual(asked, ['HEAD /base/']);
  for (const path of Object.values(files)) assert.equal(existsSync(path), false, path);
});

test('what the verdict needs: the toolkit, and a log that can be read', async () => {
  const [record, none] = [fresh('record'), fresh('none')];
  const found = await check(
    ...['-r0', '-a', `unix:${fresh('agent')}`, '--admin', `unix:${fresh('admin')}`, '--record', record],
    ...['--verdict-production', none],
  );
  const verdict = found.lines.filter((line) => line.includes(' verdict '));
  assert.match(verdict[0] ?? '', /^ok verdict compared by \S+spoe-logs\.js$/);
  assert.equal(verdict[1], `note verdict ${none} cannot be read (ENOENT): there is no PASS while that is so`);
});

test('each thing that is in the way is one line, and the exit code is that of a start', async (t) => {
  const port = await portOf(t, createServer());
  const existing = fresh('existing');
  writeFileSync(existing, 'kept');
  const cases: [string[], number, RegExp][] = [
    [['-a127.0.0.1', `-p${port}`], 70, /^fail address cannot listen on 127.0.0.1:\d+: the address is in use$/],
    [
      ['--admin', `127.0.0.1:${port}`],
      70,
      /^fail admin cannot listen on 127.0.0.1:\d+ for --admin: the address is in use$/,
    ],
    [['-l', existing], 255, /^fail logfile .*it exists, use a: to append/],
    [['--record', `${folder}/no/x`], 255, /^fail record .*there is no such folder/],
    [['--record', folder], 255, /^fail record .*it is a folder/],
    [['-F', `${folder}/no/x`], 255, /^fail pidfile .*there is no such folder/],
    [['--ca', existing], 64, /^fail mirror TLS --ca cannot be used/],
    [
      ['-u', `http://127.0.0.1:${port}`, '--check-request', 'HEAD'],
      70,
      /^fail request HEAD .*: (closed|timeout|reset)/,
    ],
    [['--user', 'no-such-user'], 64, /^fail account --user no-such-user: /],
  ];
  cases.push(
    [['-u', 'http://127.0.0.1/?a=b'], 64, /^fail options the destination http:\/\/127.0.0.1 has more than a path$/],
    [
      ['-u', 'http://127.0.0.1', '-I', 'nosuchif'],
      64,
      /^fail options "nosuchif" is neither an address nor an interface/,
    ],
    [['-u', 'http://127.0.0.1', '--set-header', 'Host: a'], 64, /^fail options the header Host cannot be set$/],
    [
      ['-u', 'https://127.0.0.1:1', '--cert', existing, '--key', existing, '--check-request', 'HEAD'],
      64,
      /^fail mirror TLS /,
    ],
  );
  for (const [args, exitCode, line] of cases) {
    const given = args[0] === '-a127.0.0.1' ? args : ['-a', `unix:${fresh('agent')}`, ...args];
    const found = await check(...given, '--response-timeout', '200ms');
    const failed = found.lines.filter((each) => each.startsWith('fail'));
    assert.equal(failed.length, 1, found.lines.join('\n') + found.stderr);
    assert.match(failed[0] ?? '', line);
    assert.equal(found.exitCode, exitCode, line.source);
    assert.match(found.sum ?? '', /^1 of \d+ would be in the way/);
  }
  assert.equal(readFileSync(existing, 'utf8'), 'kept');
});

test('a name that does not resolve and a mirror that answers 500', async (t) => {
  const broken = createHttp((_request, response) => response.writeHead(500).end());
  const url = `http://127.0.0.1:${await portOf(t, broken)}`;
  const found = await check(
    '-a',
    `unix:${fresh('agent')}`,
    '-u',
    'http://no.invalid',
    '-u',
    url,
    '--check-request',
    'GET',
  );
  assert.match(
    found.lines.join('\n'),
    /^note mirror http:\/\/no.invalid: its name does not resolve \(E\w+\); a start goes on/m,
  );
  assert.match(found.lines.join('\n'), /^fail request GET http:\/\/no.invalid: dns: /m);
  assert.match(found.lines.join('\n'), /^fail request GET http:\/\/127.0.0.1:\d+: it answers 500$/m);
  assert.deepEqual([found.exitCode, found.sum], [70, '2 of 6 would be in the way: see fail above']);
});

test('agent and admin on the same address are in each other’s way; all addresses may be admin’s', async () => {
  const port = await reservePort();
  const both = await check('-a127.0.0.1', `-p${port}`, '--admin', `127.0.0.1:${port}`);
  assert.match(both.lines.join('\n'), /^fail admin .*the address is in use$/m);
  const all = await check('-a', `unix:${fresh('agent')}`, '--admin', `*:${port}`);
  assert.equal(all.sum, 'all is well for a start');
});

test('variables of --otel are read', async () => {
  const run = new Run(['--check', '--otel', '-a', `unix:${fresh('agent')}`], { OTEL_EXPORTER_OTLP_PROTOCOL: 'foo' });
  assert.equal(await run.exit, 64);
  assert.match(run.stdout, /^fail {2}otel .*"foo" is no protocol/m);
});

/** Whether any user may run the file: it, and every folder above it, let others in. */
function isForAll(file: string): boolean {
  const above = dirname(file);
  return (statSync(file).mode & 0o001) !== 0 && (above === file || isForAll(above));
}

const isRoot = process.getuid?.() === 0 ? false : 'only root can become another one';

test('files of --user are its own, and what it could not open again is found', { skip: isRoot }, async () => {
  const [log, hidden] = [fresh('log'), fresh('hidden')];
  // A Node in somebody's home cannot be started by another user: that is found as well, and is all that is.
  const unread = isForAll(process.execPath) ? [] : [`fail rights ${process.execPath}`];
  writeFileSync(log, '');
  chownSync(log, 65_534, 65_534);
  chmodSync(folder, 0o755);
  const well = await check('-a', `unix:${fresh('agent')}`, '--user', '65534', '--group', '65534', '-l', `a:${log}`);
  const failed = well.lines.filter((line) => line.startsWith('fail')).map((line) => line.split(' cannot be read')[0]);
  assert.deepEqual([well.exitCode, failed], [unread.length === 0 ? 0 : 70, unread]);
  mkdirSync(hidden, { mode: 0o700 });
  const ill = await check(
    '-a',
    `unix:${fresh('agent')}`,
    '--user',
    '65534',
    '--group',
    '65534',
    '-l',
    `a:${hidden}/log`,
  );
  assert.equal(ill.exitCode, 255);
  assert.match(ill.lines.join('\n'), /^fail rights logfile .* cannot be opened again by .*uid 65534/m);
});

const isLinux = existsSync('/proc/self/comm') && availableParallelism() > 1;

test('the list of processes has spoa-mirror with its options, and its workers by number', {
  skip: isLinux ? false : 'no /proc, or one core only',
}, async () => {
  const run = new Run([
    '-r0',
    '-n2',
    '--min-workers=2',
    '-a',
    `unix:${fresh('agent')}`,
    '-x',
    'http://me:secret@proxy.invalid',
  ]);
  await run.says(/ready on unix:/);
  const pid = run.child.pid as number;
  const read = (of: number, name: string) => readFileSync(`/proc/${of}/${name}`, 'utf8').replaceAll('\0', ' ').trim();
  assert.equal(read(pid, 'comm'), 'spoa-mirror');
  assert.match(
    read(pid, 'cmdline'),
    /^spoa-mirror -r0 -n2 --min-workers=2 -a unix:\S+ -x http:\/\/\*\*\*@proxy.invalid$/,
  );
  assert.deepEqual(
    workersOf(pid).map((worker) => read(worker, 'cmdline')),
    ['spoa-mirror: worker 1', 'spoa-mirror: worker 2'],
  );
  run.child.kill('SIGTERM');
  assert.equal(await run.exit, 0);
});

test('a link that leads nowhere, a file that is no pidfile, and a pidfile that is the record as well', async () => {
  const [link, precious] = [fresh('link'), fresh('precious')];
  symlinkSync('/nowhere/at/all', link);
  writeFileSync(precious, 'kept\n');
  const agent = ['-a', `unix:${fresh('agent')}`];
  for (const option of ['--record', '--trace-frames']) {
    const found = await check(...agent, option, link);
    assert.match(found.lines.join('\n'), /^fail (record|trace) .*it is a symbolic link/m);
    assert.equal(found.exitCode, 255);
  }
  const pid = await check(...agent, '-F', precious);
  assert.match(pid.lines.join('\n'), /^fail pidfile .* is no pidfile: it holds something else, which would be lost$/m);
  const start = new Run(['-r0', ...agent, '-F', precious]);
  assert.equal(await start.exit, 255, start.stderr);
  const both = new Run(['-r0', ...agent, '-F', precious, '--record', precious]);
  assert.equal(await both.exit, 64, both.stderr);
  assert.equal(readFileSync(precious, 'utf8'), 'kept\n');
});
