/** Secrets of spoa-mirror: where they can be given, and that nobody else gets to read them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { parseDestination } from '../../../src/mirror/target.ts';
import { parseCommandLine, shownArguments } from '../../../src/programs/spoa-mirror/options.ts';
import { readSecrets } from '../../../src/programs/spoa-mirror/secrets.ts';
import { untilTrue } from '../../until.ts';
import { client, fresh, get, Run, workersOf } from './program.ts';

const onLinux = { skip: process.platform !== 'linux' && 'there is no /proc elsewhere' };
const SECRET = 's3cret';

/** A server and the headers of what it was asked. */
async function listener(t: TestContext): Promise<{ url: string; asked: IncomingHttpHeaders[] }> {
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const commandLineOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();

for (const daemon of [false, true]) {
  test(
    `no process ${daemon ? 'of a daemon ' : ''}shows a secret of the command line, nor does anything it says`,
    onLinux,
    async (t) => {
      const { url, asked } = await listener(t);
      const [socket, admin, log, record, pidFile] = ['agent', 'admin', 'log', 'record', 'pid'].map(fresh) as [
        string,
        string,
        string,
        string,
        string,
      ];
      const secrets = [
        ...['-x', `${url.replace('://', `://user:${SECRET}@`)}`, `-Uuser:${SECRET}`, `-HX-Key: ${SECRET}`],
        ...['--set-header', `Authorization: Bearer ${SECRET}`, `--set-header=X-Token:${SECRET}`],
      ];
      const files = [
        '-a',
        `unix:${socket}`,
        '--admin',
        `unix:${admin}`,
        '-l',
        `a:${log}`,
        '--record',
        record,
        '-F',
        pidFile,
      ];
      const run = new Run([...(daemon ? ['-D'] : []), '-r0', '-n2', '-u', url, ...secrets, ...files]);
      if (daemon) assert.equal(await run.exit, 0, run.stderr);
      await untilTrue(() => readFileSync(log, { encoding: 'utf8', flag: 'a+' }).includes('ready on'));
      const pid = Number(readFileSync(pidFile, 'utf8'));
      try {
        for (const each of workersOf(pid)) assert.match(commandLineOf(each), /^spoa-mirror: worker \d$/);
        const line = commandLineOf(pid);
        assert.doesNotMatch(line, new RegExp(SECRET));
        assert.match(line, /spoa-mirror.* -r0 -n2 -u http:\S+ -x http:\/\/\*\*\*@127\S+ -U\*\*\* -HX-Key: \*\*\*/);
        assert.match(line, /--set-header Authorization: \*\*\* --set-header=X-Token:\*\*\* -a unix:/);
        const haproxy = await client(socket);
        haproxy.mirror(1, '/x');
        await untilTrue(() => readFileSync(record, 'utf8').includes('"path":"/x"'));
        assert.equal(asked[0]?.authorization, `Bearer ${SECRET}`);
        assert.equal(asked[0]?.['x-token'], SECRET);
        assert.equal(asked[0]?.['x-key'], SECRET);
        assert.equal(asked[0]?.['proxy-authorization'], `Basic ${Buffer.from(`user:${SECRET}`).toString('base64')}`);
        const pages = await Promise.all(['/stats', '/metrics', '/readyz'].map((path) => get(admin, path)));
        const said = [
          ...pages.map(({ body }) => body),
          readFileSync(log, 'utf8'),
          readFileSync(record, 'utf8'),
          run.stdout,
          run.stderr,
        ];
        assert.doesNotMatch(said.join('\n'), new RegExp(SECRET));
        haproxy.close();
      } finally {
        process.kill(pid, 'SIGTERM');
      }
      await untilTrue(() => readFileSync(log, 'utf8').includes('stopped: '));
    },
  );
}

test(
  'headers come from files, credentials of the proxy from the environment, of which workers know nothing',
  onLinux,
  async (t) => {
    const { url, asked } = await listener(t);
    const [socket, mirrorFile, proxyFile] = ['agent', 'headers', 'proxy'].map(fresh) as [string, string, string];
    writeFileSync(mirrorFile, `# for the mirror\nAuthorization: Bearer ${SECRET}\r\n\nX-Mirror: 1\n`, { mode: 0o600 });
    writeFileSync(proxyFile, `X-Key: ${SECRET}\n`, { mode: 0o600 });
    const headers = ['--set-header', `@${mirrorFile}`, '-H', `@${proxyFile}`];
    const run = new Run(['-r0', '-n2', '-a', `unix:${socket}`, '-u', url, '-x', url, ...headers], {
      MIRROR_PROXY_USERPWD: `user:${SECRET}`,
    });
    await run.says(/ready on/);
    for (const worker of workersOf(run.child.pid as number))
      assert.doesNotMatch(readFileSync(`/proc/${worker}/environ`, 'latin1'), new RegExp(SECRET));
    assert.match(commandLineOf(run.child.pid as number), new RegExp(`--set-header @${mirrorFile}`));
    const haproxy = await client(socket);
    haproxy.mirror(1, '/x');
    await untilTrue(() => asked.length > 0);
    assert.equal(asked[0]?.authorization, `Bearer ${SECRET}`);
    assert.equal(asked[0]?.['x-mirror'], '1');
    assert.equal(asked[0]?.['x-key'], SECRET);
    assert.equal(asked[0]?.['proxy-authorization'], `Basic ${Buffer.from(`user:${SECRET}`).toString('base64')}`);
    haproxy.close();
    run.child.kill('SIGTERM');
    assert.equal(await run.exit, 0, run.stderr);
  },
);

const REFUSED: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [['-x', `ftp://u:${SECRET}@h`], /^spoa-mirror: Unable to set proxy URL 'ftp:\/\/\*\*\*@h'/],
  [['-x', `u:${SECRET}@h:99999`], /^spoa-mirror: Unable to set proxy URL '\*\*\*@h:99999'/],
  [['-x', `http://u:${SECRET}#@h:x`], /^spoa-mirror: Unable to set proxy URL 'http:\/\/\*\*\*@h:x'/],
  [['-u', `ftp://u:${SECRET}@h`], /^spoa-mirror: Invalid URL scheme 'ftp:\/\/\*\*\*@h'/],
  [['-u', `http://u:@${SECRET}@h:99999`], /^spoa-mirror: Unable to set URL 'http:\/\/\*\*\*@h:99999'/],
  [['-u', `http://u:${SECRET}@no.invalid/`], /^spoa-mirror: the destination http:\/\/no.invalid has credentials/],
  [['-u', `http://u:${SECRET}@127.0.0.1/`], /^spoa-mirror: the destination http:\/\/127.0.0.1 has credentials/],
  [
    ['-u', 'http://127.0.0.1/', '-x', `http://u:%${SECRET}@127.0.0.1:1`],
    /^spoa-mirror: user or password of the proxy 127.0.0.1:1 cannot/,
  ],
  [['--set-header', `Authorization=${SECRET}`], /^spoa-mirror: invalid header, not 'Name: value'/],
  [['-H', SECRET], /^spoa-mirror: invalid header, not 'Name: value'/],
];

for (const [args, message] of REFUSED) {
  test(`${args.join(' ')} is refused without its secret`, async () => {
    const run = new Run(['-r0', '-n1', '-a', `unix:${fresh('agent')}`, ...args]);
    assert.equal(await run.exit, 64);
    assert.match(run.stderr.split('\n')[0] ?? '', message);
    assert.doesNotMatch(run.stderr + run.stdout, new RegExp(SECRET));
  });
}

test('a file of headers that cannot be read or holds something else is refused without what is in it', async () => {
  const bad = fresh('bad');
  writeFileSync(bad, `X-Mirror: 1\nAuthorization Bearer ${SECRET}\n`);
  const traced = fresh('traced');
  writeFileSync(traced, 'traceparent: 00\n');
  for (const [args, message] of [
    [['--set-header', `@${bad}.not`], /unable to read --set-header @\S+: ENOENT/],
    [['--set-header', `@${bad}`], /--set-header @\S+, line 2: invalid header, not 'Name: value'/],
    [['-H', `@${bad}`], /-H @\S+, line 2: invalid header/],
    [['--otel', '--set-header', `@${traced}`], /--set-header traceparent needs --trace-context passthrough/],
  ] as const) {
    const run = new Run(['-r1', '-n1', '-a', `unix:${fresh('agent')}`, ...args]);
    assert.equal(await run.exit, 64, run.stderr);
    assert.match(run.stderr, message);
    assert.equal(run.stderr.split('\n').length, 2, run.stderr);
    assert.doesNotMatch(run.stderr, new RegExp(SECRET));
  }
});

test('-U goes before the environment; an empty variable is none', () => {
  const read = (args: string[], env: Record<string, string>) => {
    const line = parseCommandLine(['-r0', '-x', 'http://127.0.0.1:1', ...args]);
    assert.ok('run' in line);
    return readSecrets(line.run, env).proxy.credentials;
  };
  assert.equal(read([], { MIRROR_PROXY_USERPWD: 'a:b' }), 'a:b');
  assert.equal(read(['-U', 'c:d'], { MIRROR_PROXY_USERPWD: 'a:b' }), 'c:d');
  assert.equal(read([], { MIRROR_PROXY_USERPWD: '' }), undefined);
});

test('arguments are shown as they came, but for secrets', () => {
  for (const [args, shown] of [
    [
      ['-r0', '-Uu:p', '-D'],
      ['-r0', '-U***', '-D'],
    ],
    [
      ['-Dr0', '-DUu:p'],
      ['-Dr0', '-DU***'],
    ],
    [
      ['--mirror-proxy-u', 'u:p'],
      ['--mirror-proxy-u', '***'],
    ],
    [['--set-h=A:b: c'], ['--set-h=A:***']],
    [
      ['--set-header', '@/etc/h'],
      ['--set-header', '@/etc/h'],
    ],
    [
      ['-u', 'http://a/', '-x', 'u:p@h'],
      ['-u', 'http://a/', '-x', '***@h'],
    ],
    [['-U'], ['-U']],
  ] as const)
    assert.deepEqual(shownArguments(args), shown);
});

test('a destination that is none is told without user and password', () => {
  assert.throws(() => parseDestination(`ftp://u:${SECRET}@h/`), /the destination "ftp:\/\/\*\*\*@h\/" is not an http/);
});

test('the unit of the packages runs as a user of its own, and the options that come with it can be read', () => {
  const read = (name: string) => readFileSync(new URL(`../../../packaging/${name}`, import.meta.url), 'utf8');
  const unit = read('spoa-mirror.service');
  assert.match(unit, /^(DynamicUser=yes|User=(?!root)\S+)$/m);
  for (const directive of ['NoNewPrivileges=yes', 'ProtectSystem=strict', 'PrivateTmp=yes', 'CapabilityBoundingSet='])
    assert.ok(unit.includes(`\n${directive}\n`), directive);
  // V8 compiles at run time.
  assert.doesNotMatch(unit, /^MemoryDenyWriteExecute=/m);
  assert.match(unit, /^LogsDirectory=spoa-mirror$/m);
  const all = [...`${unit}${read('spoa-mirror.default')}`.matchAll(/MIRROR_OPTIONS="(.+)"$/gm)];
  assert.equal(all.length, 4);
  for (const [, options = ''] of all) assert.ok('run' in parseCommandLine(options.split(' ')), options);
});

for (const [args, warning, shown] of [
  [
    ['-r0', '--set-header', 'Authorization:', SECRET, `x${SECRET}`],
    'an argument that is no option is skipped after --set-header: are quotes missing?',
    ['-r0', '--set-header', 'Authorization:***', '***', '***'],
  ],
  [['-r0', '--', '-U', `u:${SECRET}`], 'what stands after -- is skipped: is it meant?', ['-r0', '--', '***', '***']],
  [
    [SECRET, '-r0'],
    'an argument that is no option is skipped before the first option: are quotes missing?',
    ['***', '-r0'],
  ],
] as const)
  test(`${args.join(' ')}: what is no option is skipped, said once and shown nowhere`, () => {
    const line = parseCommandLine(args);
    assert.ok('run' in line);
    assert.deepEqual(line.run.warnings, [warning]);
    assert.deepEqual(shownArguments(args), shown);
  });
