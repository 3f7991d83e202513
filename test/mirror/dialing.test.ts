/** Sockets to a mirror that are given up before they are there. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { Addresses } from '../../src/mirror/addresses.ts';
import { dial, dialHttp2 } from '../../src/mirror/dialing.ts';
import { parseDestination } from '../../src/mirror/target.ts';
import { TlsBackoff } from '../../src/mirror/tls-backoff.ts';

const HOUR_MS = 3_600_000;

for (const kind of ['HTTP/1.1', 'HTTP/2'])
  test(`what waits for the tunnel of a proxy is given up at once (${kind})`, { timeout: 300_000 }, async (t) => {
    const proxy = createServer().listen(0, '127.0.0.1');
    t.after(() => proxy.close());
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const tunnel = {
      proxy: new URL(`http://127.0.0.1:${port}`),
      target: parseDestination('https://mirror.test'),
      headers: '',
    };
    const secure = { serverName: '', session: undefined };
    const way = { hostname: 'mirror.test', port: 443, secure, tunnel, tls: {}, tlsBackoff: new TlsBackoff() };
    const local = { lookup: new Addresses().lookup };
    const arrived = once(proxy, 'connection') as Promise<[Socket]>;
    let giveUp: () => void;
    let outcome: Promise<unknown> | undefined;
    if (kind === 'HTTP/2') {
      const ending = new AbortController();
      giveUp = () => ending.abort();
      outcome = assert.rejects(dialHttp2(way, local, HOUR_MS, ending.signal), { code: 'ETIMEDOUT' });
    } else {
      const nothing = () => undefined;
      const dialling = { ready: nothing, read: () => true, failed: nothing, ended: nothing, closed: nothing };
      const dialled = dial(way, local, HOUR_MS, dialling);
      giveUp = () => dialled.destroy();
    }
    const [socket] = await arrived;
    const closed = once(socket.resume(), 'close');
    giveUp();
    await outcome;
    await closed;
  });
