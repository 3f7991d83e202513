/** Clients that do not read: they cost no memory, and are left. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { EventStreams } from '../../src/serving/event-streams.ts';
import { until } from '../until.ts';

async function streamsFor(t: TestContext, most: number, beatMs: number) {
  const counts = { streamsRefused: 0, streamsLeft: 0, eventsDropped: 0 };
  const streams = new EventStreams(most, counts, beatMs);
  const server = createServer((_request, response) => {
    if (!streams.open(response, () => undefined)) response.writeHead(503).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    streams.end();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { counts, streams, port };
}

/** As long as a page, so that the system's own buffers are full soon. */
const LONG = JSON.stringify('x'.repeat(256 * 1024));

test('a client that does not read gets the last event alone once it does', async (t) => {
  const { counts, streams, port } = await streamsFor(t, 2, 60_000);
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await until('it listens', () => streams.size === 1);
  await until('events are dropped', () => {
    streams.tell('changed', LONG);
    return counts.eventsDropped > 20;
  });
  streams.tell('changed', '"last"');
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    heard = (heard + text).slice(-1000);
  });
  await until('the last event', () => heard.includes('data: "last"\n\n'));
  assert.equal(counts.streamsLeft, 0);
  socket.destroy();
  await until('it is gone', () => streams.size === 0);
});

test('a client that reads nothing for some beats is left', async (t) => {
  const { counts, streams, port } = await streamsFor(t, 2, 5);
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  t.after(() => socket.destroy());
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await until('it listens', () => streams.size === 1);
  await until('it is left', () => {
    if (streams.size > 0) streams.tell('changed', LONG);
    return counts.streamsLeft === 1 && streams.size === 0;
  });
});

test('one more than there are places for is turned away', async (t) => {
  const { counts, port } = await streamsFor(t, 1, 60_000);
  const first = await fetch(`http://127.0.0.1:${port}/`);
  const second = await fetch(`http://127.0.0.1:${port}/`);
  assert.deepEqual([first.status, second.status, counts.streamsRefused], [200, 503, 1]);
  await first.body?.cancel();
});
