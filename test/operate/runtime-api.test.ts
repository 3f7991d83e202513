import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { escapeWord, parseRuntimeAddress, RuntimeApi } from '../../src/operate/runtime-api.ts';
import { reservePort } from '../ports.ts';
import { FakeHaproxy, FakeWorker } from './fake-haproxy.ts';

const worker = () => new FakeWorker(7, [['mirroring', 'on']]);

describe('an address', () => {
  for (const [text, address] of [
    ['/run/haproxy/admin.sock', { path: '/run/haproxy/admin.sock' }],
    ['unix@/run/haproxy/admin.sock', { path: '/run/haproxy/admin.sock' }],
    ['unix:/run/a.sock', { path: '/run/a.sock' }],
    ['./a.sock', { path: './a.sock' }],
    ['unix@a.sock', { path: 'a.sock' }],
    ['ipv4@127.0.0.1:9999', { host: '127.0.0.1', port: 9999 }],
    ['ipv6@[::1]:9999', { host: '::1', port: 9999 }],
    ['lb1.example:9999', { host: 'lb1.example', port: 9999 }],
    [':9999', { host: '127.0.0.1', port: 9999 }],
    ['*:9999', { host: '127.0.0.1', port: 9999 }],
    ['9999', { host: '127.0.0.1', port: 9999 }],
  ] as const) {
    test(text, () => assert.deepEqual(parseRuntimeAddress(text), address));
  }

  for (const text of ['', 'lb1', '127.0.0.1:0', '127.0.0.1:65536', 'fd@3', 'abns@x', 'a b:1', `/${'x'.repeat(107)}`]) {
    test(`${JSON.stringify(text.slice(0, 20))} is none`, () => {
      assert.throws(() => parseRuntimeAddress(text), { code: 'bad-address' });
    });
  }
});

describe('a word of a command', () => {
  test('keeps its spaces, semicolons and backslashes', () => {
    assert.equal(escapeWord('/a b/c;d\\e'), '/a\\ b/c\\;d\\\\e');
  });
  for (const word of ['', 'a\nshow info', 'a\0'])
    test(`${JSON.stringify(word)} cannot be one`, () => assert.throws(() => escapeWord(word), { code: 'bad-map' }));
});

test('a worker is asked without a prefix, the master once for each of its workers', async (t) => {
  const one = await FakeHaproxy.start(t, [worker()]);
  assert.deepEqual(await new RuntimeApi({ path: one.path }).workers(), [{ prefix: '', pid: undefined, isOld: false }]);
  const master = await FakeHaproxy.start(t, [worker(), new FakeWorker(5, [])], { isMaster: true });
  const api = new RuntimeApi({ path: master.path });
  const workers = await api.workers();
  assert.deepEqual(workers, [
    { prefix: '@!7 ', pid: 7, isOld: false },
    { prefix: '@!5 ', pid: 5, isOld: true },
  ]);
  assert.match(await api.ask('show info', workers[1]), /^Pid: 5$/m);
});

describe('what goes wrong has a code of its own', () => {
  const fails = async (
    t: Parameters<typeof FakeHaproxy.start>[0],
    said: string | Buffer | null,
    code: string,
    options = {},
  ) => {
    const fake = await FakeHaproxy.start(t, [worker()], { instead: () => said });
    await assert.rejects(new RuntimeApi({ path: fake.path }, options).workers(), { code });
  };
  test('nothing is answered', (t) => fails(t, null, 'no-answer', { timeoutMs: 50 }));
  test('the answer is longer than the bound', (t) =>
    fails(t, 'x'.repeat(10_001), 'answer-too-long', { maxBytes: 10_000 }));
  test('something else answers', (t) => fails(t, 'HTTP/1.1 400 Bad Request\r\n\r\n', 'not-runtime-api'));
  test('there is no socket', async () => {
    await assert.rejects(new RuntimeApi({ path: '/nowhere/haproxy.sock' }).workers(), { code: 'no-socket' });
  });
  test('the level of the socket does not allow it', async (t) => {
    const fake = await FakeHaproxy.start(t, [worker()], { instead: () => 'Permission denied\n\n' });
    const api = new RuntimeApi({ path: fake.path });
    await assert.rejects(api.ask('show map'), { code: 'no-permission' });
  });
  test('nothing listens', async () => {
    const port = await reservePort();
    await assert.rejects(new RuntimeApi({ host: '127.0.0.1', port }).workers(), { code: 'not-listening' });
  });
});
