/** Mirrors that speak HTTP/2 as nobody should: requests fail, and nothing else does. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { makeCertificate } from '../certificates.ts';
import { ACK, ANSWER, FLOODS, KINDS, type Misbehaviour, onRequests, SETTINGS } from './misbehaviours.ts';
import { startMirror } from './servers.ts';

const own = makeCertificate('mirror');
const options = { skip: own === undefined && 'openssl is not installed', timeout: 300_000 };
const { key, cert } = own ?? { key: '', cert: '' };
const REQUESTS = 4;

/** It misbehaves with the first requests and answers the later ones. */
async function startHostile(
  t: TestContext,
  misbehave: Misbehaviour,
  times = REQUESTS,
  onConnection = () => {},
): Promise<string> {
  const sockets = new Set<TLSSocket>();
  let left = times;
  const server = createServer({ key, cert, ALPNProtocols: ['h2'] }, (socket) => {
    sockets.add(socket);
    onConnection();
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

// Most of their time they wait for a time limit.
describe('HTTP/2 as nobody should speak it', { concurrency: 8 }, () => {
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

  /** A stream that is reset has had its end with the first one. */
  const ENDING = Object.keys(FLOODS).filter((kind) => !kind.startsWith('RST_STREAM'));

  for (const kind of [
    ...ENDING.map((one) => `${one} without end`),
    'DATA of a byte each',
    'interim answers of many fields',
  ]) {
    test(`${kind}: its connection is over, and the answer is none`, options, async (t) => {
      const url = await startHostile(t, KINDS[kind] as Misbehaviour);
      const { send, outcomes } = startMirror(t, { destinations: [url], tls: { ca: cert }, http2: true });
      send({});
      assert.equal((await outcomes(1))[0]?.error, 'protocol-error');
    });
  }

  test(
    'a mirror that sends settings, PINGs and windows with each answer goes on for as long as it is asked',
    options,
    async (t) => {
      const more = Object.entries(FLOODS).filter(([kind]) => !/many|long|RST/.test(kind));
      let connections = 0;
      const url = await startHostile(
        t,
        (stream, socket) =>
          socket.write(Buffer.concat([...more.map(([, one]) => one(stream)).slice(0, 6), ANSWER(stream)])),
        Number.POSITIVE_INFINITY,
        () => connections++,
      );
      const { send, outcomes } = startMirror(t, { destinations: [url], tls: { ca: cert }, http2: true });
      for (let sent = 0; sent < 1000; ) {
        send(...Array.from({ length: 50 }, () => ({})));
        sent += 50;
        for (const { status } of await outcomes(sent)) assert.equal(status, 200);
      }
      assert.equal(connections, 1);
    },
  );
});
