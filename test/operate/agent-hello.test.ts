/** What the doctor asks an agent, and what it makes of programs that are none. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { askAgent } from '../../src/operate/agent-hello.ts';
import { isOnlyOf, listProcesses } from '../../src/operate/processes.ts';
import { createAgent } from '../../src/spoa/agent.ts';
import { reservePort } from '../ports.ts';

const LONG_MS = 60_000;

async function startServer(t: TestContext, answer: (socket: Socket) => void): Promise<{ host: string; port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('data', () => answer(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

test('an agent says what it offers', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'agent.sock');
  const agent = createAgent({ handlers: {}, capabilities: ['pipelining'] });
  await agent.listen({ path });
  t.after(() => agent.close());
  assert.deepEqual(await askAgent({ path }, LONG_MS), {
    version: '2.0',
    maxFrameSize: 16_380,
    capabilities: ['pipelining'],
  });
  await agent.close();
  await assert.rejects(askAgent({ path }, LONG_MS), { code: /^(no-socket|not-listening)$/ });
});

test('what is no agent is said to be none', async (t) => {
  const cases: readonly [string, (socket: Socket) => void, RegExp][] = [
    ['HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), /not the protocol/],
    ['nothing', (socket) => socket.end(), /closes the connection behind HELLO/],
    ['an ACK', (socket) => socket.write(Buffer.from([0, 0, 0, 7, 103, 0, 0, 0, 1, 0, 0])), /a frame of type 103/],
    ['half a frame', (socket) => socket.end(Buffer.from([0, 0, 0, 9, 101])), /closes the connection behind HELLO/],
    ['a frame without end', (socket) => socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff])), /not the protocol/],
  ];
  for (const [what, answer, why] of cases)
    await assert.rejects(askAgent(await startServer(t, answer), LONG_MS), { code: 'not-an-agent', message: why }, what);
});

test('one that says nothing, and nobody', async (t) => {
  const silent = await startServer(t, () => undefined);
  await assert.rejects(askAgent(silent, 1), { code: 'no-answer' });
  const port = await reservePort();
  await assert.rejects(askAgent({ host: '127.0.0.1', port }, LONG_MS), { code: 'not-listening' });
});

const skip = process.platform === 'linux' ? false : 'there is no /proc';

test('a program in a folder of others could be theirs', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'haproxy');
  writeFileSync(program, '', { mode: 0o755 });
  const own = [0, process.getuid?.() ?? 0];
  assert.equal(isOnlyOf(program, own), true);
  chmodSync(folder, 0o777);
  assert.equal(isOnlyOf(program, own), false);
  chmodSync(folder, 0o755);
  chmodSync(program, 0o775);
  assert.equal(isOnlyOf(program, own), false);
  assert.equal(isOnlyOf(join(folder, 'none'), own), false);
});

test('processes are listed with what they use', { skip }, () => {
  const all = (listProcesses(() => true) ?? []).filter(({ pid }) => pid === process.pid);
  assert.equal(all.length, 1);
  const [found] = all;
  assert.equal(found?.uid, process.getuid?.());
  assert.ok((found?.rssBytes ?? 0) > 1024 * 1024);
  assert.ok((found?.upSeconds ?? -1) >= 0);
  assert.ok((found?.descriptors?.open ?? 0) > 0);
});
