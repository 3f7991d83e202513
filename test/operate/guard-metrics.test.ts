/** Where the guard is asked for its figures. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { serveMetrics } from '../../src/operate/guard-metrics.ts';

const UP = { name: 'up', help: 'Up.', type: 'gauge', samples: [{ value: 1 }] } as const;
const TEXT = '# HELP up Up.\n# TYPE up gauge\nup 1\n';

test('connections that say nothing do not keep anybody from asking', async (t) => {
  const served = await serveMetrics({ host: '127.0.0.1', port: 0 }, () => [UP]);
  t.after(served.close);
  const { port } = new URL(served.url);
  const idle: Socket[] = [];
  t.after(() => idle.forEach((socket) => void socket.destroy()));
  for (let i = 0; i < 40; i++) {
    const socket = connect({ host: '127.0.0.1', port: Number(port) }).on('error', () => undefined);
    idle.push(socket);
    await once(socket, 'connect');
  }
  const signal = AbortSignal.timeout(30_000);
  const response = await fetch(served.url, { headers: { connection: 'close' }, signal });
  assert.deepEqual([response.status, await response.text()], [200, TEXT]);
  // Only so many are kept: the oldest have given way.
  const first = idle[0] as Socket;
  if (!first.closed) {
    first.resume();
    await once(first, 'close', { signal });
  }
});
