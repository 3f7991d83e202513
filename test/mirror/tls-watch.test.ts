/** What TLS costs beyond reason: who is closed for it, who waits, and who does not. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { connect as connectHttp2, createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { Http1Client } from '../../src/mirror/http1-client.ts';
import { resolveOptions } from '../../src/mirror/options.ts';
import { parseDestination } from '../../src/mirror/target.ts';
import { TlsBackoff, type TlsProblem } from '../../src/mirror/tls-backoff.ts';
import { TlsWatch } from '../../src/mirror/tls-watch.ts';
import { makeCertificate } from '../certificates.ts';

/** A connection whose bytes are said rather than sent. */
class Fake extends EventEmitter {
  readonly wire = { bytesRead: 0 };
  readonly _handle = { _parent: this.wire };
  bytesRead = 0;
  destroyed = false;

  destroy(error: Error): void {
    this.destroyed = true;
    this.emit('error', error);
    this.emit('close');
  }
}

/** A watch whose clock stands still unless it is told. */
function watching() {
  const moment = { wallMs: 0, cpuMs: 0 };
  const problems: TlsProblem[] = [];
  const tlsBackoff = new TlsBackoff(
    (problem) => problems.push(problem),
    () => moment.wallMs,
  );
  const watch = new TlsWatch(() => ({ ...moment }));
  const pass = (wallMs: number, cpuMs: number) => {
    moment.wallMs += wallMs;
    moment.cpuMs += cpuMs;
  };
  const open = () => {
    const socket = new Fake();
    const errors: NodeJS.ErrnoException[] = [];
    watch.watch(socket as unknown as TLSSocket, tlsBackoff);
    socket.on('error', (error) => errors.push(error));
    return { socket, errors };
  };
  return { watch, tlsBackoff, problems, pass, open };
}

test('session tickets without end close the connection, and the next one waits', () => {
  const { tlsBackoff, problems, open } = watching();
  const { socket, errors } = open();
  socket.emit('secure');
  for (let i = 0; i < 16; i++) socket.emit('session');
  assert.equal(socket.destroyed, false);
  for (let i = 0; i < 100; i++) socket.emit('session');
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['ERR_TLS_FLOOD'],
  );
  assert.deepEqual(problems, [{ kind: 'flood', waitMs: 10_000 }]);
  assert.equal(tlsBackoff.waitMs, 10_000);
});

test('bytes that are no data, as of key updates, close the connection; those around small answers do not', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { tlsBackoff, pass, open } = watching();
  const [honest, hostile] = [open(), open()];
  for (const { socket } of [honest, hostile]) socket.emit('secure');
  // Answers of 15 bytes in records of 37.
  honest.socket.wire.bytesRead = 37 * 100_000;
  honest.socket.bytesRead = 15 * 100_000;
  hostile.socket.wire.bytesRead = 27 * 20_000;
  hostile.socket.bytesRead = 80;
  pass(450, 400);
  t.mock.timers.tick(50);
  assert.deepEqual([honest.socket.destroyed, hostile.socket.destroyed], [false, true]);
  assert.equal(tlsBackoff.waitMs, 40_000);
  honest.socket.destroy(new Error('over'));
});

for (const [what, bytes, wallMs, cpuMs, waitMs] of [
  ['64 kB of certificates that take half a second', 64_000, 550, 530, 50_000],
  ['more of them', 100_000, 2_050, 2_000, 60_000],
  ['a chain as others have it, however late everything is', 8_000, 5_000, 5_000, 0],
  ['a long one that costs nothing', 64_000, 52, 5, 0],
  ['a long one on a machine that does other things', 64_000, 5_000, 5, 0],
] as const)
  test(`${what}: the next handshake waits ${waitMs} ms`, () => {
    const { tlsBackoff, problems, pass, open } = watching();
    const { socket } = open();
    socket.wire.bytesRead = bytes;
    pass(wallMs, cpuMs);
    socket.emit('secure');
    assert.equal(Math.round(tlsBackoff.waitMs), waitMs);
    assert.equal(problems.length, waitMs > 0 ? 1 : 0);
    socket.destroy(new Error('over'));
  });

test('it is told once an episode, and again when it had been over for long', () => {
  const { tlsBackoff, problems, pass } = watching();
  tlsBackoff.costly(100);
  pass(10_000, 0);
  tlsBackoff.costly(100);
  pass(310_001, 0);
  tlsBackoff.costly(100);
  assert.equal(problems.length, 2);
});

const long = makeCertificate('long', Array.from({ length: 1_500 }, (_, i) => `DNS:${i}.mirror.test`).join(','));

for (const [what, insecure] of [
  ['taken', true],
  ['refused', false],
] as const)
  test(`the bytes of a handshake are seen where the certificate is ${what}`, {
    skip: long === undefined && 'openssl is not installed',
  }, async (t) => {
    const server = createServer({ ...long }).listen(0, '127.0.0.1');
    server.on('tlsClientError', () => undefined);
    t.after(() => server.close());
    await once(server, 'listening');
    const problems: TlsProblem[] = [];
    let calls = 0;
    // Each look is half a second after the one before it, of hard work.
    const watch = new TlsWatch(() => ({ wallMs: ++calls * 500, cpuMs: calls * 500 }));
    const { port } = server.address() as AddressInfo;
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: !insecure });
    socket.on('error', () => undefined);
    watch.watch(socket, new TlsBackoff((problem) => problems.push(problem)));
    if (insecure) {
      await once(socket, 'secureConnect');
      socket.destroy();
    }
    await new Promise((resolve) => socket.on('close', resolve));
    assert.deepEqual(problems[0], { kind: 'certificates', costMs: 450, waitMs: 45_000 });
  });

test('a client opens no connection while its destination rests, and one at a time when it has rested', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  const tlsBackoff = new TlsBackoff(
    () => undefined,
    () => nowMs,
  );
  const destinations = ['https://127.0.0.1:1'];
  const nothing = () => undefined;
  const work = {
    waiting: 100,
    peek: nothing,
    take: nothing,
    answered: nothing,
    failed: nothing,
    misbehaved: nothing,
    resent: nothing,
  };
  const target = { ...parseDestination('https://127.0.0.1:1'), tlsBackoff };
  tlsBackoff.flooded(0);
  assert.equal(tlsBackoff.isSuspect, true);
  const client = new Http1Client(target, resolveOptions({ destinations }), work);
  client.pump();
  assert.equal(client.connections, 0);
  nowMs = 10_000;
  client.pump();
  assert.equal(client.connections, 1);
  t.mock.timers.tick(5);
  client.pump();
  assert.equal(client.connections, 1);
  // So long without it.
  nowMs = 310_000;
  t.mock.timers.tick(5);
  client.pump();
  assert.equal(client.connections, 2);
  client.destroy('shutdown');
});

test('what HTTP/2 reads counts as data', { skip: long === undefined && 'openssl is not installed' }, async (t) => {
  const server = createSecureServer({ ...long }, (_request, response) => response.end('x'.repeat(200_000)));
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  const session = connectHttp2('https://mirror.test', { createConnection: () => socket });
  t.after(() => session.destroy());
  const stream = session.request({ ':path': '/' });
  await once(stream.resume(), 'end');
  assert.ok(socket.bytesRead > 200_000, `${socket.bytesRead}`);
});
