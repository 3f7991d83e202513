/** `spoe-logs serve` as browsers, Prometheus and pipelines meet it: real HTTP, on a port of its own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { assertFits } from '../../schemas/schema.ts';
import { until } from '../../until.ts';
import { LiveRun, spoeLogs } from './run.ts';
import { Logs, type Mirrored, requests } from './served-lines.ts';

interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

class Server {
  readonly logs: Logs;
  readonly run: LiveRun;
  url = '';

  private constructor(logs: Logs, args: readonly string[]) {
    this.logs = logs;
    this.run = new LiveRun(['serve', logs.log, '--record', logs.record, '--listen', '127.0.0.1:0', ...args]);
  }

  /** With a comparison unless it is not wanted. */
  static async start(
    t: TestContext,
    args: readonly string[] = [],
    { compares = true, grace = '5s' } = {},
  ): Promise<Server> {
    const logs = new Logs(t);
    for (const path of [logs.log, logs.record]) writeFileSync(path, '');
    const comparing = compares ? ['--production', logs.log, '--grace', grace, '--tz', 'UTC', '--since', '-1m'] : [];
    const server = new Server(logs, [...comparing, ...args]);
    server.url = await until('the address', () => /^http:\S+\/(?=\n)/.exec(server.run.stdout)?.[0]);
    return server;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async ask(
    path: string,
    options: { method?: string; headers?: { [name: string]: string }; body?: string } = {},
  ): Promise<Answered> {
    const { body, ...others } = options;
    const request = httpRequest(new URL(path, this.url), others);
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    return { status: response.statusCode ?? 0, headers: response.headers, body: text };
  }

  async verdict(): Promise<{ verdict: string; pairs: { counted: number }; reasons: string[] }> {
    return JSON.parse((await this.ask('verdict')).body);
  }

  both(name: string, count: number, fields: Parameters<typeof requests>[3] = {}): readonly Mirrored[] {
    const all = requests(name, count, Date.now(), fields);
    this.logs.both(all);
    return all;
  }

  /** @param pairs of all that was written: it may be read in several looks */
  async is(wanted: string, pairs: number): Promise<void> {
    await until(`the verdict is ${wanted} over ${pairs} pairs`, async () => {
      const found = await this.verdict();
      if (found.verdict === wanted && found.pairs.counted === pairs) return true;
      throw new Error(JSON.stringify(found));
    });
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; stderr: string }> {
    this.run.child.kill(signal);
    return await this.run.ended;
  }
}

const SAFE = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

describe('a verdict that machines ask for', { concurrency: 3 }, () => {
  test('goes from not yet to PASS, and its codes are those of curl -f', async (t) => {
    const server = await Server.start(t);
    const promote = await server.ask('verdict/promote');
    assert.equal(promote.status, 503);
    assert.equal(promote.headers['retry-after'], '10');
    assert.match(
      promote.body,
      /^INCONCLUSIVE: 0 pairs so far, 432 more are needed if things go on like this\n- .* waits --grace \(5\.0 s\) before it counts a request\n/s,
    );
    assert.equal((await server.ask('verdict/rollback')).status, 503);
    const first = await server.ask('verdict');
    assert.equal(first.status, 200, 'the verdict itself is an answer whatever it is');
    assertFits('verdict', first.body);

    server.both('fine', 1000);
    await server.is('pass', 1000);
    const { status, body } = await server.ask('verdict/promote');
    assert.equal(status, 200);
    assert.match(
      body,
      /^PASS: 1000 pairs so far\n- no gate failed.*\n- statuses and times only; bodies and headers need --answers\n/,
    );
    const rollback = await server.ask('verdict/rollback');
    assert.equal(rollback.status, 412);
    assert.match(rollback.body, /^PASS/);
    const later = await server.ask('verdict');
    assertFits('verdict', later.body);
    const { promote: promotes, rollback: rollsBack, pairs, ages } = JSON.parse(later.body);
    assert.deepEqual([promotes, rollsBack, pairs.counted, pairs.missing], [true, false, 1000, 0]);
    assert.ok(ages.pairSeconds < 120 && ages.eventSeconds < 120 && ages.recordSeconds < 120);
    await server.end();
  });

  test('FAIL is for rollback alone, and stays', async (t) => {
    const server = await Server.start(t);
    server.both('broken', 400, (i) => (i % 2 === 0 ? { mirrorStatus: 500 } : {}));
    await server.is('fail', 400);
    const promote = await server.ask('verdict/promote');
    assert.equal(promote.status, 412);
    assert.match(promote.body, /^FAIL: 400 pairs so far\n- errors rose/);
    assert.equal((await server.ask('verdict/rollback')).status, 200);
    const { body } = await server.ask('verdict');
    assertFits('verdict', body);
    assert.match(JSON.parse(body).failedAt, /^\d{4}-/);
    const { stderr } = await server.end();
    assert.match(stderr, /ended: FAIL over 400 pairs; errors rose/);
  });

  test('curl -f succeeds for a PASS and for nothing else', async (t) => {
    if (spawnSync('curl', ['--version']).error !== undefined) return t.skip('no curl on this machine');
    const server = await Server.start(t);
    const curl = (path: string, ...args: string[]) =>
      spawnSync('curl', ['-sS', '-f', '-o', '/dev/null', ...args, server.url + path]).status;
    assert.equal(curl('verdict/promote'), 22);
    assert.equal(curl('verdict'), 0);
    server.both('fine', 1000);
    await server.is('pass', 1000);
    assert.equal(curl('verdict/promote'), 0);
    assert.equal(curl('verdict/promote', '-X', 'POST', '-d', '{"name":"app"}'), 0);
    assert.equal(curl('verdict/rollback'), 22);
    assert.equal(curl('verdict/promote?since=2100-01-01T00:00:00Z'), 22);
    await server.end();
  });

  test('whoever names when the release began is told nothing of the one before', async (t) => {
    const server = await Server.start(t);
    server.both('fine', 1000);
    await server.is('pass', 1000);
    const began = new Date(Date.now() + 60_000).toISOString();
    const asked = await server.ask(`verdict?since=${began}`);
    assertFits('verdict', asked.body);
    assert.equal(JSON.parse(asked.body).verdict, 'inconclusive');
    assert.match(JSON.parse(asked.body).reasons[0], /what is asked about began/);
    assert.equal((await server.ask(`verdict/promote?since=${Math.ceil(Date.parse(began) / 1000)}`)).status, 503);
    assert.equal((await server.ask(`verdict/promote?since=${Math.floor(Date.now() / 1000) - 3600}`)).status, 200);
    for (const path of ['verdict', 'verdict/promote', 'verdict/rollback'])
      assert.equal((await server.ask(`${path}?since=yesterday`)).status, 400);
    await server.end();
  });

  test('a restriction that is not understood is no 2xx: it would be left out', async (t) => {
    const server = await Server.start(t);
    server.both('fine', 1000);
    await server.is('pass', 1000);
    const odd = [
      'since=1&since=9999999999',
      'Since=9',
      'sincee=9',
      'since%20=9',
      'a=1;since=9',
      'since=',
      '=',
      'since=1&x',
    ];
    for (const path of ['verdict', 'verdict/promote', 'verdict/rollback'])
      for (const query of odd) {
        const { status, body } = await server.ask(`${path}?${query}`);
        assert.equal(status, 400, `${path}?${query}`);
        assert.match(body, /^[^\n]*since[^\n]*\n$/);
      }
    for (const query of ['?', '?since=1'])
      assert.notEqual((await server.ask(`verdict/promote${query}`)).status, 400, query);
    await server.end();
  });

  test('POST asks as well, where a client knows nothing else, and changes nothing', async (t) => {
    const server = await Server.start(t);
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"app"}' };
    assert.equal((await server.ask('verdict/promote', post)).status, 503);
    assert.equal((await server.ask('verdict/promote', { ...post, body: 'x'.repeat(100_000) })).status, 413);
    for (const path of ['', 'diff', 'verdict', 'metrics', 'api/diff', 'healthz'])
      assert.equal((await server.ask(path, post)).status, 405, path);
    for (const method of ['PUT', 'DELETE', 'PATCH'])
      assert.equal((await server.ask('verdict/promote', { method })).status, 405, method);
    await server.end();
  });

  test('without a production side there is none, and that is no 2xx', async (t) => {
    const server = await Server.start(t, [], { compares: false });
    for (const path of ['verdict', 'verdict/promote', 'verdict/rollback', 'diff', 'api/diff']) {
      const { status, body } = await server.ask(path);
      assert.equal(status, 404, path);
      assert.match(body, /there is no comparison/);
    }
    assert.equal((await server.ask('api/summary')).status, 200);
    await server.end();
  });
});

describe('what is served', { concurrency: 3 }, () => {
  test('JSON fits the schemas, and metrics hold both halves and the verdict', async (t) => {
    const server = await Server.start(t);
    server.both('fine', 1000);
    await server.is('pass', 1000);
    assertFits('summary', (await server.ask('api/summary')).body);
    const diff = await server.ask('api/diff');
    assertFits('diff-report', diff.body);
    assert.equal(JSON.parse(diff.body).verdict.status, 'pass');
    assert.equal(JSON.parse(diff.body).settings.anytime, true);
    // The summary reads the logs for itself, and its figures may be a second old.
    const { body, headers } = await until('the summary has all of the record', async () => {
      const metrics = await server.ask('metrics');
      return metrics.body.includes('\nspoe_logs_mirror_requests_total 1000\n') && metrics;
    });
    assert.match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
    for (const line of [
      'spoe_logs_diff_verdict{status="pass"} 1',
      'spoe_logs_diff_pairs 1000',
      'spoe_logs_diff_requests_total{bucket="paired"} 1000',
      'spoe_logs_serve_streams 0',
    ])
      assert.ok(body.split('\n').includes(line), line);
    const { status, body: page } = await server.ask('diff');
    assert.equal(status, 200);
    assert.match(page, /PASS/);
    assert.doesNotMatch(page, /--max-requests/, 'the next command is one that can be run');
    await server.end();
  });

  test('every answer keeps browsers from keeping, framing and guessing it', async (t) => {
    const server = await Server.start(t);
    for (const path of ['', 'diff', 'verdict', 'verdict/promote', 'api/summary', 'metrics', 'healthz', 'nowhere']) {
      const { headers } = await server.ask(path);
      for (const [name, value] of Object.entries(SAFE)) assert.equal(headers[name], value, `${path} ${name}`);
      assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/, path);
      assert.equal(headers['access-control-allow-origin'], undefined);
      const head = await server.ask(path, { method: 'HEAD' });
      assert.equal(head.body, '', path);
    }
    await server.end();
  });

  test('text of strangers stays text', async (t) => {
    const server = await Server.start(t);
    const evil = '/</script><img/src=x/onerror=alert(1)>\u202e';
    server.both('evil', 300, (i) => (i % 3 === 0 ? { path: encodeURI('/fine') } : { path: evil, mirrorStatus: 500 }));
    await server.is('fail', 300);
    for (const path of ['', 'diff']) {
      const { body } = await server.ask(path);
      assert.ok(!body.includes('<img/src'), path);
    }
    for (const path of ['verdict', 'api/diff', 'api/summary', 'metrics', 'verdict/promote']) {
      const { body } = await server.ask(path);
      assert.doesNotMatch(body, /\u202e/u, path);
    }
    await server.end();
  });

  test('another Host is refused: a name that leads here may be an attacker’s', async (t) => {
    const server = await Server.start(t, ['--served-name', 'status.example']);
    const { status, body } = await server.ask('verdict/promote', { headers: { host: 'evil.example' } });
    assert.equal(status, 421);
    assert.match(body, /--served-name/);
    for (const host of ['status.example', 'STATUS.example:80', 'localhost:1', '[::1]'])
      assert.equal((await server.ask('healthz', { headers: { host } })).status, 200, host);
    const raw = async (head: string, target = '/healthz') => {
      const socket = connect(server.port, '127.0.0.1').end(`GET ${target} HTTP/${head}\r\n\r\n`);
      let text = '';
      for await (const chunk of socket.setEncoding('utf8')) text += chunk;
      return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
    };
    assert.equal(await raw('1.1\r\nHost: localhost\r\nHost: evil.example'), 400);
    assert.equal(await raw('1.1\r\nHost: evil.example\r\nHost: localhost'), 400);
    assert.equal(await raw('1.1'), 400);
    assert.equal(await raw('1.0'), 200);
    assert.match((await server.ask('metrics')).body, /spoe_logs_serve_hosts_refused_total 1/);
    // The authority of an absolute target counts, and the Host beside it does not (RFC 9112, 3.2.2).
    for (const target of ['http://localhost/healthz', 'HTTP://status.example:9190/healthz?', 'http://[::1]:1/healthz'])
      assert.equal(await raw('1.1\r\nHost: evil.example', target), 200, target);
    assert.equal(await raw('1.1\r\nHost: localhost', 'http://localhost'), 200);
    assert.equal(await raw('1.1\r\nHost: localhost', 'http://localhost?a=1'), 200);
    assert.equal(await raw('1.1\r\nHost: localhost', 'http://evil.example/healthz'), 421);
    for (const target of [
      'http:///healthz',
      'http://localhost@evil.example/healthz',
      'http://evil.example@localhost/healthz',
    ])
      assert.equal(await raw('1.1\r\nHost: localhost', target), 400, target);
    assert.match((await server.ask('metrics')).body, /spoe_logs_serve_hosts_refused_total 2/);
    await server.end();
  });

  test('a token is asked for, in the header alone', async (t) => {
    const token = '0123456789abcdefghij';
    const file = new Logs(t).path('token');
    writeFileSync(file, `${token}\n`);
    const server = await Server.start(t, ['--token-file', file]);
    const asked = await server.ask('verdict/promote');
    assert.equal(asked.status, 401);
    assert.equal(asked.headers['www-authenticate'], 'Bearer');
    for (const authorization of [`Bearer ${token}x`, token, `Basic ${token}`, 'Bearer', `Bearer ${token} ${token}`])
      assert.equal((await server.ask('', { headers: { authorization } })).status, 401, authorization);
    assert.equal((await server.ask(`verdict?token=${token}`)).status, 401);
    assert.equal((await server.ask('nowhere')).status, 401);
    assert.equal((await server.ask('verdict', { headers: { authorization: `Bearer ${token}` } })).status, 200);
    assert.equal((await server.ask('healthz')).status, 200, 'whether it lives is no secret');
    await server.end();
  });
});

describe('bounds', { concurrency: 3 }, () => {
  test('connections that ask nothing make way for one that does', async (t) => {
    const server = await Server.start(t, [], { compares: false });
    const idle = Array.from({ length: 64 }, () => connect(server.port, '127.0.0.1'));
    t.after(() => {
      for (const socket of idle) socket.destroy();
    });
    for (const socket of idle) socket.on('error', () => undefined);
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    assert.equal((await server.ask('healthz')).status, 200);
    assert.match((await server.ask('metrics')).body, /spoe_logs_serve_connections_cut_total [1-9]/);
    await server.end();
  });

  test('so many listen, and who asks once still has a place', async (t) => {
    const server = await Server.start(t, [], { compares: false });
    const streams: IncomingMessage[] = [];
    for (let i = 0; i < 32; i++) {
      const request = httpRequest(new URL('events', server.url)).end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      assert.equal(response.statusCode, 200);
      response.on('error', () => undefined);
      streams.push(response);
    }
    t.after(() => {
      for (const each of streams) each.destroy();
    });
    const refused = await server.ask('events');
    assert.equal(refused.status, 503);
    assert.equal((await server.ask('api/summary')).status, 200);
    const { body } = await server.ask('metrics');
    assert.match(body, /spoe_logs_serve_streams 32/);
    assert.match(body, /spoe_logs_serve_streams_refused_total 1/);
    await server.end();
  });

  test('who listens hears that something is new, and that it ends', async (t) => {
    const server = await Server.start(t);
    const request = httpRequest(new URL('events', server.url)).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    assert.equal(response.headers['content-type'], 'text/event-stream');
    let heard = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
    const versions = () =>
      [...heard.matchAll(/event: changed\ndata: (.*)\n\n/g)].map(([, data]) => JSON.parse(data ?? ''));
    await until('a first event', () => versions().length > 0);
    const [before] = versions();
    server.both('new', 20);
    await until('both pages are new', () =>
      versions().some(({ Summary, Comparison }) => Summary > before.Summary && Comparison > before.Comparison),
    );
    const over = once(response, 'end');
    const { code } = await server.end();
    await over;
    assert.equal(code, 0);
  });
});

describe('the program', { concurrency: 3 }, () => {
  test('ends with 0 by either signal, whoever is connected', async (t) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const server = await Server.start(t);
      const idle = connect(server.port, '127.0.0.1').on('error', () => undefined);
      await once(idle, 'connect');
      const { code, stderr } = await server.end(signal);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /ended: INCONCLUSIVE over 0 pairs/);
      idle.destroy();
    }
  });

  test('is refused with one line and a hint', async (t) => {
    const logs = new Logs(t);
    writeFileSync(logs.log, '');
    const short = logs.path('short');
    writeFileSync(short, 'secret');
    const cases: [args: string[], message: RegExp][] = [
      [[], /no LOG and no --record \(usage\)/],
      [[logs.log, '--listen', '0.0.0.0:0'], /--token-file is needed \(token-needed\); head -c/],
      [[logs.log, '--listen', '[::]:0'], /\(token-needed\)/],
      [[logs.log, '--listen', 'example.org:0'], /\(token-needed\)/],
      [[logs.log, '--listen', '127.0.0.1:0', '--token-file', short], /holds no token.*\(bad-token\)/],
      [[logs.log, '--token-file', logs.path('none')], /cannot read --token-file .*ENOENT/],
      [[logs.log, '--token-file', logs.folder], /is no file \(bad-token\)/],
      [[logs.log, '--listen', 'x:y'], /cannot read --listen "x:y" \(bad-listen\); write HOST:PORT/],
      [[logs.log, '--production', logs.log], /--mirror is not given \(usage\)/],
      [[logs.log, '--mirror', logs.record], /--production is not given \(usage\)/],
      [[logs.log, '--record', logs.log, '--production', logs.log], /\(same-input\)/],
      [[logs.log, '--record', logs.record, '--production', logs.log, '--fail-on', 'nonsense'], /\(bad-gate\)/],
      [
        ['-'],
        /serve reads no standard input \(-\): it follows files .* \(cannot-follow\); write what comes into a file/,
      ],
      [[logs.log, '--record', '/dev/stdin'], /serve reads no standard input/],
      [[logs.log, '--record', logs.record, '--production', '-'], /serve reads no standard input/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr, stdout } = await spoeLogs(['serve', ...args]);
      assert.equal(code, 2, `${args}: ${stderr}`);
      assert.match(stderr, message);
      assert.equal(stderr.split('\n').length, 2, stderr);
      assert.equal(stdout, '');
    }
  });

  test('says that its port is taken', async (t) => {
    const server = await Server.start(t);
    const { code, stderr } = await spoeLogs(['serve', server.logs.log, '--listen', `127.0.0.1:${server.port}`]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /cannot listen on 127\.0\.0\.1:\d+: EADDRINUSE \(cannot-listen\); another program has the port/,
    );
    await server.end();
  });

  test('ends with 2 when no input can be read any more', async (t) => {
    const folder = new Logs(t).path('folder');
    mkdirSync(folder);
    const { code, stderr } = await spoeLogs(['serve', folder, '--listen', '127.0.0.1:0']);
    assert.equal(code, 2);
    assert.match(stderr, /folder is a directory \(is-directory\)/);
  });

  test('waits for logs that are not there yet', async (t) => {
    const logs = new Logs(t);
    const run = new LiveRun(['serve', logs.log, '--listen', '127.0.0.1:0']);
    await until('it waits', () => run.stderr.includes('is not there yet: waiting for it'));
    run.child.kill('SIGTERM');
    assert.equal((await run.ended).code, 0);
  });
});
