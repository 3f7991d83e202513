/** Rights of spoa-mirror: whom it becomes, which files it opens, and the rights of those it makes. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PidFile } from '../../../src/programs/spoa-mirror/pid-file.ts';
import { findAccount } from '../../../src/programs/spoa-mirror/privileges.ts';
import { untilTrue } from '../../until.ts';
import { client, folder, fresh, get, PROGRAM, Run, workersOf } from './program.ts';

const UID = 65_534;
const GID = 65_533;
const IDENTITY = ['--user', String(UID), '--group', String(GID)];

/** Node and the program may lie where nobody else gets to. */
function canOthersRun(): boolean {
  const script = `require('node:fs').accessSync(${JSON.stringify(PROGRAM)})`;
  return spawnSync(process.execPath, ['-e', script], { cwd: '/', uid: UID, gid: GID }).status === 0;
}
const isRoot = process.getuid?.() === 0;
const asRoot = {
  skip: !(process.platform === 'linux' && isRoot && canOthersRun()) && 'it takes root, and a program others may read',
};
const onLinux = { skip: process.platform !== 'linux' && 'there is no /proc elsewhere' };

/** A folder everybody gets to. */
function place(owner?: { uid: number; gid: number }): string {
  chmodSync(folder, 0o755);
  const made = mkdtempSync(join(folder, 'place-'));
  chmodSync(made, 0o755);
  if (owner !== undefined) chownSync(made, owner.uid, owner.gid);
  return made;
}

function idsOf(pid: number): { uids: string[]; gids: string[]; groups: string[] } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) => new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'm').exec(status)?.[1]?.split(/\s+/) ?? [];
  return { uids: read('Uid'), gids: read('Gid'), groups: read('Groups') };
}

const rightsOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const ownerOf = (path: string) => {
  const { uid, gid } = statSync(path);
  return `${uid}:${gid}`;
};

async function mirrorServer(t: TestContext): Promise<string> {
  const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

for (const workers of [1, 2]) {
  test(
    `-n ${workers}: --user and --group hold for every process; files and sockets are that user's; all goes on`,
    asRoot,
    async (t) => {
      const cwd = place({ uid: UID, gid: GID });
      const url = await mirrorServer(t);
      const files = ['-l', 'a:log', '--record', 'rec', '-F', 'pid', '--admin', 'unix:admin', '-a', 'unix:agent'];
      const run = new Run(
        ['-r0', `-n${workers}`, `--min-workers=${workers}`, '-u', url, ...IDENTITY, ...files],
        {},
        cwd,
      );
      const inside = (name: string) => join(cwd, name);
      const log = () => readFileSync(inside('log'), 'utf8');
      await untilTrue(() => existsSync(inside('log')) && log().includes('ready on'));
      const pid = run.child.pid as number;
      const [uids, gids] = [UID, GID].map((id) => Array(4).fill(String(id)));
      const processes = () => [pid, ...workersOf(pid)];
      assert.equal(processes().length, Math.min(workers, availableParallelism()) === 1 ? 1 : 3);
      for (const each of processes()) {
        const { groups, ...ids } = idsOf(each);
        assert.deepEqual(ids, { uids, gids });
        assert.ok(groups.includes(String(GID)) && !groups.includes('0'), groups.join(' '));
      }
      for (const name of ['log', 'rec', 'agent', 'admin']) assert.equal(ownerOf(inside(name)), `${UID}:${GID}`, name);
      assert.equal(ownerOf(inside('pid')), '0:0', 'whoever takes the agent over must not choose whom a script ends');
      assert.doesNotMatch(log(), /its folder is not one of|runs as root/);

      const haproxy = await client(inside('agent'));
      haproxy.mirror(1, '/x');
      await untilTrue(() => readFileSync(inside('rec'), 'utf8').includes('"path":"/x"'));
      assert.equal((await get(inside('admin'), '/healthz')).status, 200);

      for (const name of ['log', 'rec']) renameSync(inside(name), inside(`${name}.1`));
      run.child.kill('SIGHUP');
      await untilTrue(() => existsSync(inside('log')) && log().includes('reopened') && existsSync(inside('rec')));
      for (const name of ['log', 'rec'])
        assert.deepEqual([ownerOf(inside(name)), rightsOf(inside(name))], [`${UID}:${GID}`, '640']);

      const [worker] = workersOf(pid);
      if (worker !== undefined) {
        process.kill(worker, 'SIGKILL');
        await untilTrue(() => log().includes('it is replaced'));
        await untilTrue(() => workersOf(pid).length === 2);
        await untilTrue(async () => JSON.parse((await get(inside('admin'), '/stats')).body).workers.running >= 2);
        for (const each of processes()) assert.deepEqual(idsOf(each).uids, uids);
        assert.doesNotMatch(log(), /failed start/);
      }
      haproxy.close();
      run.child.kill('SIGTERM');
      assert.equal(await run.exit, 0, run.stderr);
      assert.match(log(), /stopped: /);
      assert.equal(existsSync(inside('pid')), false);
      assert.equal(existsSync(inside('agent')), false);
    },
  );
}

test(
  "in a folder that is root's the pidfile is emptied at the end, and the log says what rotation has to do",
  asRoot,
  async () => {
    const cwd = place();
    const run = new Run(['-r0', '-n1', '-a', 'unix:agent', ...IDENTITY, '-l', 'a:log', '-F', 'pid'], {}, cwd);
    const log = () => readFileSync(join(cwd, 'log'), 'utf8');
    await untilTrue(() => existsSync(join(cwd, 'log')) && log().includes('ready on'));
    assert.match(log(), /logfile \S+: its folder is not one of .*uid 65534, gid 65533/);
    renameSync(join(cwd, 'log'), join(cwd, 'log.1'));
    run.child.kill('SIGHUP');
    await untilTrue(() => readFileSync(join(cwd, 'log.1'), 'utf8').includes('the log stays where it is'));
    run.child.kill('SIGTERM');
    assert.equal(await run.exit, 0, run.stderr);
    assert.equal(readFileSync(join(cwd, 'pid'), 'utf8'), '');
    // Sockets and pidfiles that could not be removed are in nobody's way.
    const next = new Run(['-r1', '-n1', '-a', 'unix:agent', ...IDENTITY, '-F', 'pid'], {}, cwd);
    assert.equal(await next.exit, 0, next.stderr);
  },
);

test('a pipe as standard output stays what it is for record and log, whoever the agent becomes', asRoot, async (t) => {
  const url = await mirrorServer(t);
  for (const record of ['-', '/dev/stdout']) {
    const cwd = place();
    const options = [
      '-r0',
      '-n2',
      '--min-workers=2',
      '-u',
      url,
      '-a',
      'unix:agent',
      '-F',
      'pid',
      '-l',
      'a:/dev/stdout',
      '--record',
      record,
    ];
    const script = '"$0" "$@" | cat';
    const shell = spawn('sh', ['-c', script, process.execPath, PROGRAM, ...options, ...IDENTITY], { cwd });
    let text = '';
    shell.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    const closed = once(shell, 'close');
    await untilTrue(() => text.includes('ready on') || shell.exitCode !== null);
    const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'));
    const [worker] = workersOf(pid);
    if (worker !== undefined) {
      process.kill(worker, 'SIGKILL');
      await untilTrue(() => text.includes('it is replaced'));
      await untilTrue(() => workersOf(pid).length === 2);
    }
    process.kill(pid, 'SIGHUP');
    await untilTrue(() => text.includes('log reopened'));
    const haproxy = await client(join(cwd, 'agent'));
    haproxy.mirror(1, '/x');
    await untilTrue(() => text.includes('"path":"/x"'));
    haproxy.close();
    process.kill(pid, 'SIGTERM');
    await closed;
    assert.match(text, /stopped: /);
    assert.doesNotMatch(text, /EACCES|failed start/);
  }
});

test(
  'whoever cannot be become, and files that could not be opened again, are refused before anything is mirrored',
  asRoot,
  async () => {
    const cwd = place();
    writeFileSync(join(cwd, 'rec'), '');
    const cases: [Run, number, RegExp][] = [
      [
        new Run(['-r0', '-a', 'unix:a1', '--user', 'no such user'], {}, cwd),
        64,
        /--user no such user: \/etc\/passwd has no such user/,
      ],
      [
        new Run(['-r0', '-a', 'unix:a2', '--group', 'no such group'], {}, cwd),
        64,
        /--group no such group: \/etc\/group has/,
      ],
      [new Run(['-r0', '-a', 'unix:a3', '--user', '4000000000'], {}, cwd), 64, /names no group for it, --group has to/],
      [
        new Run(['-r0', '-a', 'unix:a4', '--user', '0'], {}, cwd, { uid: UID, gid: GID }),
        64,
        /only root can become another one, this is uid 65534, gid 65533/,
      ],
      [
        new Run(['-r0', '-n1', '-a', 'unix:a5', ...IDENTITY, '--record', 'rec'], {}, cwd),
        255,
        /record file \S+ cannot be opened again by .*uid 65534, gid 65533\)?, as with SIGHUP/,
      ],
      [
        new Run(['-r0', '-n2', '-a', 'unix:a6', ...IDENTITY, '--record', 'rec'], {}, cwd),
        255,
        /record file \S+ cannot be opened again by/,
      ],
    ];
    for (const [run, exitCode, message] of cases) {
      assert.equal(await run.exit, exitCode, run.stderr);
      assert.match(run.stderr, message);
      assert.equal(run.stderr.split('\n').length, 2, run.stderr);
    }
  },
);

test('names and numbers are those of /etc/passwd; nobody has to become who it is already', onLinux, () => {
  const own = { uid: process.getuid?.() as number, gid: process.getgid?.() as number };
  assert.equal(findAccount(undefined, undefined), undefined);
  const { uid, gid } = findAccount(String(own.uid), String(own.gid)) ?? {};
  assert.deepEqual({ uid, gid }, own);
  assert.throws(() => findAccount('4294967295', '1'), { code: 'usage' });
  if (isRoot) assert.deepEqual(findAccount('root', undefined), { uid: 0, gid: 0, name: 'root' });
  else assert.throws(() => findAccount('root', undefined), { code: 'usage', message: /only root can become/ });
});

test('a symbolic link in the place of pidfile, log or record is refused, and what it points to stays', async () => {
  const [target, link] = [fresh('target'), fresh('link')];
  writeFileSync(target, 'precious');
  symlinkSync(target, link);
  for (const [options, exitCode] of [
    [['-F', link], 255],
    [['-l', `a:${link}`], 255],
    [['-l', `w:${link}`], 255],
    [['--record', link], 255],
  ] as const) {
    const run = new Run(['-r1', '-n1', '-a', `unix:${fresh('agent')}`, ...options]);
    assert.equal(await run.exit, exitCode, run.stderr);
    assert.match(run.stderr, /: it is a symbolic link \(ELOOP\)\n$/);
  }
  assert.equal(readFileSync(target, 'utf8'), 'precious');
});

test(
  'root writes to no file of somebody else, to none with a second name, and takes no socket of others away',
  asRoot,
  async () => {
    const [target, second, foreign, socket] = [fresh('target'), fresh('second'), fresh('foreign'), fresh('socket')];
    writeFileSync(target, 'precious');
    linkSync(target, second);
    writeFileSync(foreign, 'precious');
    chownSync(foreign, UID, GID);
    const bind = `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 9))`;
    spawnSync(process.execPath, ['-e', bind]);
    chownSync(socket, UID, GID);
    const refuses = async (options: readonly string[], message: RegExp) => {
      const run = new Run(['-r1', '-n1', ...options]);
      assert.notEqual(await run.exit, 0, run.stderr);
      assert.match(run.stderr, message);
    };
    for (const option of [['-F'], ['-l', 'w:'], ['--record']] as const) {
      const [name, mode = ''] = option;
      const agent = ['-a', `unix:${fresh('agent')}`];
      await refuses([...agent, name, `${mode}${second}`], /it has 2 names \(hard links\)/);
      await refuses([...agent, name, `${mode}${foreign}`], /it belongs to uid 65534: as root only files of root/);
    }
    await refuses(['-a', `unix:${socket}`], /nobody answers there, and it belongs to uid 65534: start with --user/);
    for (const path of [target, foreign]) assert.equal(readFileSync(path, 'utf8'), 'precious');
    const allowed = new Run(['-r1', '-n1', '-a', `unix:${socket}`, '--user', String(UID), '--group', String(GID)]);
    assert.equal(await allowed.exit, 0, allowed.stderr);
  },
);

test(
  'files are not for everybody; modes that are asked for are there from the first moment, whatever the umask',
  onLinux,
  async () => {
    for (const [umask, options, rights] of [
      ['022', [], { rec: '640', log: '640', pid: '644', agent: '755', admin: '755' }],
      ['077', [], { rec: '600', log: '600', pid: '600', agent: '700', admin: '700' }],
      [
        '0',
        ['--record-mode', '600', '--socket-mode', '0660'],
        { rec: '600', log: '640', pid: '644', agent: '660', admin: '660' },
      ],
      [
        '077',
        ['--record-mode', '0664', '--socket-mode', '666'],
        { rec: '664', log: '600', pid: '600', agent: '666', admin: '666' },
      ],
    ] as const) {
      for (const workers of [1, 2]) {
        const cwd = place();
        const before = process.umask(Number.parseInt(umask, 8));
        const files = ['-l', 'a:log', '--record', 'rec', '-F', 'pid', '--admin', 'unix:admin', '-a', 'unix:agent'];
        const run = new Run(['-r0', `-n${workers}`, ...files, ...options], {}, cwd);
        process.umask(before);
        await untilTrue(
          () => existsSync(join(cwd, 'log')) && readFileSync(join(cwd, 'log'), 'utf8').includes('ready on'),
        );
        const found = Object.fromEntries(Object.keys(rights).map((name) => [name, rightsOf(join(cwd, name))]));
        assert.deepEqual(found, rights);
        run.child.kill('SIGTERM');
        assert.equal(await run.exit, 0, run.stderr);
      }
    }
  },
);

test('a daemon and its workers live in /; relative names lead to where it was started', onLinux, async () => {
  const cwd = place();
  writeFileSync(join(cwd, 'headers'), 'X-Mirror: 1\n');
  const files = ['-l', 'a:log', '--record', 'rec', '-F', 'pid', '--admin', 'unix:admin', '-a', 'unix:agent'];
  const starter = new Run(['-D', '-r0', '-n2', '--set-header', '@headers', ...files], {}, cwd);
  assert.equal(await starter.exit, 0, starter.stderr);
  const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'));
  try {
    for (const each of [pid, ...workersOf(pid)]) assert.equal(readlinkSync(`/proc/${each}/cwd`), '/');
    assert.equal((await get(join(cwd, 'admin'), '/healthz')).status, 200);
    (await client(join(cwd, 'agent'))).close();
    rmSync(join(cwd, 'rec'));
    process.kill(pid, 'SIGHUP');
    await untilTrue(() => existsSync(join(cwd, 'rec')));
  } finally {
    process.kill(pid, 'SIGTERM');
  }
  await untilTrue(() => !existsSync(join(cwd, 'pid')));
});

test('a pidfile is written through what was opened, wherever its name leads by then', () => {
  const [path, moved, victim] = [fresh('pid'), fresh('moved'), fresh('victim')];
  const file = new PidFile(path, 77);
  renameSync(path, moved);
  writeFileSync(victim, 'precious');
  symlinkSync(victim, path);
  file.write();
  file.remove();
  assert.equal(readFileSync(moved, 'utf8'), '77\n');
  assert.equal(readFileSync(victim, 'utf8'), 'precious');
});
