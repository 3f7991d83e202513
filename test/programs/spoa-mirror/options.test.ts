/** The command line of spoa-mirror: what each line means, and which are refused with what. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MIRROR_DEFAULTS } from '../../../src/mirror/options.ts';
import { parseAddress } from '../../../src/options/address.ts';
import { OPTIONS } from '../../../src/programs/spoa-mirror/option-table.ts';
import { type MirrorAgentOptions, mirrorOptions, parseCommandLine } from '../../../src/programs/spoa-mirror/options.ts';
import { renderHelp } from '../../../src/programs/spoa-mirror/usage.ts';

function run(line: string | readonly string[]): MirrorAgentOptions {
  const parsed = parseCommandLine(typeof line === 'string' ? line.split(' ').filter((arg) => arg !== '') : line);
  assert.ok('run' in parsed, JSON.stringify(parsed));
  return parsed.run;
}

const DEFAULTS = run('-r0');

test('the defaults are those of the original agent', () => {
  const { address, port, backlog, capabilities, maxFrameSize, workers, delayMs, daemonize, runtimeMs } = DEFAULTS;
  assert.deepEqual(
    { address, port, backlog, capabilities, maxFrameSize, workers, delayMs, daemonize, runtimeMs },
    {
      address: '0.0.0.0',
      port: 12345,
      backlog: 10,
      capabilities: [],
      maxFrameSize: 16384,
      workers: 10,
      delayMs: 0,
      daemonize: false,
      runtimeMs: 0,
    },
  );
});

/** The options of the page on traffic mirroring, with their defaults as it prints them; others have a value that may stand there. */
const PAGE: readonly (readonly [short: string, long: string, value: string | undefined])[] = [
  ['a', 'address', '0.0.0.0'],
  ['B', 'libev-backend', 'AUTO'],
  ['b', 'connection-backlog', '10'],
  ['c', 'capability', 'pipelining'],
  ['D', 'daemonize', undefined],
  ['F', 'pidfile', '/run/mirror.pid'],
  ['i', 'monitor-interval', '5.00s'],
  ['l', 'logfile', 'A:/var/log/hapee-mirror.log'],
  ['m', 'max-frame-size', '16384'],
  ['n', 'num-workers', '10'],
  ['p', 'port', '12345'],
  ['r', 'runtime', '0'],
  ['t', 'processing-delay', '0'],
  ['u', 'mirror-url', 'http://localhost:8100/'],
  ['I', 'mirror-interface', '127.0.0.1'],
  ['P', 'mirror-local-port', '40000-40010'],
  ['N', 'noproxy', 'localhost,127.0.0.1'],
  ['x', 'proxy-url', 'http://proxy:8080'],
  ['U', 'proxy-userpwd', 'user:secret'],
  ['H', 'proxy-header', 'X-Proxy: 1'],
];

test('every option of the page has its names, takes its default, and says nothing of it', () => {
  for (const [short, long, value] of PAGE) {
    const first = short === 'r' ? [] : ['-r0'];
    const proxy = short === 'U' ? ['-x', 'http://proxy:8080'] : [];
    const given = value ?? '';
    const lines = [`-${short}${given}`, value === undefined ? `--${long}` : `--${long}=${value}`].map((text) =>
      parseCommandLine([...first, ...proxy, text]),
    );
    const [byLetter, byName] = lines;
    assert.ok(byLetter !== undefined && 'run' in byLetter, `-${short}${given}: ${JSON.stringify(byLetter)}`);
    assert.deepEqual(byName, byLetter, long);
    assert.deepEqual(byLetter.run.warnings, [], long);
  }
});

const MEANINGS: readonly (readonly [line: string | readonly string[], differs: Partial<MirrorAgentOptions>])[] = [
  ['-D -r0 -uhttp://mirror.mysite.com/', { daemonize: true, urls: ['http://mirror.mysite.com/'] }],
  ['-Dr0', { daemonize: true }],
  ['--runtime 0 --mirror-url http://test.local', { urls: ['http://test.local'] }],
  ['--runtime=0 --mirror-url=https://a/ -u HTTP://b/', { urls: ['https://a/', 'HTTP://b/'] }],
  ['--run 0 --daem', { daemonize: true }],
  ['--a ::1 -r0', { address: '::1' }],
  [
    '-r0 words -p 80 -- -p 81',
    {
      port: 80,
      warnings: [
        'an argument that is no option is skipped after --runtime: are quotes missing?',
        'what stands after -- is skipped: is it meant?',
      ],
    },
  ],
  ['-r 1500', { runtimeMs: 1500 }],
  ['-r 1.5s', { runtimeMs: 1500 }],
  [['-r', ' +2m'], { runtimeMs: 120_000 }],
  ['-r0 --response-timeout 0.57s', { mirror: { totalTimeoutMs: 570, headersTimeoutMs: 570 } }],
  ['-r 7d', { runtimeMs: 604_800_000 }],
  ['-r0 -t 250us', { delayMs: 0.25 }],
  ['-r0 -t1s', { delayMs: 1000 }],
  ['-r0 -i 1m', { monitorMs: 60_000 }],
  ['-r0 -c pipelining -c ASYNC --capability=fragmentation', { capabilities: ['pipelining', 'async', 'fragmentation'] }],
  ['-r0 -l a:/x.log', { logFile: { path: '/x.log', mode: 'a' } }],
  ['-r0 -l W:/x.log', { logFile: { path: '/x.log', mode: 'w' } }],
  ['-r0 -l /x.log', { logFile: { path: '/x.log', mode: 'x' } }],
  ['-r0 -F /x.pid', { pidFile: '/x.pid' }],
  ['-r0 -m 65536 -n 4 -b 128 -p 9000', { maxFrameSize: 65536, workers: 4, backlog: 128, port: 9000 }],
  ['-r0 -p 9000', { port: 9000 }],
  ['-r0 -a unix:/run/x', { address: 'unix:/run/x' }],
  ['-r0 -I eth1 -P 4000-4099', { mirror: { localAddress: 'eth1', localPorts: [4000, 4099] } }],
  ['-r0 -P 4000', { mirror: { localPorts: [4000, 4000] } }],
  [
    ['-r0', '-xproxy:3128', '-Uuser:secret', '-HX-Team: a b', '-N', 'localhost, .internal'],
    {
      proxy: {
        url: 'http://proxy:3128',
        credentials: 'user:secret',
        headers: [['X-Team', 'a b']],
        noProxy: ['localhost', '.internal'],
      },
    },
  ],
  ['-r0 --record - --admin 127.0.0.1:9100 --grace 2s', { record: '-', admin: '127.0.0.1:9100', graceMs: 2000 }],
  [
    '-r0 --record-mode 0600 --socket-mode 660',
    { recordMode: 0o600, socketMode: 0o660, warnings: ['--record-mode has no effect without --record'] },
  ],
  ['-r0 --record r --record-mode 0600', { record: 'r', recordMode: 0o600 }],
  [
    '-r0 -a unix:/s --allow ::1 -u http://a/ --http2',
    {
      address: 'unix:/s',
      allow: [{ address: '::1', family: 'ipv6', prefix: 128 }],
      urls: ['http://a/'],
      mirror: { http2: true },
      warnings: [
        '--http2 has no effect: it is spoken over https:// alone, which no -u has',
        '--allow has no effect on a unix socket: --socket-mode says who may open it',
      ],
    },
  ],
  ['-r0 --user spoa --group 99 --redact-query', { user: 'spoa', group: '99', mirror: { redactQuery: true } }],
  [
    ['-r0', '--set-header', '@/etc/a', '-H@b', '--set-header', 'X: @c'],
    { headerFiles: { mirror: ['/etc/a'], proxy: ['b'] }, setHeaders: [['X', '@c']] },
  ],
  [
    '-r0 --allow 10.0.0.0/8,::1 --allow 192.0.2.7 --admin *:9100 --admin-host Agent.Internal.,agent',
    {
      allow: [
        { address: '10.0.0.0', prefix: 8, family: 'ipv4' },
        { address: '::1', prefix: 128, family: 'ipv6' },
        { address: '192.0.2.7', prefix: 32, family: 'ipv4' },
      ],
      admin: '*:9100',
      adminHosts: ['agent.internal', 'agent'],
    },
  ],
  [
    '-r0 -x user:secret@proxy.local:3128',
    { proxy: { url: 'http://user:secret@proxy.local:3128', headers: [], noProxy: [] } },
  ],
  ['-r0 --sample 10%', { mirror: { sample: 0.1 } }],
  [
    '-r0 --sample 0.25 --truncated skip --drop OLDEST',
    {
      mirror: { sample: 0.25, truncatedBody: 'skip', dropPolicy: 'oldest' },
    },
  ],
  [
    '-r0 --methods GET,HEAD --path /a --path /b* --message m',
    {
      methods: ['GET', 'HEAD'],
      paths: ['/a', '/b*'],
      messages: ['m'],
    },
  ],
  [
    ['-r0', '--strip-header', 'authorization,cookie', '--set-header', 'X-Mirror: 1'],
    {
      stripHeaders: ['authorization', 'cookie'],
      setHeaders: [['X-Mirror', '1']],
    },
  ],
  [
    '-r0 --max-rate 100 --connections 8 --queue 50 --queue-bytes 2m',
    {
      mirror: { maxRate: 100, connections: 8, maxQueueRequests: 50, maxQueueBytes: 2 * 1024 * 1024 },
    },
  ],
  [
    '-r0 -u https://a/ --connect-timeout 1s --response-timeout 2s --http2 --insecure',
    {
      urls: ['https://a/'],
      mirror: { connectTimeoutMs: 1000, totalTimeoutMs: 2000, headersTimeoutMs: 2000, http2: true },
      insecure: true,
    },
  ],
  [
    '-r0 --record r --answers body --answers-key k --round $.a=2 --round $.b[*]=0 --mark -uhttp://a',
    {
      urls: ['http://a'],
      record: 'r',
      answers: 'body',
      answersKeyFile: 'k',
      rounding: [
        { path: '$.a', decimals: 2 },
        { path: '$.b[*]', decimals: 0 },
      ],
      mark: true,
      mirror: { answers: 'body' },
    },
  ],
  ['-r0 --ca a.pem --cert b.pem --key c.pem', { tlsFiles: { ca: 'a.pem', cert: 'b.pem', key: 'c.pem' } }],
  [
    '-r0 --host-header mirror --unique-id-header X-Request-ID',
    {
      mirror: { rewriteHost: true, uniqueIdHeader: 'X-Request-ID' },
    },
  ],
];

for (const [line, differs] of MEANINGS) {
  test(`spoa-mirror ${typeof line === 'string' ? line : line.join(' ')}`, () => {
    const { runtimeMs, ...rest } = run(line);
    assert.deepEqual({ runtimeMs, ...rest }, { ...DEFAULTS, ...differs, runtimeMs: differs.runtimeMs ?? 0 });
  });
}

/** A value for each kind, and for those options whose kind is their own. */
const SAMPLES: { readonly [kindOrName: string]: string } = {
  count: '7',
  duration: '1s',
  file: 'x',
  integer: '777',
  list: 'x',
  mode: '0600',
  ratio: '10%',
  size: '1k',
  special: 'x',
  text: 'x',
  admin: '9100',
  allow: '::1',
  'mirror-local-port': '4000',
  'mirror-url': 'http://a/',
  'proxy-header': 'A: b',
  'set-header': 'A: b',
  'check-request': 'HEAD',
  record: 'other',
  round: '$.a=1',
  runtime: '2s',
  'verdict-fail-on': 'regression',
};

test('every option reaches the agent, or is said to have no effect', () => {
  // What others need.
  const base = ['-r1s', '-xproxy', '--tls-cert=c', '--tls-key=k', '--record=r', '--admin=9'];
  for (const { long, kind } of OPTIONS.filter((option) => option.long !== 'help' && option.long !== 'version')) {
    const value = SAMPLES[long] ?? kind.words?.at(-1) ?? SAMPLES[kind.name];
    const arg = kind.name === 'flag' ? `--${long}` : `--${long}=${value}`;
    assert.notDeepEqual(run([...base, arg]), run(base), arg);
  }
});

const REFUSED: readonly (readonly [line: readonly string[], message: RegExp, exitCode: number])[] = [
  [[], /^runtime value not set/, 64],
  [['-p', '80'], /^runtime value not set/, 64],
  [['-r'], /^option requires an argument -- 'r'/, 64],
  [['--runtime'], /^option '--runtime' requires an argument/, 64],
  [['-r0', '-z'], /^invalid option -- 'z'/, 64],
  [['-r0', '--nothing'], /^unrecognized option '--nothing'$/, 64],
  [['-r0', '--recrod', 'x'], /^unrecognized option '--recrod'; did you mean --record\?$/, 64],
  [
    ['-r0', '-u', '127.0.0.1:21004'],
    /^Invalid URL scheme '127.0.0.1:21004': write http:\/\/127.0.0.1:21004 \(-u\)$/,
    64,
  ],
  [['-r0', '--daemonize=yes'], /doesn't allow an argument/, 64],
  [['-r0', '--mirror', 'x'], /^option '--mirror' is ambiguous: --mirror-url/, 64],
  [['-r8d'], /^wrong amount of time \(allowed range \[0, 604800.00s\]\): '8d'/, 64],
  [['-r', ''], /^time not defined/, 64],
  [['-r', '1x'], /^invalid time format: '1x'/, 64],
  [['-r', '-1'], /^invalid time format: '-1' \(-r\)$/, 64],
  [['-r0', '--response-timeout', 'abc'], /^invalid time format: 'abc' \(--response-timeout\)$/, 64],
  [['--run=1x'], /^invalid time format: '1x' \(--run\)$/, 64],
  [['-r0', '--mirror-proxy', 'ftp://x'], /^Unable to set proxy URL 'ftp:\/\/x' \(--mirror-proxy\)$/, 64],
  [['-r0', '-xhttps://x'], /^a proxy over TLS is not supported: -x http:\/\/HOST:PORT, not 'https:\/\/x' \(-x\)$/, 64],
  [['-r0', '-p70000'], /^invalid port '70000' \(-p\)$/, 64],
  [['-r0', '--answers', 'body'], /^--answers needs --record FILE, where what is kept of answers goes$/, 64],
  [
    ['-r0', '--record', '-', '--answers', 'body', '--answers-values', '5'],
    /^--answers-values needs --record FILE, not -: /,
    64,
  ],
  [['-r0', '--answers', 'all'], /^invalid answers, one of head, body: 'all' \(--answers\)$/, 64],
  [
    ['-r0', '--round', 'price=2'],
    /^'price=2' must begin with the path of one field, as \$\.items\[\*\]\.price \(--round\)$/,
    64,
  ],
  [['-r0', '--mark', '--set-header', 'x-mirrored-request: 2'], /^--mark sets X-Mirrored-Request: 1 already, so /, 64],
  [['-r0', '--trace-frames', '-'], /^it needs the name of a file \(--trace-frames\)$/, 64],
  [['-r0', '--grace', '2h'], /^wrong amount of time .*: '2h' \(--grace\)$/, 64],
  [['-r', '1 s'], /^invalid time format: '1 s'/, 64],
  [['-r', '1s '], /^invalid time format: '1s '/, 64],
  [['-r', '+ 1'], /^invalid time format/, 64],
  [['-r0', '-t', '1001'], /^wrong amount of time/, 64],
  [['-r0', '-i', '500'], /^wrong amount of time/, 64],
  [['-r0', '-n', '0'], /^invalid number of workers '0'/, 64],
  [['-r0', '-n', '1001'], /^invalid number of workers/, 64],
  [['-r0', '-p', '0'], /^invalid port '0'/, 64],
  [['-r0', '-p', '70000'], /^invalid port '70000'/, 64],
  [['-r0', '-p', 'http'], /^invalid port: 'http'/, 64],
  [['-r0', '-p', '80x'], /^invalid port: '80x'/, 64],
  [['-r0', '-m', '16k'], /^invalid max-frame-size, a number of bytes: '16k'/, 64],
  [['-r0', '-n', '2.5'], /^invalid number of workers: '2.5'/, 64],
  [['-r0', '-U', 'u:p'], /^-U names the user of a proxy, and there is none: -x URL is missing/, 64],
  [['-r0', '-m', '511'], /^max-frame-size cannot be less than 512/, 64],
  [['-r0', '-c', 'pipelining,async'], /^unsupported capability 'pipelining,async'/, 64],
  [['-r0', '-B', 'bogus'], /^invalid libev backend 'bogus'/, 64],
  [['-r0', '-u', 'ftp://127.0.0.1/'], /^Invalid URL scheme/, 64],
  [['-r0', '-u', 'http://'], /^Unable to set URL/, 64],
  [['-r0', '-P', '10-5'], /^invalid port range/, 64],
  [['-r0', '-P', ''], /^port range is not defined/, 64],
  [['-r0', '-l', 'a:'], /^logfile name not defined/, 255],
  [['-r0', '-l', ''], /^logfile name not defined/, 255],
  [['-r0', '-l', 'x:/dev/null'], /^invalid logfile mode 'x'/, 255],
  [['-l', 'a:'], /^runtime value not set/, 64],
  [['-r0', '--sample', '101%'], /^invalid sample/, 64],
  [['-r0', '--set-header', 'X\r\nY: 1'], /^invalid header/, 64],
  [['-r0', '--set-header', 'X: 1\r\nY: 2'], /^invalid header/, 64],
  [['-r0', '--queue', '0'], /^invalid queue/, 64],
  [['-r0', '--record-mode', '1640'], /^invalid record-mode, not three octal digits as 0640: '1640'/, 64],
  [['-r0', '--socket-mode', 'rw'], /^invalid socket-mode/, 64],
  [['-r0', '--user', ''], /^user not defined/, 64],
  [['-r0', '--group='], /^group not defined/, 64],
  [['-r0', '--drop', 'all'], /^invalid drop, one of newest, oldest/, 64],
  [['-r0', '--allow', '10.0.0.0/33'], /^invalid network, not ADDRESS or ADDRESS\/PREFIX: '10.0.0.0\/33'/, 64],
  [['-r0', '--allow', ''], /^network not defined/, 64],
  [['-r0', '--admin-host', 'agent:9100'], /^invalid host name, without a port: 'agent:9100'/, 64],
  [['-r0', '--admin', 'nowhere'], /^invalid address/, 64],
];

for (const [line, message, exitCode] of REFUSED) {
  test(`spoa-mirror ${JSON.stringify(line)} is refused with ${exitCode}`, () => {
    const parsed = parseCommandLine(line);
    assert.ok('exitCode' in parsed, JSON.stringify(parsed));
    assert.equal(parsed.exitCode, exitCode);
    assert.match(parsed.errors[0] ?? '', message);
  });
}

test('everything that is wrong is said at once', () => {
  const parsed = parseCommandLine(['-n0', '-p0', '-m1', '-c', 'x']);
  assert.ok('errors' in parsed);
  assert.equal(parsed.errors.length, 5);
});

test('a runtime that cannot be read is not said to be missing as well', () => {
  for (const line of [['-r8d'], ['-r'], ['--runtime'], ['-r', '1x']]) {
    const parsed = parseCommandLine(line);
    assert.ok('errors' in parsed);
    assert.equal(parsed.errors.length, 1, parsed.errors.join('\n'));
  }
});

test('help and version win over what is missing', () => {
  assert.deepEqual(parseCommandLine(['-h']), { show: 'help', errors: [] });
  assert.deepEqual(parseCommandLine(['-V']), { show: 'version', errors: [] });
  assert.deepEqual(parseCommandLine(['-Vh']), { show: 'help', errors: [] });
});

test('what has no effect here is said in the log', () => {
  assert.match(run('-r0 -B EPOLL').warnings[0] ?? '', /no libev/);
  assert.match(run('-r0 -d 7').warnings[0] ?? '', /debug mode/);
});

test('addresses', () => {
  assert.deepEqual(parseAddress('9100'), { port: 9100 });
  assert.deepEqual(parseAddress(':9100'), { port: 9100 });
  assert.deepEqual(parseAddress('127.0.0.1:9100'), { host: '127.0.0.1', port: 9100 });
  assert.deepEqual(parseAddress('[::1]:9100'), { host: '::1', port: 9100 });
  assert.deepEqual(parseAddress('unix:/run/x'), { path: '/run/x' });
});

test('the mirror gets its share', () => {
  const options = mirrorOptions(run('-r0 -u http://a/ --sample 50% --insecure'), { ca: 'pem' });
  assert.deepEqual(options.destinations, ['http://a/']);
  assert.equal(options.sample, 0.5);
  assert.deepEqual(options.tls, { insecure: true, ca: 'pem' });
  assert.equal(options.proxy, undefined);
});

test('the help has the defaults that hold, each as the option takes it', () => {
  const help = renderHelp('spoa-mirror');
  // The context needs --otel, those of the verdict its log, and the rights are undefined until the umask is known.
  const options = OPTIONS.filter(
    ({ long, implied, default: value = implied }) =>
      value !== undefined && !/^(trace|record|unique|verdict)-/.test(long),
  );
  const texts = options.map(({ long }) => {
    const text = new RegExp(`--${long}=.*\\(default: "?([^ ")]+)`).exec(help)?.[1];
    assert.ok(text !== undefined, long);
    return `--${long}=${text}`;
  });
  assert.ok(texts.length > 10);
  const { mirror, ...rest } = run(['-r0', ...texts]);
  const { mirror: _, ...expected } = DEFAULTS;
  assert.deepEqual(rest, expected);
  for (const [name, value] of Object.entries(mirror))
    assert.equal(value, MIRROR_DEFAULTS[name as keyof typeof MIRROR_DEFAULTS], name);
});

test('every line of the help fits a terminal', () => {
  const lines = renderHelp('spoa-mirror').split('\n');
  assert.deepEqual(
    lines.filter((line) => line.length > 112),
    [],
  );
});
