/** `config print` and `config check`, as they are typed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { renderHaproxyConfig, renderSpoeConfig } from '../../../scripts/demo/haproxy-config.ts';
import { LOGGING_SETTINGS } from '../../../src/report/diff-logging-settings.ts';
import { frontConfiguration, spoeConfiguration } from '../../haproxy/configuration.ts';
import { missing, programOf, SERIES } from '../../haproxy/haproxy.ts';
import { assertFits } from '../../schemas/schema.ts';
import { spoeLogs } from './one-process.ts';
import { hasRawControl } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-config-command-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;

/** Files in a folder of their own. */
function place(files: { readonly [name: string]: string | Uint8Array }): string {
  const path = join(folder, String(++made));
  mkdirSync(path);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

/** The vendor's page, to the letter. */
const PAGE = {
  'haproxy.cfg': `# Production frontend
frontend fe_main
mode http
bind :80
option http-buffer-request
default_backend be_servers
filter spoe engine mirror config /etc/hapee-extras/hapee-mirror-spoe.cfg
backend be_servers
mode http
server app1 127.0.0.1:8080
# Mirror agents
backend mirroragents
mode tcp
balance roundrobin
timeout connect 5s
timeout server 10s
option spop-check
server spoe-mirror-agent1 127.0.0.1:12345 check
`,
  'hapee-mirror-spoe.cfg': `[mirror]
spoe-agent mirror
log global
messages mirror
use-backend mirroragents
timeout hello 500ms
timeout idle 5s
timeout processing 5s
spoe-message mirror
args arg_method=method arg_path=url arg_ver=req.ver arg_hdrs=req.hdrs_bin arg_body=req.body
event on-frontend-http-request
`,
};
const PAGE_FILES = Object.keys(PAGE);

/** `file:line: level: … [code]` of a text report, in short. */
function heads(stdout: string): string[] {
  return [...stdout.matchAll(/^(\S+:\d+): (\w+): .* \[([a-z0-9-]+)\]$/gm)].map(
    ([, place, level, code]) => `${place} ${level} ${code}`,
  );
}

describe('config check', () => {
  test('of the page finds what it costs, and what a log is missing', async () => {
    const { code, stdout, stderr } = await spoeLogs(['config', 'check', ...PAGE_FILES], { cwd: place(PAGE) });
    assert.deepEqual(heads(stdout), [
      'hapee-mirror-spoe.cfg:8 warning processing-long',
      'hapee-mirror-spoe.cfg:10 note uid-missing',
    ]);
    assert.match(stdout, /\n1 warning, 1 note: 2 files, 1 engine\n$/);
    assert.deepEqual([code, stderr], [0, '']);
  });

  test('--fail-level decides the exit code', async () => {
    const cwd = place(PAGE);
    for (const [level, expected] of [
      ['error', 0],
      ['warning', 1],
      ['note', 1],
      ['never', 0],
    ] as const) {
      const args = ['config', 'check', ...PAGE_FILES, '--fail-level', level];
      assert.equal((await spoeLogs(args, { cwd })).code, expected, level);
    }
    const broken = place({
      ...PAGE,
      'hapee-mirror-spoe.cfg': PAGE['hapee-mirror-spoe.cfg'].replace('[mirror]', '[x]'),
    });
    assert.equal((await spoeLogs(['config', 'check', ...PAGE_FILES], { cwd: broken })).code, 1);
  });

  test('of a folder reads what haproxy -f reads, and -f may be repeated', async () => {
    const cwd = place({
      'a.cfg': PAGE['haproxy.cfg'],
      '.hidden.cfg': 'x "',
      'other.txt': 'x "',
      'spoe.conf': PAGE['hapee-mirror-spoe.cfg'],
    });
    const { stdout } = await spoeLogs(['config', 'check', '-f', '.', '-f', 'spoe.conf', '--fail-level', 'never'], {
      cwd,
    });
    assert.match(stdout, /\n1 warning, 1 note: 2 files, 1 engine\n$/);
  });

  test("of the project's own configurations finds nothing that matters", async () => {
    const places = {
      folder: '',
      frontPort: 1,
      http2Port: 2,
      productionPort: 3,
      logPort: 4,
      agentAddress: '127.0.0.1:5',
    };
    const [printedFront = '', printedSpoe = ''] = LOGGING_SETTINGS.split('# /etc/haproxy/spoe-mirror.conf:');
    const [agentFrontend = '', agentBackend = '', agentSpoe = ''] = [
      ...readFileSync(new URL('../../../docs/agent.md', import.meta.url), 'utf8').matchAll(/```text\n(.*?)```/gs),
    ].map(([, text = '']) => text.replace(/^ {3}/gm, ''));
    const demo = {
      frontend: '/f.sock',
      server: '/s.sock',
      agent: { host: '127.0.0.1', port: 1 },
      spoe: '/s p.cfg',
      logPort: 1,
      checkMs: 1,
    };
    const own = [
      {
        'haproxy.cfg': frontConfiguration(places, {}),
        'spoe.cfg': spoeConfiguration({ processing: '500ms' }),
        found: [],
      },
      { 'haproxy.cfg': printedFront, 'spoe.cfg': `#${printedSpoe.split('\n# The mirror')[0]}\n`, found: [] },
      // A part of a configuration, as on the page, which the document says may have an id.
      { 'haproxy.cfg': agentFrontend + agentBackend, 'spoe.cfg': agentSpoe, found: ['spoe.cfg:11 note uid-missing'] },
      { 'haproxy.cfg': renderHaproxyConfig(demo), 'spoe.cfg': renderSpoeConfig(), found: [] },
    ];
    for (const { found, ...files } of own) {
      const { stdout, code, stderr } = await spoeLogs(['config', 'check', 'haproxy.cfg', 'spoe.cfg'], {
        cwd: place(files),
      });
      assert.deepEqual([heads(stdout), code, stderr], [found, 0, '']);
    }
  });

  test('--from and --for tell what an upgrade changes', async () => {
    const args = ['config', 'check', ...PAGE_FILES, '--from', '2.6', '--for', '3.2', '--max-delay', '5s'];
    const { stdout } = await spoeLogs(args, { cwd: place(PAGE) });
    assert.deepEqual(heads(stdout), [
      'haproxy.cfg:7 note upgrade-down-code',
      'hapee-mirror-spoe.cfg:3 note upgrade-log-lines',
      'hapee-mirror-spoe.cfg:6 note ignored-line',
      'hapee-mirror-spoe.cfg:7 note ignored-line',
      'hapee-mirror-spoe.cfg:10 warning upgrade-stream-ids',
      'hapee-mirror-spoe.cfg:10 note uid-missing',
    ]);
  });

  test('--format json is one object', async () => {
    const { stdout } = await spoeLogs(['config', 'check', ...PAGE_FILES, '--format', 'json'], { cwd: place(PAGE) });
    assertFits('config-check', stdout);
    const { findings, ...rest } = JSON.parse(stdout);
    assert.deepEqual(rest, {
      schema: 'spoe-logs/config-check/1',
      for: null,
      files: PAGE_FILES,
      engines: 1,
      enginesNotRead: 0,
      counts: { error: 0, warning: 1, note: 1 },
      isCut: false,
      notKnown: [],
    });
    assert.deepEqual(Object.keys(findings[0]), [
      'code',
      'level',
      'file',
      'line',
      'message',
      'why',
      'mend',
      'reference',
    ]);
  });

  // What SARIF 2.1.0 requires of each object, and what viewers ask for.
  test('--format sarif has all that SARIF 2.1.0 requires', async () => {
    const name = 'a b%c.cfg';
    const cwd = place({ [name]: PAGE['haproxy.cfg'], 'hapee-mirror-spoe.cfg': PAGE['hapee-mirror-spoe.cfg'] });
    const args = ['config', 'check', name, 'hapee-mirror-spoe.cfg', '--for', '3.2', '--format', 'sarif'];
    const log = JSON.parse((await spoeLogs(args, { cwd })).stdout);
    assert.equal(log.version, '2.1.0');
    assert.match(log.$schema, /sarif-2\.1\.0/);
    const [run] = log.runs;
    assert.equal(run.tool.driver.name, 'spoe-logs config check');
    const ids = run.tool.driver.rules.map((rule: { id: string }) => rule.id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(run.results.length > 2);
    for (const { ruleId, ruleIndex, level, message, locations } of run.results) {
      assert.equal(ids[ruleIndex], ruleId);
      assert.ok(['error', 'warning', 'note'].includes(level));
      assert.ok(message.text.length > 0);
      const { artifactLocation, region } = locations[0].physicalLocation;
      assert.ok(region.startLine >= 1);
      assert.match(artifactLocation.uri, /^(a%20b%25c\.cfg|hapee-mirror-spoe\.cfg)$/);
    }
  });

  test('--format github escapes what ends an annotation', async () => {
    const cwd = place({
      'a,b:c%.cfg': 'frontend f\n  filter spoe engine "x::y%0A\\n" config s.cfg\n',
      's.cfg': '[z]\nspoe-agent z\n',
    });
    const { stdout } = await spoeLogs(['config', 'check', 'a,b:c%.cfg', '--format', 'github'], { cwd });
    assert.match(
      stdout,
      /^::error file=a%2Cb%3Ac%25\.cfg,line=2,title=spoe-logs engine-scope::the engine "x::y%250A\\x0a"/,
    );
    for (const line of stdout.trimEnd().split('\n')) assert.match(line, /^::(error|warning|notice) /);
  });

  test('nothing of a configuration reaches the terminal as it is', async () => {
    const cwd = place({
      'h.cfg': 'frontend \u001b[31m\n  filter spoe engine "\u001b]0;x\u0007\u202e" config s.cfg\n',
      's.cfg': '[\u001b[2J]\nspoe-agent z\n',
    });
    for (const format of ['text', 'json', 'sarif', 'github']) {
      const { stdout, stderr } = await spoeLogs(['config', 'check', 'h.cfg', '--format', format], { cwd });
      assert.ok(stdout.length > 0 && !hasRawControl(stdout) && !hasRawControl(stderr), format);
    }
  });
});

describe('config print', () => {
  const REQUESTS: readonly (readonly string[])[] = [
    [],
    ['--path', '/search', '--sample', '10%'],
    [
      '--path',
      '/a b',
      '--path',
      '/c"#$\'\\',
      '--acl',
      'is_search',
      '--sample',
      '0.5%',
      '--map',
      'switch.map',
      '--map-key',
      'm',
    ],
    ['--message', 'mirror-msg', '--engine', 'copies', '--backend', 'agents', '--frontend', 'www', '--without-uid'],
    ['--group', 'requests', '--path', '/search', '--acl', 'is_search', '--sample', '100%', '--map', 'switch.map'],
    ['--group', 'requests'],
    ['--agent', '127.0.0.1:1', '--agent', '[::1]:2', '--agent', 'unix@/run/agent.sock', '--bufsize', '65536', '--uid'],
    ['--engine', 'my-engine:2.0', '--group', 'requests', '--processing', '1s', '--bufsize', '1048576'],
  ];
  const ANSWERS = [[], ['--answers', 'head'], ['--answers', 'body'], ['--answers', 'body', '--bodies', 'wait']];
  const CHOICES = ANSWERS.flatMap((answers) =>
    REQUESTS.map((choices) => [
      ...choices.filter((word) => answers.length === 0 || word !== '--without-uid'),
      ...answers,
    ]),
  );

  for (const series of [undefined, ...SERIES]) {
    for (const choices of CHOICES) {
      test(`${['config print', ...choices].join(' ')} for ${series ?? 'any'} has no finding, and HAProxy takes it`, async (t) => {
        const out = join(folder, `out-${++made}`);
        const version = series === undefined ? [] : ['--for', series];
        const made1 = await spoeLogs(['config', 'print', ...choices, ...version, '--out', out]);
        assert.deepEqual([made1.code, made1.stderr], [0, '']);
        const { stdout, code } = await spoeLogs(['config', 'check', 'haproxy.cfg', ...version], { cwd: out });
        // Without an id nothing joins both logs, and who leaves it out is told so.
        assert.deepEqual(
          heads(stdout).map((head) => head.replace(/^\S+ /, '')),
          choices.includes('--without-uid') ? ['note uid-missing'] : [],
        );
        assert.equal(code, 0);
        const tried = SERIES.filter((each) => (series === undefined || each === series) && missing(each) === false);
        if (tried.length === 0) t.diagnostic(String(missing(series ?? '3.2')));
        for (const each of tried) {
          const run = spawnSync(programOf(each), ['-c', '-f', join(out, 'haproxy.cfg')], { encoding: 'utf8' });
          assert.deepEqual([run.status, /ALERT|WARNING/.test(run.stderr)], [0, false], run.stderr);
        }
      });
    }
  }

  /** Lines without comments, of one of the files. */
  async function printedLines(args: readonly string[], file: string): Promise<string[]> {
    const { stdout } = await spoeLogs(['config', 'print', ...args]);
    const text = stdout.split('### ').find((part) => part.startsWith(`${file}\n`)) ?? '';
    return text
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  }

  test('--answers asks for answers of requests that the agent chose, with every guard', async () => {
    const added = async (args: readonly string[], file: string) => {
      const before = new Set(
        await printedLines(
          args.filter((arg) => arg.startsWith('3.') || arg === '--for'),
          file,
        ),
      );
      return (await printedLines(args, file)).filter((line) => !before.has(line));
    };
    const guards = [
      'option var-prefix mirror',
      'no option send-frag-payload',
      'timeout idle 1s',
      'timeout processing 200ms',
    ];
    const acls = [
      'acl answer_wanted var(txn.mirror.answer) -m bool',
      'acl answer_json res.hdr(content-type) -m sub json',
      'acl answer_short res.hdr_val(content-length) 1:12000',
    ];
    const [body, head] = [' arg_body=res.body', ''].map(
      (more) => `args arg_uid=unique-id arg_status=status arg_hdrs=res.hdrs_bin${more} arg_body_size=res.body_size`,
    );
    const checks = [
      'timeout connect 1s',
      'timeout check 200ms',
      'server agent1 127.0.0.1:12345 check inter 500ms fall 2 rise 2 on-marked-down shutdown-sessions',
    ];
    assert.deepEqual(await added(['--answers', 'body'], 'haproxy.cfg'), checks);
    assert.deepEqual(await added(['--answers', 'body'], 'spoe-mirror.conf'), [
      'messages mirror answer-body answer-head',
      ...guards,
      ...['spoe-message answer-body', body, ...acls],
      'event on-http-response if answer_wanted answer_json answer_short',
      ...['spoe-message answer-head', head, ...acls],
      'event on-http-response if answer_wanted !answer_json or answer_wanted !answer_short',
    ]);
    assert.deepEqual(await added(['--answers', 'head'], 'spoe-mirror.conf'), [
      'messages mirror answer-head',
      ...guards,
      ...['spoe-message answer-head', head, acls[0], 'event on-http-response if answer_wanted'],
    ]);
    // What an older HAProxy alone needs is not said to a newer one.
    assert.deepEqual((await added(['--answers', 'head', '--for', '3.2'], 'spoe-mirror.conf')).slice(1, 3), [
      'option var-prefix mirror',
      'timeout processing 200ms',
    ]);
    assert.deepEqual(await added(['--answers', 'body', '--bodies', 'wait'], 'haproxy.cfg'), [
      ...acls,
      'acl answer_whole var(txn.answer_missing) -m int 0',
      'http-response wait-for-body time 30s if answer_wanted answer_json answer_short',
      'http-response set-var(txn.answer_len) res.body_len if answer_wanted',
      'http-response set-var(txn.answer_missing) res.body_size,sub(txn.answer_len) if answer_wanted',
      'http-response send-spoe-group mirror answer-body if answer_wanted answer_json answer_short answer_whole',
      'http-response send-spoe-group mirror answer-head if answer_wanted !answer_json or answer_wanted !answer_short',
      ...checks,
    ]);
    assert.deepEqual(await added(['--answers', 'body', '--bodies', 'wait'], 'spoe-mirror.conf'), [
      'groups answer-body answer-head',
      ...guards,
      ...['spoe-message answer-body', body, 'spoe-message answer-head', head],
      ...['spoe-group answer-body', 'messages answer-body', 'spoe-group answer-head', 'messages answer-head'],
    ]);
    const [command = ''] = (await printedLines(['--answers', 'body'], 'spoa-mirror.sh')).slice(-1);
    assert.match(command, / --answers body --record -$/);
  });

  test('--agent and --url may be several: with answers all agents hash with one key, and each has all mirrors', async () => {
    const two = [
      '--agent',
      '127.0.0.1:1',
      '--agent',
      '127.0.0.1:2',
      '--url',
      'http://a.example/',
      '--url',
      'http://b.example/',
    ];
    const commandsOf = async (...args: string[]) => {
      const { stdout, code } = await spoeLogs(['config', 'print', ...two, ...args]);
      assert.equal(code, 0);
      return [...stdout.matchAll(/^(?:# another agent: )?exec (spoa-mirror .*)$/gm)].map(([, command = '']) => command);
    };
    const start = 'spoa-mirror -r0 -u http://a.example/ -u http://b.example/ -c pipelining -a 127.0.0.1';
    const key = '--answers-key /etc/spoa-mirror/answers.key';
    assert.deepEqual(await commandsOf('--answers', 'body'), [
      `${start} -p 1 --answers body ${key} --record -`,
      `${start} -p 2 --answers body ${key} --record -`,
    ]);
    assert.deepEqual(await commandsOf(), [`${start} -p 1 --record -`, `${start} -p 2 --record -`]);
  });

  test('is what diff prints with --answers', async () => {
    for (const more of [
      ['--answers', 'head'],
      ['--answers', 'body', '--bodies', 'wait'],
    ]) {
      const { stdout } = await spoeLogs(['config', 'print', ...more]);
      assert.deepEqual(await spoeLogs(['diff', '--print-haproxy-config', ...more]), { code: 0, stdout, stderr: '' });
    }
    const alone = await spoeLogs(['diff', '--production', 'a', '--mirror', 'b', '--answers', 'head']);
    const why = '--answers and --bodies say what is printed (usage); add --print-haproxy-config';
    assert.deepEqual(alone, { code: 2, stdout: '', stderr: `spoe-logs: ${why}\n` });
  });

  test('writes over nothing', async () => {
    const cwd = place({ 'haproxy.cfg': 'mine' });
    const { code, stderr } = await spoeLogs(['config', 'print', '--out', '.'], { cwd });
    assert.deepEqual([code, stderr], [2, 'spoe-logs: haproxy.cfg is there already (exists); name an empty folder\n']);
    assert.equal(readFileSync(join(cwd, 'haproxy.cfg'), 'utf8'), 'mine');
  });

  test('writes nothing where two files have one name', async () => {
    const cwd = place({});
    for (const choices of [
      ['--map', 'haproxy.cfg'],
      ['--map', '/x/spoe-mirror.conf'],
      ['--spoe-file', '/x/spoa-mirror.sh'],
    ]) {
      const { code, stderr, stdout } = await spoeLogs(['config', 'print', ...choices, '--out', 'o'], { cwd });
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /^spoe-logs: two of the files would be [\w.-]+ \(same-name\); .*\n$/);
      assert.equal(existsSync(join(cwd, 'o')), false);
    }
  });

  test('names what lies in the folder of --out with its path, and an absolute path as it is given', async () => {
    const cwd = realpathSync(place({}));
    const relative = ['--map', 'maps/switch.map', '--spoe-file', 'spoe/s.conf'];
    const { stdout } = await spoeLogs(['config', 'print', ...relative, '--out', 'o'], { cwd });
    assert.equal(stdout, 'o/haproxy.cfg\no/s.conf\no/switch.map\no/spoa-mirror.sh\n');
    assert.ok(readFileSync(join(cwd, 'o/haproxy.cfg'), 'utf8').includes(` config ${cwd}/o/s.conf\n`));
    assert.ok(readFileSync(join(cwd, 'o/s.conf'), 'utf8').includes(`,map(${cwd}/o/switch.map) `));
    const absolute = ['--map', '/x/switch.map', '--spoe-file', '/x/s.conf'];
    await spoeLogs(['config', 'print', ...absolute, '--out', 'a b'], { cwd });
    assert.ok(readFileSync(join(cwd, 'a b/haproxy.cfg'), 'utf8').includes(' config /x/s.conf\n'));
    assert.ok(readFileSync(join(cwd, 'a b/s.conf'), 'utf8').includes(',map(/x/switch.map) '));
  });

  test('names --out where its path cannot be written into a configuration', async () => {
    const cwd = realpathSync(place({}));
    for (const choices of [[], ['--spoe-file', '/x/s.conf', '--map', 'switch.map']]) {
      const { code, stderr } = await spoeLogs(['config', 'print', ...choices, '--out', 'a b'], { cwd });
      const why = `--out "${cwd}/a b" has characters that HAProxy reads as something else`;
      assert.deepEqual([code, stderr], [2, `spoe-logs: ${why} (bad-path); take a plain path\n`]);
      assert.equal(existsSync(join(cwd, 'a b')), false);
    }
  });

  test('with --map has the ACLs of docs/mirroring.md, which were run with each HAProxy', async () => {
    const document = readFileSync(new URL('../../../docs/mirroring.md', import.meta.url), 'utf8');
    const { stdout } = await spoeLogs(['config', 'print', '--map', '/etc/haproxy/mirroring.map']);
    const lines = stdout.split('\n').filter((line) => /^ +(acl|event) |^mirroring/.test(line));
    assert.equal(lines.length, 6);
    for (const line of lines) assert.ok(document.includes(`    ${line.trim()}\n`), line);
  });

  test('with --map has the key and the ACLs by which mirroring takes a sample', async () => {
    const { stdout } = await spoeLogs(['config', 'print', '--map', '/x/switch.map', '--map-key', 'm']);
    for (const line of [
      '    acl mirroring_on str(m),map(/x/switch.map) -m str on',
      '    acl mirroring_share str(m.sample),map(/x/switch.map,100),add(0),set-var(txn.mirroring_sample) -m found',
      '    acl mirroring_drawn rand(100),sub(txn.mirroring_sample) lt 0',
      '    event on-frontend-http-request if mirroring_on mirroring_share mirroring_drawn',
      'm on',
      'm.sample 100',
    ])
      assert.ok(stdout.includes(`\n${line}\n`), line);
  });
});

describe('wrong input is one clear line', () => {
  const cwd = place({ ...PAGE, binary: Uint8Array.of(1, 0, 2), 'empty.cfg': '', 'folder-of-none.txt': '' });
  mkdirSync(join(cwd, 'none'));
  const LINES: readonly (readonly [args: string, stderr: string])[] = [
    ['', 'config does nothing by itself (usage); write config print, or config check haproxy.cfg'],
    ['chek x', 'config has no "chek" (usage); write config print, or config check haproxy.cfg'],
    ['check', 'config check needs a file (no-input); name haproxy.cfg'],
    ['check nowhere.cfg', 'no such file: nowhere.cfg (not-found); check the path'],
    ['check binary', 'binary holds binary data (binary); name a configuration of HAProxy'],
    ['check none', 'no .cfg file in none (no-files); name files'],
    [
      'check empty.cfg',
      'no "filter spoe" and no spoe-agent in empty.cfg (no-engine); name the haproxy.cfg that has it',
    ],
    [
      'check haproxy.cfg',
      'no such file: /etc/hapee-extras/hapee-mirror-spoe.cfg, which haproxy.cfg:7 names (not-found); name it behind haproxy.cfg: config check haproxy.cfg FILE',
    ],
    ['check haproxy.cfg --for three', 'cannot read --for "three" (bad-version); write 2.6, 3.0.11 or 3.2'],
    ['check haproxy.cfg --from 2.6', '--from needs the version it goes to (usage); add --for 3.2'],
    ['check haproxy.cfg --max-delay 5', 'cannot read --max-delay "5" (bad-duration); it has no unit: write 5s or 5ms'],
    [
      'check haproxy.cfg --agent-command=-mx',
      '-m in --agent-command has no number (bad-agent-command); write -m 16384',
    ],
    ['check haproxy.cfg --sample 1%', '--sample is an option of config print (usage); see spoe-logs config --help'],
    ['print x', 'config print takes no file: x (usage); did you mean config check?'],
    ['print --format json', '--format is an option of config check (usage); see spoe-logs config --help'],
    ['print --sample 0', '--sample 0% mirrors nothing (bad-sample); write 1%, or 0.0001%'],
    ['print --sample 101%', 'cannot read --sample "101%" (bad-sample); write 1%, or 0.01'],
    ['print --path search', '--path "search" is no path (bad-path); write /search'],
    ['print --acl x', '--acl names a condition, and there is none (usage); add --path /search'],
    [
      'print --map a,b',
      '--map "a,b" has characters that HAProxy reads as something else (bad-path); take a plain path',
    ],
    ...['mirroring_on', 'mirroring_share', 'mirroring_drawn', 'answer_wanted'].map(
      (name) =>
        [
          `print --acl ${name} --path /search`,
          `--acl ${name} is a name that config print uses itself (bad-name); take another`,
        ] as const,
    ),
    [
      'print --backend be_servers',
      '--backend be_servers is a name that config print uses itself (bad-name); take another',
    ],
    [
      'print --frontend be_servers',
      '--frontend be_servers is a name that config print uses itself (bad-name); take another',
    ],
    [
      'print --frontend mirroragents',
      '--frontend and --backend are both mirroragents (bad-name); HAProxy 3.3 refuses that: take two',
    ],
    ['print --map maps/', '--map "maps/" is no name of a file (bad-path); name a file'],
    ['print --spoe-file ..', '--spoe-file ".." is no name of a file (bad-path); name a file'],
    ['print --uid --without-uid', '--uid and --without-uid exclude each other (usage); give one'],
    [
      'print --answers body --without-uid',
      'without an id no answer finds its request (usage); leave --without-uid out',
    ],
    ['print --bodies wait', '--bodies is about bodies (usage); add --answers body'],
    ['print --answers head --bodies wait', '--bodies is about bodies (usage); add --answers body'],
    [
      'print --message answer-head',
      '--message answer-head is a name that config print uses itself (bad-name); take another',
    ],
    [
      'print --group answer-body',
      '--group answer-body is a name that config print uses itself (bad-name); take another',
    ],
    ['print --message a/b', '--message "a/b" is no name for HAProxy (bad-name); letters, digits and _ - . : make one'],
    ['print --agent 12345', 'cannot read --agent "12345" (bad-address); write 127.0.0.1:12345 or unix@/run/agent.sock'],
    [
      'print --agent a:70000',
      'cannot read --agent "a:70000" (bad-address); write 127.0.0.1:12345 or unix@/run/agent.sock',
    ],
    ['print --bufsize 1000', 'cannot use --bufsize "1000" (bad-bufsize); write a multiple of 16 from 16384 to 1048576'],
    ['print --processing 0.5s', 'cannot read --processing "0.5s" (bad-duration); write 500ms or 1s, without fraction'],
    ['print --url ftp://x', 'cannot use --url "ftp://x" (bad-url); write http://mirror.example/, without a password'],
    ['print --out /dev/null/x', 'cannot write /dev/null/x/haproxy.cfg: ENOTDIR (cannot-write); check the folder'],
  ];
  for (const [args, expected] of LINES) {
    test(`config ${args}`, async () => {
      const { code, stderr } = await spoeLogs(['config', ...args.split(' ').filter((arg) => arg !== '')], { cwd });
      assert.deepEqual([code, stderr], [2, `spoe-logs: ${expected}\n`]);
    });
  }
});
