/** TLS on the side where HAProxy connects: who gets in, what a handshake may cost the others, and certificates that change. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { HandshakePace } from '../../../src/mirror/handshake-pace.ts';
import { Entrance } from '../../../src/programs/spoa-mirror/entrance.ts';
import { EntranceHealth } from '../../../src/programs/spoa-mirror/entrance-health.ts';
import type { ListenPem } from '../../../src/programs/spoa-mirror/handshakes.ts';
import { Handshakes } from '../../../src/programs/spoa-mirror/handshakes.ts';
import { createSecuredAgent } from '../../../src/spoa/agent.ts';
import { newAgentStats } from '../../../src/spoa/counters.ts';
import type { AgentLimits } from '../../../src/spoa/limits.ts';
import { type Certificate, makeCertificate } from '../../certificates.ts';
import { reservePort } from '../../ports.ts';
import { Client, HELLO, helloFrame } from '../../spoa/client.ts';
import { untilTrue } from '../../until.ts';
import { fresh, get, Run, workersOf } from './program.ts';

const server = makeCertificate('spoa-server') as Certificate;
const authority = makeCertificate('spoa-ca') as Certificate;
const haproxy = makeCertificate('spoa-haproxy', 'DNS:haproxy', authority) as Certificate;
const stranger = makeCertificate('spoa-stranger') as Certificate;
const skip = [server, authority, haproxy, stranger].includes(undefined as never) && 'there is no openssl';

const text = (path: string) => readFileSync(path, 'utf8');
const turn = () => new Promise(setImmediate);
/** What the other side does with whom it does not like. */
const quietly = <Stream extends Socket>(socket: Stream): Stream => socket.on('error', () => {});

function pemOf({ keyFile, certFile }: Certificate, ca?: Certificate): ListenPem {
  return { key: text(keyFile), cert: text(certFile), ...(ca && { ca: text(ca.certFile) }) };
}

async function gone(socket: Socket): Promise<void> {
  // Not events.once: an error comes before it.
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

async function startTls(t: TestContext, pem: ListenPem, limits: Partial<AgentLimits> = {}) {
  const clock = { now: 0 };
  const agent = createSecuredAgent({ handlers: {}, limits, clock: () => clock.now }, new Handshakes(pem));
  t.after(() => agent.close({ graceMs: 0 }));
  const { port } = (await agent.listen({ host: '127.0.0.1', port: 0 })) as AddressInfo;
  return { agent, port, clock };
}

function dial(t: TestContext, port: number, options: ConnectionOptions = {}): TLSSocket {
  const socket = quietly(connectTls({ port, host: '127.0.0.1', ca: server.cert, ...options }));
  t.after(() => socket.destroy());
  return socket;
}

async function dialRaw(t: TestContext, port: number): Promise<Socket> {
  const socket = quietly(connect({ port, host: '127.0.0.1' }));
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket.resume();
}

/** HAProxy, behind its HELLO. */
async function open(t: TestContext, port: number, options: ConnectionOptions = {}): Promise<Client> {
  const client = new Client(dial(t, port, options));
  client.hello(HELLO);
  await client.until(1);
  return client;
}

/** What a client of Node begins with. */
async function clientHello(t: TestContext): Promise<Buffer> {
  const listener = createServer().listen(0, '127.0.0.1');
  t.after(() => listener.close());
  await once(listener, 'listening');
  const socket = dial(t, (listener.address() as AddressInfo).port);
  const [accepted] = (await once(listener, 'connection')) as [Socket];
  const [hello] = await once(accepted, 'data');
  accepted.destroy();
  socket.destroy();
  return hello;
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version}: HELLO, NOTIFY and ACK; the client sees the certificate`, { skip }, async (t) => {
    const { agent, port } = await startTls(t, pemOf(server));
    const client = await open(t, port, { minVersion: version, maxVersion: version });
    const socket = client.socket as TLSSocket;
    assert.deepEqual([socket.getProtocol(), socket.authorized], [version, true]);
    for (let i = 1; i <= 50; i++) client.notify(i);
    await client.until(51);
    assert.deepEqual([agent.stats().acks, agent.stats().connections], [50, 1]);
    assert.deepEqual(agent.stats().tlsHandshakesFailed, {});
    client.close();
    await untilTrue(() => agent.stats().connections === 0);
  });
}

test('an agent that stops says goodbye by TLS, and waits for nobody in a handshake', { skip }, async (t) => {
  const { agent, port } = await startTls(t, pemOf(server));
  const client = await open(t, port);
  const silent = await dialRaw(t, port);
  await untilTrue(() => agent.stats().connections >= 2);
  const closed = agent.close();
  assert.equal((await client.disconnect()).statusCode, 0);
  await gone(silent);
  assert.equal(silent.bytesRead, 0);
  await closed;
  assert.deepEqual(agent.stats().disconnects, { 0: 1 });
  assert.deepEqual(agent.stats().tlsHandshakesFailed, {});
});

test('older than TLS 1.2 is refused', { skip }, async (t) => {
  const { agent, port } = await startTls(t, pemOf(server));
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await gone(dial(t, port, old));
  assert.deepEqual(agent.stats().tlsHandshakesFailed, { 'unsupported-protocol': 1 });
});

test('mutual TLS: a certificate of the CA gets in, another one and none do not', { skip }, async (t) => {
  const { agent, port } = await startTls(t, pemOf(server, authority));
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const client = await open(t, port, { maxVersion, key: haproxy.key, cert: haproxy.cert });
    client.notify(1);
    await client.until(2);
    for (const options of [{}, { key: stranger.key, cert: stranger.cert }, { key: server.key, cert: server.cert }]) {
      const refused = new Client(dial(t, port, { maxVersion, ...options }));
      refused.hello(HELLO);
      assert.deepEqual(await refused.end(), []);
    }
  }
  await untilTrue(() => agent.stats().connections <= 2);
  assert.deepEqual(agent.stats().tlsHandshakesFailed, {
    'peer-did-not-return-a-certificate': 2,
    'depth-zero-self-signed-cert': 4,
  });
  assert.equal(agent.stats().hellos, 2);
});

test('who does not speak TLS is ended without a word', { skip }, async (t) => {
  const { agent, port } = await startTls(t, pemOf(server));
  const split = Buffer.from([22, 3, 1, 0, 5, 1, 0, 1, 0, 3]);
  for (const bytes of [
    helloFrame(),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from('220102030405060708', 'hex'),
    split,
  ]) {
    const plain = await dialRaw(t, port);
    plain.write(bytes);
    await gone(plain);
    assert.equal(plain.bytesRead, 0);
  }
  assert.deepEqual(agent.stats().tlsHandshakesFailed, { 'not-tls': 3, 'split-hello': 1 });
  assert.deepEqual([agent.stats().disconnects, agent.stats().bytesWritten], [{}, 0]);
});

test('who looks whether the port is open has not failed; who leaves in a handshake has', { skip }, async (t) => {
  const { agent, port } = await startTls(t, pemOf(server));
  const hello = await clientHello(t);
  for (const bytes of [undefined, hello.subarray(0, 20), hello.subarray(0, 3), hello]) {
    const total = agent.stats().connectionsTotal;
    const client = await dialRaw(t, port);
    if (bytes === undefined) client.end();
    else client.end(bytes);
    await untilTrue(() => agent.stats().connectionsTotal !== total && agent.stats().connections === 0);
  }
  await untilTrue(() => (agent.stats().tlsHandshakesFailed.closed ?? 0) >= 3);
  assert.deepEqual(agent.stats().tlsHandshakesFailed, { closed: 3 });
});

test('a ClientHello may come byte by byte', { skip }, async (t) => {
  const { port } = await startTls(t, pemOf(server));
  const hello = await clientHello(t);
  const client = await dialRaw(t, port);
  client.setNoDelay();
  const answered = once(client, 'data');
  for (const byte of hello) {
    client.write(Buffer.from([byte]));
    await turn();
  }
  const [answer] = await answered;
  assert.deepEqual([...answer.subarray(0, 3)], [22, 3, 3]);
});

test('a handshake that is not done in time is ended and counted, wherever it is', { skip }, async (t) => {
  const { agent, port, clock } = await startTls(t, pemOf(server));
  const hello = await clientHello(t);
  const slow = [await dialRaw(t, port), await dialRaw(t, port), await dialRaw(t, port)];
  slow[1]?.write(hello.subarray(0, 40));
  slow[2]?.write(hello);
  await once(slow[2] as Socket, 'data');
  await untilTrue(() => agent.stats().connections >= 3);
  clock.now = 4_999;
  agent.sweep();
  const good = await open(t, port);
  assert.equal(agent.stats().connections, 4);
  clock.now = 5_000;
  agent.sweep();
  for (const each of slow) await gone(each);
  assert.deepEqual(agent.stats().tlsHandshakesFailed, { timeout: 3 });
  assert.equal(agent.stats().helloTimeouts, 0);
  good.notify(1);
  await good.until(2);
});

test('TLS and then nothing is a HELLO that did not come', { skip }, async (t) => {
  const { agent, port, clock } = await startTls(t, pemOf(server));
  const client = new Client(dial(t, port));
  await once(client.socket, 'secureConnect');
  // The agent's side of the handshake is done when it answers somebody who came later.
  await open(t, port);
  clock.now = 5_000;
  agent.sweep();
  assert.equal((await client.disconnect()).statusCode, 2);
  assert.equal(agent.stats().helloTimeouts, 1);
  assert.deepEqual(agent.stats().tlsHandshakesFailed, {});
});

test('a connection in its handshake gives way as one without HELLO does', { skip }, async (t) => {
  const { agent, port } = await startTls(t, pemOf(server), { maxConnections: 3 });
  const first = await open(t, port);
  const held = [await dialRaw(t, port)];
  await untilTrue(() => agent.stats().connections >= 2);
  held.push(await dialRaw(t, port));
  await untilTrue(() => agent.stats().connections >= 3);
  const second = await open(t, port);
  await gone(held[0] as Socket);
  assert.equal(held[0]?.bytesRead, 0);
  for (const client of [first, second]) {
    client.notify(1);
    await client.until(2);
  }
  assert.deepEqual([agent.stats().connectionsGaveWay, agent.stats().disconnects], [1, {}]);
  assert.deepEqual(agent.stats().tlsHandshakesFailed, {});
});

/** Makes clients that begin a handshake and leave it there. */
function sender(t: TestContext, hello: Buffer): (port: number) => Socket {
  return (port) => {
    const socket = quietly(connect({ port, host: '127.0.0.1' }));
    t.after(() => socket.destroy());
    socket.write(hello);
    return socket.resume();
  };
}

/** Handshakes alone, whose turns come when the test says so. */
class Turns {
  readonly handshakes = new Handshakes(pemOf(server), new HandshakePace());
  readonly opened: string[] = [];
  readonly #t: TestContext;
  readonly #listener = createServer();

  static async start(t: TestContext): Promise<Turns> {
    const turns = new Turns(t);
    await once(turns.#listener.listen(0, '127.0.0.1'), 'listening');
    t.mock.timers.enable({ apis: ['setTimeout'] });
    return turns;
  }

  private constructor(t: TestContext) {
    this.#t = t;
    t.after(() => this.#listener.close());
  }

  /** Resolves when its ClientHello is here as a whole. */
  async come<Client extends Socket>(peer: string, client: (port: number) => Client): Promise<Client> {
    const accepted = once(this.#listener, 'connection');
    const socket = client((this.#listener.address() as AddressInfo).port);
    const raw = quietly((await accepted)[0] as Socket);
    this.#t.after(() => raw.destroy());
    this.handshakes.add(raw, peer, 0, (secured) => {
      quietly(secured);
      this.opened.push(peer);
    });
    await untilTrue(() => raw.listenerCount('readable') === 0);
    return socket;
  }

  next(): void {
    this.#t.mock.timers.tick(5);
  }
}

test('one handshake begins in each turn, of each peer in turn', { skip }, async (t) => {
  const sendHello = sender(t, await clientHello(t));
  const turns = await Turns.start(t);
  const flood: Socket[] = [];
  for (let i = 0; i < 6; i++) flood.push(await turns.come('flood', sendHello));
  const good = await turns.come('haproxy', (port) => dial(t, port));
  turns.next();
  turns.next();
  await once(good, 'secureConnect');
  await untilTrue(() => turns.opened.length > 0);
  assert.deepEqual(turns.opened, ['haproxy']);
  const begun = flood.filter(({ bytesRead }) => bytesRead > 0).length;
  assert.ok(begun >= 1 && begun <= 2, `${begun} have begun`);
  turns.handshakes.sweep(5_000, 5_000);
  assert.deepEqual(turns.handshakes.failures, { timeout: 2, 'too-many': 4 });
});

test('of those that have begun there is a bound: the oldest of whoever has most is ended', { skip }, async (t) => {
  const sendHello = sender(t, await clientHello(t));
  const turns = await Turns.start(t);
  const first = await turns.come('quiet', sendHello);
  turns.next();
  const flood: Socket[] = [];
  for (let i = 0; i < 33; i++) {
    flood.push(await turns.come('flood', sendHello));
    turns.next();
  }
  const [oldest, ...others] = flood;
  await untilTrue(() => oldest?.closed === true && flood.at(-1)?.bytesRead !== 0);
  assert.deepEqual(turns.handshakes.failures, { 'too-many': 2 });
  assert.deepEqual([first, ...others.slice(1)].map(({ closed }) => closed).includes(true), false);
});

test('handshakes that fail are said when they begin to and when it is over, with the last reason', () => {
  const lines: string[] = [];
  const health = new EntranceHealth(new Entrance([], () => {}), (line) => lines.push(line));
  const stats = newAgentStats();
  let nowMs = 0;
  const observe = (times: number, failed: { [reason: string]: number }) => {
    stats.tlsHandshakesFailed = failed;
    for (let i = 0; i < times; i++, nowMs += 1000) health.observe(stats, nowMs);
  };
  observe(3, {});
  observe(1, { 'not-tls': 3 });
  observe(2, { 'not-tls': 4, 'cert-has-expired': 1 });
  observe(1, {});
  observe(20, { 'not-tls': 4, 'cert-has-expired': 1 });
  assert.deepEqual(lines, [
    "3 TLS handshakes of HAProxy's side failed, the last one: what came is no TLS, HAProxy's server line needs ssl (not-tls)",
    'TLS handshakes fail no more; in 11 s 5 failed, the last one: cert-has-expired',
  ]);
});

const onLinux = process.platform === 'linux' ? skip : 'there is no /proc elsewhere';

/** Files of a certificate that change. */
function renewable(certificate: Certificate): { cert: string; key: string; become: (next: Certificate) => void } {
  const [cert, key] = [fresh('cert'), fresh('key')];
  const become = (next: Certificate) => {
    copyFileSync(next.certFile, cert);
    copyFileSync(next.keyFile, key);
  };
  become(certificate);
  chmodSync(key, 0o600);
  return { cert, key, become };
}

async function seen(t: TestContext, port: number): Promise<string> {
  const socket = dial(t, port, { rejectUnauthorized: false, key: haproxy.key, cert: haproxy.cert });
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

for (const workers of [1, 2]) {
  test(`-n ${workers}: TLS with client certificates, failures in log and figures, SIGHUP renews`, {
    skip: onLinux,
  }, async (t) => {
    const [port, admin] = [await reservePort(), fresh('admin')];
    const files = renewable(server);
    const tls = ['--tls-cert', files.cert, '--tls-key', files.key, '--tls-ca', authority.certFile];
    const run = new Run(['-r0', `-n${workers}`, `-p${port}`, '--admin', `unix:${admin}`, ...tls]);
    await run.says(/ready on 0\.0\.0\.0:\d+ with TLS and client certificates, /);
    const identity = { key: haproxy.key, cert: haproxy.cert };
    const kept = await open(t, port, identity);
    kept.notify(1);
    await kept.until(2);
    const plain = await dialRaw(t, port);
    plain.write(helloFrame());
    await gone(plain);
    await run.says(/: 1 TLS handshakes of HAProxy's side failed, the last one: what came is no TLS, /);
    assert.match(
      (await get(admin, '/metrics')).body,
      /^spoa_mirror_tls_handshakes_failed_total\{reason="not-tls"\} 1$/m,
    );
    const { agent } = JSON.parse((await get(admin, '/stats')).body);
    assert.deepEqual(agent.tlsHandshakesFailed, { 'not-tls': 1 });
    assert.equal(await seen(t, port), 'spoa-server');

    writeFileSync(files.cert, 'broken');
    run.child.kill('SIGHUP');
    await run.says(/: TLS stays as it was: --tls-cert cannot be used: /);
    assert.equal(await seen(t, port), 'spoa-server');
    copyFileSync(stranger.certFile, files.cert);
    run.child.kill('SIGHUP');
    await run.says(/: TLS stays as it was: --tls-key is not the key of --tls-cert\n/);

    files.become(stranger);
    run.child.kill('SIGHUP');
    await run.says(/: TLS renewed, the certificate is valid until \d{4}-\d\d-\d\dT[\d:.]+Z\n/);
    await untilTrue(async () => (await seen(t, port)) === 'spoa-stranger');
    if (workers > 1) {
      for (const pid of workersOf(run.child.pid as number)) process.kill(pid, 'SIGKILL');
      await untilTrue(async () => JSON.parse((await get(admin, '/stats')).body).workers.restarted >= workers);
      await untilTrue(async () => JSON.parse((await get(admin, '/stats')).body).workers.running >= workers);
    } else {
      kept.notify(2);
      await kept.until(3);
    }
    for (let i = 0; i < 4; i++) assert.equal(await seen(t, port), 'spoa-stranger');
    run.child.kill('SIGTERM');
    assert.equal(await run.exit, 0, run.stderr);
    assert.doesNotMatch(run.stdout, /whoever reaches this machine/);
    assert.doesNotMatch(run.stdout, /can be read by every user/);
    assert.equal(run.stdout.match(/TLS handshakes of/g)?.length, 1, run.stdout);
  });
}

test('TLS over a unix socket, with a key that everybody can read, which is said', { skip: onLinux }, async (t) => {
  const path = fresh('agent');
  const files = renewable(server);
  chmodSync(files.key, 0o644);
  const run = new Run(['-r0', '-n2', '-a', `unix:${path}`, '--tls-cert', files.cert, '--tls-key', files.key]);
  await run.says(/ready on unix:.* with TLS, /);
  assert.match(run.stdout, /: --tls-key \/.* can be read by every user of this machine\n/);
  const socket = quietly(connectTls({ path, ca: server.cert, servername: 'localhost' }));
  t.after(() => socket.destroy());
  const client = new Client(socket);
  client.hello(HELLO);
  client.notify(1);
  await client.until(2);
  run.child.kill('SIGTERM');
  assert.equal((await client.disconnect()).statusCode, 0);
  assert.equal(await run.exit, 0);
});

test('what cannot be TLS is refused at the start, with one line each', { skip }, async () => {
  const nothing = fresh('nothing');
  const empty = fresh('empty');
  writeFileSync(empty, '');
  const { certFile, keyFile } = server;
  for (const [args, line] of [
    [['--tls-cert', certFile], /^spoa-mirror: --tls-cert needs --tls-key \(help: spoa-mirror -h\)\n$/],
    [['--tls-key', keyFile], /^spoa-mirror: --tls-key needs --tls-cert \(help: spoa-mirror -h\)\n$/],
    [['--tls-ca', certFile], /^spoa-mirror: --tls-ca needs --tls-cert and --tls-key \(help: spoa-mirror -h\)\n$/],
    [
      ['--tls-cert', certFile, '--tls-key', stranger.keyFile],
      /^spoa-mirror: --tls-key is not the key of --tls-cert\n$/,
    ],
    [['--tls-cert', nothing, '--tls-key', keyFile], /^spoa-mirror: unable to read --tls-cert \/.*: ENOENT\n$/],
    [['--tls-cert', certFile, '--tls-key', nothing], /^spoa-mirror: unable to read --tls-key \/.*: ENOENT\n$/],
    [['--tls-cert', empty, '--tls-key', keyFile], /^spoa-mirror: --tls-cert cannot be used: .*\n$/],
    [['--tls-cert', certFile, '--tls-key', empty], /^spoa-mirror: --tls-key cannot be used: .*\n$/],
    [['--tls-cert', certFile, '--tls-key', keyFile, '--tls-ca', empty], /^spoa-mirror: --tls-ca cannot be used: .*\n$/],
  ] as const) {
    const run = new Run(['-r0', `-p${await reservePort()}`, ...args]);
    assert.equal(await run.exit, 64, args.join(' '));
    assert.match(run.stderr, line);
  }
});
