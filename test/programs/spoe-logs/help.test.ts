import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { spoeLogs } from './one-process.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
const LINE = 'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=7 st=1 0/0/-1/-1/1000 9/9 0/3 0/5';

describe('--help', () => {
  for (const command of [[], ['summarize'], ['merge'], ['parse'], ['export'], ['mirroring'], ['lnav'], ['explain']]) {
    test(`of ${command[0] ?? 'the program'} has two examples and fits 100 columns`, async () => {
      const { code, stdout, stderr } = await spoeLogs([...command, '--help']);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line);
      const examples = stdout.slice(stdout.indexOf('Examples:')).match(/^ {2}\S*.*spoe-logs/gm);
      assert.ok((examples?.length ?? 0) >= 2, stdout);
      assert.deepEqual(await spoeLogs([...command, '-h']), { code, stdout, stderr });
    });
  }

  test('does not show hidden options', async () => {
    assert.doesNotMatch((await spoeLogs(['summarize', '--help'])).stdout, /--plain-scanner/);
  });
});

test('--version is the version of the package', async () => {
  for (const args of [['--version'], ['-V'], ['summarize', '--version']])
    assert.deepEqual(await spoeLogs(args), { code: 0, stdout: `${version}\n`, stderr: '' });
});

describe('explain', () => {
  for (const code of ['264', 'st=264', ' st=264 ']) {
    test(`takes a code: ${JSON.stringify(code)}`, async () => {
      const { code: exit, stdout, stderr } = await spoeLogs(['explain', code]);
      assert.deepEqual({ exit, stderr }, { exit: 0, stderr: '' });
      assert.match(stdout, /264/);
      assert.deepEqual(await spoeLogs(['explain', '264']), { code: exit, stdout, stderr });
    });
  }

  test('takes codes that nobody knows, up to 32 bits', async () => {
    for (const code of ['0', '13', '99', '255', '777', '4294967295'])
      assert.equal((await spoeLogs(['explain', code])).code, 0, code);
  });

  test('takes a whole line, in quotes or not, with any header', async () => {
    const quoted = await spoeLogs(['explain', LINE]);
    assert.equal(quoted.code, 0);
    assert.match(quoted.stdout, /1000|1 s/);
    assert.deepEqual(await spoeLogs(['explain', ...LINE.split(' ')]), quoted);
    assert.equal((await spoeLogs(['explain', `<133>Nov 22 07:00:00 lb1 haproxy[1]: ${LINE}`])).code, 0);
  });

  test('writes json of both', async () => {
    for (const what of ['264', LINE])
      assert.equal(typeof JSON.parse((await spoeLogs(['explain', '--format', 'json', what])).stdout), 'object');
  });

  test('puts the wanted table first', async () => {
    const [engine, documented] = await Promise.all(
      ['engine', 'documented'].map((codes) => spoeLogs(['explain', '--codes', codes, '1'])),
    );
    assert.equal(engine?.code, 0);
    assert.equal(documented?.code, 0);
    assert.notEqual(engine?.stdout, documented?.stdout);
  });

  const refusals: readonly (readonly [string, string])[] = [
    [
      'hello',
      'neither a status code nor an SPOE line: hello (not-explainable); write a number such as 264, st=264, or a whole line in quotes',
    ],
    [
      '4294967296',
      'neither a status code nor an SPOE line: 4294967296 (not-explainable); write a number such as 264, st=264, or a whole line in quotes',
    ],
    [
      '',
      'neither a status code nor an SPOE line:  (not-explainable); write a number such as 264, st=264, or a whole line in quotes',
    ],
    [
      'SPOE: [mirror] <EVENT:e> sid=1 st=',
      'this SPOE line is torn: its fields are not complete (malformed); quote the whole line',
    ],
    [
      `1.2.3.4:5 {${LINE}}`,
      'the SPOE text in this line is not right after its header: a client sent it (spoofed); explain the SPOE line itself',
    ],
  ];
  for (const [what, message] of refusals) {
    test(`refuses what is no event: ${JSON.stringify(what.slice(0, 40))}`, async () => {
      assert.deepEqual(await spoeLogs(['explain', what]), { code: 2, stdout: '', stderr: `spoe-logs: ${message}\n` });
    });
  }

  test('says what a message of the filter means, and at which level it is logged', async () => {
    const line = 'Nov  5 10:57:01 lb1 haproxy[7]: SPOE: [mirror] failed to process messages: code=1';
    const { code, stdout } = await spoeLogs(['explain', line]);
    assert.equal(code, 0);
    assert.match(stdout, /message +failed to process messages: code=1\n/);
    assert.match(stdout, /logged at +warning\n/);
    const { stdout: json } = await spoeLogs(['explain', '--format', 'json', line]);
    assert.equal(JSON.parse(json).message.status.name, 'processing-timeout');
  });

  test('says at which level the line of an event is logged', async () => {
    const level = async (st: number) => (await spoeLogs(['explain', LINE.replace(/st=\d+/, `st=${st}`)])).stdout;
    assert.match(await level(0), /logged at +notice: not where the log line of HAProxy asks for warning/);
    assert.match(await level(1), /logged at +warning\n/);
  });

  test('--trace shows the way of a line, ends with 0 for what is no event, and lets nothing through to the terminal', async () => {
    const { code, stdout, stderr } = await spoeLogs([
      'explain',
      '--trace',
      `<133>Nov 22 07:00:00 lb1 haproxy[1]: ${LINE}`,
    ]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.match(stdout, /priority +<PRI>, columns 1 to 5: "<133>"\n/);
    assert.match(stdout, /Fields\n {2}agent +mirror\n/);
    assert.match(stdout, /Result\n {2}event +one event\n {2}decided by +the plain reader the first time/);
    const torn = await spoeLogs(['explain', '--trace', 'SPOE: [\u009bmirror] <EVENT:\u202ee> sid=1 st=x\u001b']);
    assert.equal(torn.code, 0);
    assert.match(torn.stdout, /agent +\\x9bmirror\n/);
    assert.match(torn.stdout, /refused +character \d+ of the message: "x\\u001b", where an event has st\n/);
    for (const hidden of ['\u001b', '\u009b', '\u202e']) assert.ok(!torn.stdout.includes(hidden));
    for (const line of (stdout + torn.stdout).split('\n')) assert.ok(line.length <= 100, line);
  });

  test('--trace is not JSON', async () => {
    const { code, stderr } = await spoeLogs(['explain', '--trace', '--format', 'json', LINE]);
    assert.equal(code, 2);
    assert.equal(stderr, 'spoe-logs: --trace is text for people, not json (trace-is-text); leave --format away\n');
  });

  test('needs something to explain', async () => {
    const { code, stdout, stderr } = await spoeLogs(['explain']);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
    assert.match(stderr, /^spoe-logs: .* \(usage\); see spoe-logs --help\n$/);
  });
});
