/** Mirrors that speak HTTP/2 as nobody should: requests fail, and nothing else does. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { makeCertificate } from './certificates.ts';
import { ACK, ANSWER, KINDS, type Misbehaviour, onRequests, SETTINGS } from './misbehaviours.ts';
import { startMirror } from './servers.ts';

const own = makeCertificate('mirror');
const options = { skip: own === undefined && 'openssl is not installed', timeout: 60_000 };
const { key, cert } = own ?? { key: '', cert: '' };
const REQUESTS = 4;

/** It misbehaves with the first requests and answers the later ones. */
async function startHostile(t: TestContext, misbehave: Misbehaviour): Promise<string> {
  const sockets = new Set<TLSSocket>();
  let left = REQUESTS;
  const server = createServer({ key, cert, ALPNProtocols: ['h2'] }, (socket) => {
    sockets.add(socket);
    socket.write(Buffer.concat([SETTINGS, ACK]));
    onRequests(socket, (stream) => {
      if (left-- > 0) misbehave(stream, socket);
      else socket.write(ANSWER(stream));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

for (const [kind, misbehave] of Object.entries(KINDS)) {
  test(`${kind}: every request has an outcome, and later ones are answered`, options, async (t) => {
    const url = await startHostile(t, misbehave);
    const settings = {
      destinations: [url],
      tls: { ca: cert },
      http2: true,
      headersTimeoutMs: 500,
      totalTimeoutMs: 2000,
    };
    const { send, outcomes, mirror } = startMirror(t, settings);
    send({}, {}, { method: 'POST', body: 'x'.repeat(100_000) }, { method: 'HEAD' });
    const first = await outcomes(REQUESTS);
    for (const { status, error } of first) assert.ok((status === null) !== (error === null), kind);
    // Whatever is left of the first connection ends, or takes requests as it did.
    for (let sent = REQUESTS, answered = false; !answered; ) {
      assert.ok(sent < 200, 'nothing is answered any more');
      send({});
      sent += 1;
      answered = (await outcomes(sent))[sent - 1]?.status === 200;
    }
    await mirror.close(0);
  });
}

test('DATA in frames of a byte is given up, as chunks of a byte are', options, async (t) => {
  const url = await startHostile(t, KINDS['DATA of a byte each'] as Misbehaviour);
  const { send, outcomes } = startMirror(t, { destinations: [url], tls: { ca: cert }, http2: true });
  send({});
  assert.equal((await outcomes(1))[0]?.error, 'protocol-error');
});
