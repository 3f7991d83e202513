/** What mirrors behind TLS do that no server should, and requests that HTTP/2 cannot carry: one outcome each. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { makeCertificate } from '../certificates.ts';
import { HOST, type Parts, startMirror } from './servers.ts';

const own = makeCertificate('mirror');
const options = { skip: own === undefined && 'openssl is not installed' };
const { key, cert } = own ?? { key: '', cert: '' };

/** Calls back when the first bytes of a connection have come. */
async function startRaw(t: TestContext, onRequest: (socket: TLSSocket) => void): Promise<string> {
  const server = createServer({ key, cert }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => onRequest(socket));
    t.after(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function pour(socket: TLSSocket, piece: string): void {
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

const NOT_HTTP = [
  'garbage\r\n\r\n',
  'HTTP/1.1 200 OK\n\n\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
];
for (const answer of NOT_HTTP) {
  test(`${JSON.stringify(answer)} is a protocol error`, options, async (t) => {
    const url = await startRaw(t, (socket) => socket.write(answer));
    const { send, outcomes } = startMirror(t, { destinations: [url], tls: { ca: cert } });
    send({});
    assert.equal((await outcomes(1))[0]?.error, 'protocol-error');
  });
}

for (const [what, begin, piece] of [
  ['interim responses', '', 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'],
  ['headers', 'HTTP/1.1 200 OK\r\n', `x: ${'y'.repeat(1000)}\r\n`],
] as const) {
  test(`${what} without end are a protocol error`, options, async (t) => {
    const url = await startRaw(t, (socket) => {
      socket.write(begin);
      pour(socket, piece.repeat(20));
    });
    const { send, outcomes } = startMirror(t, { destinations: [url], tls: { ca: cert } });
    send({});
    assert.equal((await outcomes(1))[0]?.error, 'protocol-error');
  });
}

test('a body without end is an answer, read as far as anyone reads', options, async (t) => {
  const url = await startRaw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    pour(socket, 'z'.repeat(16_000));
  });
  const { send, outcomes } = startMirror(t, { destinations: [url], tls: { ca: cert }, maxResponseBytes: 50_000 });
  send({});
  const [record] = await outcomes(1);
  assert.deepEqual([record?.status, record?.error], [200, null]);
  assert.ok((record?.response_bytes ?? 0) < 200_000);
});

test('bodies of any method, and what clients send about HTTP/2, reach a mirror with HTTP/2', options, async (t) => {
  const seen: string[] = [];
  const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push(`${request.method} ${body}`);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { send, outcomes, mirror } = startMirror(t, { destinations: [url], tls: { ca: cert }, http2: true });
  const methods = ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND', 'PATCH'];
  const parts: Parts[] = [
    { method: 'GET', headers: [...HOST, ['http2-settings', 'AAMAAABk']] },
    ...methods.flatMap((method) => [{ method, body: 'x' }, { method }]),
  ];
  // One after the other: the first one of each kind opens a connection, which used to be its undoing.
  for (const [i, part] of parts.entries()) {
    send(part);
    assert.equal((await outcomes(i + 1))[i]?.error, null, JSON.stringify(part));
  }
  assert.deepEqual(
    seen,
    parts.map(({ method, body = '' }) => `${method} ${body}`),
  );
  await mirror.close(0);
  server.close();
});
