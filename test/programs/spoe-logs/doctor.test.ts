/** spoe-logs doctor with stand-ins; test/haproxy/doctor.test.ts has real ones. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { createAgent } from '../../../src/spoa/agent.ts';
import { assertFits } from '../../schemas/schema.ts';
import { spoeLogs } from './one-process.ts';
import { hasRawControl, STALL } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-doctor-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A program that says what `haproxy -vv` says. */
function program(version: string, filters = '[SPOE] spoe'): string {
  const path = file(
    `haproxy-${version}`,
    `#!/bin/sh\necho "HAProxy version ${version}"\necho "Available filters :"\necho "	${filters}"\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

async function portOf(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

const SPOE = file(
  'spoe.cfg',
  `[mirror]
spoe-agent mirror
    log global
    messages mirror
    use-backend agents
    timeout hello 500ms
    timeout idle 5s
    timeout processing 500ms
spoe-message mirror
    args arg_method=method arg_path=url arg_ver=req.ver arg_hdrs=req.hdrs_bin arg_body=req.body arg_uid=unique-id
    event on-frontend-http-request
`,
);

function configuration(name: string, agent: string, socket: string): string {
  return file(
    name,
    `global
    log 127.0.0.1:514 len 8192 format rfc3164 local0
    stats socket ${socket} mode 660 level admin
defaults
    mode http
    log global
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend fe_main
    bind 127.0.0.1:80
    option http-buffer-request
    unique-id-format %{+X}o\\ %ci:%cp_%fi:%fp_%Ts_%rt:%pid
    log-format "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %{+Q}r %ID %rt"
    filter spoe engine mirror config ${SPOE}
    default_backend be
backend be
    server app 127.0.0.1:8080
backend agents
    mode tcp
    timeout connect 5s
    timeout server 3m
    option spop-check
    server agent1 ${agent} check on-marked-down shutdown-sessions
`,
  );
}

/** The Runtime API of a HAProxy with so many sessions in the backend of the agent. */
async function startRuntimeApi(t: TestContext, path: string, sessions: number, requests: number): Promise<void> {
  const answers: { readonly [command: string]: string } = {
    'show proc': 'Unknown command: show proc\n',
    'show info': 'Name: HAProxy\nVersion: 3.0.11-1+deb13u4\nUptime_sec: 7\n',
    'show stat': `# pxname,svname,stot,req_tot,status\nfe_main,FRONTEND,3,${requests},OPEN\nagents,BACKEND,${sessions},,UP\n`,
    'show map': '# id (file) description\n',
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let command = '';
    socket.setEncoding('utf8').on('data', (text) => {
      command += text;
    });
    socket.on('end', () => socket.end(`${answers[command.trim()] ?? 'Unknown command.\n'}\n`));
  }).listen(path);
  await once(server, 'listening');
  t.after(() => server.close());
}

async function startAll(t: TestContext, name: string, { sessions = 4, requests = 9 } = {}) {
  const agentPath = join(folder, `${name}-agent`);
  const agent = createAgent({ handlers: {} });
  await agent.listen({ path: agentPath });
  t.after(() => agent.close());
  const mirror = await portOf(t, createHttp((_request, response) => response.end()) as unknown as Server);
  const socket = join(folder, `${name}-admin`);
  await startRuntimeApi(t, socket, sessions, requests);
  const config = configuration(`${name}.cfg`, `unix@${agentPath}`, socket);
  return {
    agent,
    args: ['doctor', '--haproxy', program('3.0.11'), '--config', config, '--mirror', `http://127.0.0.1:${mirror}/`],
  };
}

const HEALTHY = file(
  'healthy.log',
  Array.from(
    { length: 20 },
    (_, i) =>
      `Nov 26 10:00:${String(i).padStart(2, '0')} lb1 haproxy[7]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${i} st=0 0/0/1/0/1 1/1 0/0 0/${i + 1}\n`,
  ).join(''),
);

test('one line when all is well that can be known, and all of it as a table', async (t) => {
  const { args } = await startAll(t, 'well');
  const table = await spoeLogs([...args, '--log', HEALTHY, '--output', 'table', '--check-request', 'HEAD']);
  for (const line of [
    /^√ {2}\S+haproxy-3.0.11 is version 3.0.11, with SPOE$/m,
    /^√ {2}the Runtime API answers at \S+: version 3.0.11-1\+deb13u4$/m,
    /: nothing is wrong with 1 SPOE engine$/m,
    /^√ {2}unix@\S+ speaks SPOP 2.0: frames of \d+ bytes, [a-z, ]+$/m,
    /^√ {2}http:\/\/127.0.0.1:\d+\/ can be reached from here$/m,
    /^√ {2}HEAD http:\/\/127.0.0.1:\d+\/ is answered with 200$/m,
    /^√ {2}backend agents has had 4 sessions besides health checks$/m,
  ])
    assert.match(table.stdout.replace(/\n {3}/g, ' '), line);
  assert.equal(table.stderr, '');
  const short = await spoeLogs([...args, '--log', HEALTHY]);
  assert.doesNotMatch(short.stdout, /^√|^×/m);
  assert.match(short.stdout, /Status check results are [√?] {1,2}.*\d+ well\n$/);
  assert.equal(short.code, 0);
});

test('each failure is a line with what to do, and makes the exit code 1', async (t) => {
  const { args, agent } = await startAll(t, 'ill', { sessions: 0 });
  await agent.close();
  const old = args.map((arg, i) => (args[i - 1] === '--haproxy' ? program('1.8.0') : arg));
  const { code, stdout } = await spoeLogs([...old, '--log', STALL]);
  assert.equal(code, 1, stdout);
  const flat = stdout.replace(/\n {3,}(?!→)/g, ' ');
  assert.match(flat, /^× {2}\S+haproxy-1.8.0 is version 1.8.0: mirroring came with 1.9\n {3}→ upgrade HAProxy$/m);
  assert.match(flat, /^× {2}(there is no socket|nobody listens at) \S+ill-agent\n {3}→ start the agent/m);
  assert.match(
    flat,
    /^× {2}backend agents has had no session besides health checks, 9 requests came to fe_main\n {3}→ nothing is handed/m,
  );
  assert.match(flat, /^Status check results are × {2}\d+ failed/m);
});

test('what cannot be seen is said and leaves a question; what is named and is not there is wrong usage', async () => {
  const { stdout } = await spoeLogs([
    'doctor',
    '--agent',
    '127.0.0.1:1',
    '--mirror',
    'http://no.invalid/',
    '--output',
    'json',
  ]);
  assertFits('doctor', stdout);
  const { success, categories } = JSON.parse(stdout);
  const mirror = categories.find(({ category }: { category: string }) => category === 'mirror');
  assert.equal(success, false);
  assert.equal(mirror.findings[0].result, 'fail');
  for (const option of ['--config', '--log', '--haproxy']) {
    const { code, stderr } = await spoeLogs(['doctor', option, join(folder, 'none')]);
    assert.deepEqual([code, /^spoe-logs: no such file: \S+none/.test(stderr)], [2, true], stderr);
  }
});

test('where the server line has TLS and the agent has none, that is said', async (t) => {
  const { args } = await startAll(t, 'tls');
  const config = args[args.indexOf('--config') + 1] ?? '';
  writeFileSync(config, readFileSync(config, 'utf8').replace(' check on-marked', ' ssl verify none check on-marked'));
  const { stdout } = await spoeLogs([...args, '--log', HEALTHY]);
  assert.match(stdout, /^× {2}\S+-agent and the server line do not agree on TLS: EPROTO$/m);
  assert.match(stdout, /^Status check results are × /m);
});

test('text of others is escaped', async (t) => {
  const { args } = await startAll(t, 'hostile');
  const log = file(
    'hostile.log',
    'Nov 26 10:00:00 lb1 haproxy[7]: SPOE: [\x1b[2Jx] <EVENT:on-frontend-http-request> sid=1 st=1 0/0/1/0/1 1/1 0/0 1/1\n',
  );
  const { stdout } = await spoeLogs([...args, '--log', log]);
  assert.equal(hasRawControl(stdout), false);
});

test('wrong options are one clear line', async () => {
  for (const [args, message] of [
    [['--timeout', 'soon'], /cannot read --timeout "soon"/],
    [['--check-request', 'DELETE'], /check-request/],
    [['--socket', 'x@y'], /x@ addresses cannot be reached|cannot read --socket/],
  ] as const) {
    const { code, stdout, stderr } = await spoeLogs(['doctor', ...args]);
    assert.match(stderr + stdout, message);
    assert.equal(code === 0, false);
  }
});

test('a program that others could have put there is not run, whatever it calls itself', {
  skip: process.platform !== 'linux' && 'there is no /proc',
}, async (t) => {
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  copyFileSync('/bin/sleep', join(shared, 'haproxy'));
  chmodSync(shared, 0o777);
  const child = spawn(join(shared, 'haproxy'), ['1000']);
  t.after(() => child.kill());
  await once(child, 'spawn');
  const { stdout } = await spoeLogs([
    'doctor',
    '--agent',
    '127.0.0.1:1',
    '--mirror',
    'http://no.invalid/',
    '--output',
    'json',
  ]);
  const { categories } = JSON.parse(stdout);
  const texts: string[] = categories[0].findings.map(({ text }: { text: string }) => text);
  assert.ok(
    texts.some((text) => text.includes(`process ${child.pid} of uid`) && text.endsWith('not looked at')),
    stdout,
  );
  assert.ok(!texts.some((text) => text.includes(shared)), stdout);
});
