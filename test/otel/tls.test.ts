/** https:// collectors: their certificate, and ours. Without openssl these are skipped. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServerCredentials } from '@grpc/grpc-js';
import { type Certificate, makeCertificate } from '../certificates.ts';
import { exportText, makeLines } from './exporting.ts';
import { GrpcReceiver, HttpReceiver } from './receiver.ts';

const collector = makeCertificate('collector');
const client = makeCertificate('client');
const elsewhere = makeCertificate('elsewhere', 'DNS:elsewhere.test');
const options = { skip: collector === undefined && 'openssl is not installed' };
const LINES = makeLines(10);
const SPANS = 50;

const WAYS = [
  {
    protocol: 'http/protobuf',
    start: (own: Certificate, ca?: Buffer) =>
      HttpReceiver.start({ key: own.key, cert: own.cert, ...(ca && { ca, requestCert: true }) }),
  },
  {
    protocol: 'grpc',
    start: (own: Certificate, ca?: Buffer) =>
      GrpcReceiver.start(
        ServerCredentials.createSsl(ca ?? null, [{ private_key: own.key, cert_chain: own.cert }], ca !== undefined),
        'https',
      ),
  },
];

for (const { protocol, start } of WAYS) {
  describe(`over ${protocol}`, options, () => {
    async function run(receiver: HttpReceiver | GrpcReceiver, given: object, env = {}) {
      const exported = await exportText(LINES, undefined, {
        given: { endpoint: receiver.url, protocol, ...given },
        toCollector: true,
        env,
      });
      receiver.close();
      return { counts: exported.report.delivery?.traces, stops: exported.stops };
    }

    test('a certificate of an authority that is given is trusted', async () => {
      assert.ok(collector);
      const { counts, stops } = await run(await start(collector), { ca: collector.certFile });
      assert.deepEqual(stops, []);
      assert.equal(counts?.exported, SPANS);
    });

    test('one that nobody vouches for stops everything at once', async () => {
      assert.ok(collector);
      const { counts, stops } = await run(await start(collector), {});
      assert.equal(counts?.failed, SPANS);
      assert.equal(counts?.retried, 0);
      assert.equal(stops[0]?.code, 'collector-tls');
      assert.match(stops[0]?.reason ?? '', /self.signed certificate/);
    });

    test('so does one for another name', async () => {
      assert.ok(elsewhere);
      const { counts, stops } = await run(await start(elsewhere), { ca: elsewhere.certFile });
      assert.equal(counts?.retried, 0);
      assert.equal(stops[0]?.code, 'collector-tls');
    });

    test('a collector that wants a certificate gets ours, by the environment too', async () => {
      assert.ok(collector && client);
      const { counts } = await run(
        await start(collector, client.cert),
        {},
        {
          OTEL_EXPORTER_OTLP_CERTIFICATE: collector.certFile,
          OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: client.certFile,
          OTEL_EXPORTER_OTLP_CLIENT_KEY: client.keyFile,
        },
      );
      assert.equal(counts?.exported, SPANS);
    });
  });
}

test('https:// to a port that speaks plain text', async () => {
  const receiver = await HttpReceiver.start();
  const { stops } = await exportText(LINES, receiver.url.replace('http:', 'https:'));
  assert.equal(stops[0]?.code, 'collector-tls');
  assert.match(stops[0]?.hint ?? '', /http:\/\//);
});

test('gRPC to a port that speaks HTTP/1.1, and the other way round', async () => {
  const http = await HttpReceiver.start();
  const toHttp = await exportText(LINES, undefined, {
    given: { endpoint: http.url, protocol: 'grpc' },
    toCollector: true,
  });
  assert.equal(toHttp.stops[0]?.code, 'collector-refused');
  assert.match(toHttp.stops[0]?.hint ?? '', /--protocol http\/protobuf/);
  const grpc = await GrpcReceiver.start();
  const toGrpc = await exportText(LINES, grpc.url);
  assert.equal(toGrpc.stops[0]?.code, 'collector-refused');
  assert.match(toGrpc.stops[0]?.hint ?? '', /--protocol grpc/);
});
