/** Collectors that speak HTTP/2 and gRPC as nobody should: spans are delivered later or counted as lost, and nothing else happens. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { GrpcTransport } from '../../src/otel/grpc-transport.ts';
import {
  ACK,
  FLOODS,
  field,
  frame,
  KINDS,
  type Misbehaviour,
  OK,
  onRequests,
  SETTINGS,
  Type,
  write,
} from '../mirror/misbehaviours.ts';
import { exportText, makeLines } from './exporting.ts';
import { MirroringAgent, MirrorServer } from './mirroring.ts';

const LINES = 20;
const SPANS = LINES * 5;
const HEAD = OK + field('content-type', 'application/grpc');
const MESSAGE = '\0\0\0\0\0';

/** An answer of gRPC with that status. */
function answer(status: string, ...more: string[]): (stream: number) => Buffer {
  return (stream) =>
    Buffer.concat([
      frame(Type.headers, 4, stream, HEAD),
      frame(Type.data, 0, stream, MESSAGE),
      frame(Type.headers, 5, stream, [field('grpc-status', status), ...more].join('')),
    ]);
}

const OF_GRPC: { readonly [kind: string]: Misbehaviour } = {
  'a status below 0': write(answer('-1')),
  'a status beyond all': write(answer('99999999999')),
  'a status that is none': write(answer('ok')),
  'a message that moves the cursor': write(answer('3', field('grpc-message', '%1b%5b2J\x1b[31m%E2%80%AEevil%'))),
  'details that are none': write(answer('8', field('grpc-status-details-bin', '!!!!'))),
  'a length that lies': write(
    (stream) => frame(Type.headers, 4, stream, HEAD),
    (stream) => frame(Type.data, 1, stream, '\0\xff\xff\xff\xff'),
  ),
  'a compressed message': write(
    (stream) => frame(Type.headers, 4, stream, HEAD),
    (stream) => frame(Type.data, 0, stream, '\x01\0\0\0\x05hello'),
    (stream) => frame(Type.headers, 5, stream, field('grpc-status', '0')),
  ),
  'messages without end': (stream, socket) => {
    socket.write(frame(Type.headers, 4, stream, HEAD));
    for (let i = 0; i < 20; i++) socket.write(frame(Type.data, 0, stream, MESSAGE.repeat(3000)));
  },
};

/** It misbehaves at the first requests and takes all later ones. */
async function startHostile(t: TestContext, misbehave: Misbehaviour, times: number): Promise<string> {
  const sockets = new Set<Socket>();
  let left = times;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.write(Buffer.concat([SETTINGS, ACK, frame(Type.window, 0, 0, Buffer.from([0, 127, 0, 0]))]));
    onRequests(socket, (stream) => {
      if (left-- > 0) misbehave(stream, socket);
      else socket.write(answer('0')(stream));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

// Most of their time the tests wait for a time limit.
const OPTIONS = { concurrency: 8 };
const ALL = Object.entries({ ...KINDS, ...OF_GRPC });

describe('spoe-logs export', OPTIONS, () => {
  for (const [kind, misbehave] of ALL) {
    test(`${kind}: every span is accounted for`, { timeout: 300_000 }, async (t) => {
      const endpoint = await startHostile(t, misbehave, 2);
      const { report, stops } = await exportText(makeLines(LINES), undefined, {
        given: { endpoint, protocol: 'grpc' },
        toCollector: true,
        env: { OTEL_EXPORTER_OTLP_TIMEOUT: '300' },
      });
      const counts = report.delivery?.traces;
      assert.ok(counts !== undefined);
      assert.equal(counts.exported + counts.rejected + counts.failed, SPANS);
      // Given up for a reason, or tried again until it was taken.
      if (counts.failed > 0) assert.ok(report.delivery?.reasons.failed !== undefined, kind);
      else assert.ok(counts.exported + counts.rejected === SPANS && stops.length === 0, kind);
    });
  }
});

describe('spoa-mirror --otel', OPTIONS, () => {
  for (const [kind, misbehave] of ALL) {
    test(`${kind}: requests are mirrored, and the agent ends as it should`, { timeout: 300_000 }, async (t) => {
      const mirror = await MirrorServer.start();
      const agent = await MirroringAgent.start([mirror.url], {
        env: {
          OTEL_EXPORTER_OTLP_ENDPOINT: await startHostile(t, misbehave, Number.POSITIVE_INFINITY),
          OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
          OTEL_EXPORTER_OTLP_TIMEOUT: '200',
          OTEL_BSP_SCHEDULE_DELAY: '10',
        },
        telemetry: { closeMs: { spans: 300, all: 600 } },
      });
      await agent.notify({}, {}, {});
      await agent.close();
      assert.equal(mirror.requests.length, 3);
      const { exported, dropped, failed } = agent.service.stats().otel?.spans ?? assert.fail();
      assert.equal(exported + dropped + failed, 6, agent.log.join('\n'));
    });
  }
});

describe('a flood of frames', OPTIONS, () => {
  const floods = Object.keys(FLOODS).filter((kind) => !kind.startsWith('RST_STREAM'));
  for (const kind of floods) {
    test(`${kind}: the connection is over, and the next call has another one`, { timeout: 300_000 }, async (t) => {
      const transport = new GrpcTransport('traces', {
        protocol: 'grpc',
        url: new URL(await startHostile(t, KINDS[`${kind} without end`] as Misbehaviour, 1)),
        headers: new Map(),
        gzip: false,
        timeoutMs: 30_000,
        tls: {},
        userAgent: 'test',
      });
      t.after(() => transport.close());
      const flooded = await transport.send(new Uint8Array(), 30_000);
      assert.deepEqual(flooded, {
        kind: 'retry',
        reason: 'the server sends more frames than anybody asked for (http2-flood)',
      });
      assert.equal((await transport.send(new Uint8Array(), 30_000)).kind, 'accepted');
    });
  }
});
