/** The queue is shared by peers: one that floods it waits behind itself and loses its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Job } from '../../src/mirror/job.ts';
import { JobQueue } from '../../src/mirror/queue.ts';
import type { MirrorRecord } from '../../src/mirror/record.ts';
import type { MirroredRequest } from '../../src/mirror/request.ts';
import { CONTEXT, messageOf, startMirror, startServer } from './servers.ts';

const paths = (records: readonly MirrorRecord[], error: string | null) =>
  records.filter((record) => record.error === error).map(({ path }) => path);

for (const dropPolicy of ['newest', 'oldest'] as const) {
  test(`a peer that floods a full queue loses its own ${dropPolicy}, not the requests of others`, async (t) => {
    const server = await startServer(t);
    const options = { destinations: [server.url], maxQueueRequests: 10, dropPolicy };
    const { mirror, outcomes } = startMirror(t, options);
    const ask = (peer: string, path: string) => mirror.accept(messageOf({ path }), { ...CONTEXT, peer });
    for (let i = 0; i < 100; i++) ask('flood', `/flood/${i}`);
    for (let i = 0; i < 3; i++) ask('good', `/good/${i}`);
    for (let i = 0; i < 100; i++) ask('flood', `/more/${i}`);
    const records = await outcomes(203);
    const mirrored = paths(records, null);
    assert.deepEqual(
      mirrored.filter((path) => path.startsWith('/good')),
      ['/good/0', '/good/1', '/good/2'],
    );
    assert.equal(mirrored.length, 10);
    const kept = dropPolicy === 'newest' ? '/flood/0' : '/more/99';
    assert.ok(mirrored.includes(kept), mirrored.join());
  });
}

test('bytes are shared as requests are', async (t) => {
  const server = await startServer(t);
  const { mirror, outcomes } = startMirror(t, { destinations: [server.url], maxQueueBytes: 50_000 });
  const body = 'x'.repeat(10_000);
  const ask = (peer: string, path: string) =>
    mirror.accept(messageOf({ method: 'POST', path, body }), { ...CONTEXT, peer });
  for (let i = 0; i < 20; i++) ask('flood', `/flood/${i}`);
  ask('good', '/good/0');
  ask('good', '/good/1');
  const mirrored = paths(await outcomes(22), null);
  assert.deepEqual(mirrored.sort(), ['/flood/0', '/flood/1', '/good/0', '/good/1']);
});

const REQUEST: MirroredRequest = {
  method: 'GET',
  path: '/',
  shownPath: '/',
  headers: '',
  hasHost: false,
  host: undefined,
  body: undefined,
  truncated: false,
} as unknown as MirroredRequest;
const job = (peer: string, atMs: number) => new Job('mirror', { ...CONTEXT, peer }, REQUEST, atMs);

test('peers are served in turn, each in its own order', () => {
  const queue = new JobQueue();
  for (let i = 0; i < 4; i++) queue.push(job('a', i));
  for (let i = 0; i < 2; i++) queue.push(job('b', 10 + i));
  queue.push(job('c', 20));
  const order: string[] = [];
  while (queue.length > 0) {
    const seen = queue.peek();
    const taken = queue.shift();
    assert.equal(seen, taken, 'what was shown is what is given');
    order.push(`${taken?.context.peer}${taken?.queuedMs}`);
  }
  assert.deepEqual(order, ['a0', 'b10', 'c20', 'a1', 'b11', 'a2', 'a3']);
  assert.equal(queue.shift(), undefined);
});

test('what waited too long is found behind whosever turn it is', () => {
  const queue = new JobQueue();
  for (const [peer, atMs] of [
    ['a', 50],
    ['b', 10],
    ['b', 20],
    ['c', 5],
  ] as const)
    queue.push(job(peer, atMs));
  const late: (number | undefined)[] = [];
  for (let old = queue.shiftOlder(20); old !== undefined; old = queue.shiftOlder(20)) late.push(old.queuedMs);
  assert.deepEqual(late.sort(), [10, 5].sort());
  assert.equal(queue.length, 2);
});

test('any order of pushing, taking and giving up keeps the count, and each request once', () => {
  const queue = new JobQueue();
  const inside = new Set<Job>();
  let state = 1;
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  for (let i = 0; i < 20_000; i++) {
    const peer = `p${random(5)}`;
    const what = random(8);
    if (what < 4) {
      const added = job(peer, i);
      queue.push(added);
      inside.add(added);
    } else {
      const taken =
        what < 6
          ? queue.shift()
          : what === 6
            ? queue.shiftOlder(i - 50)
            : queue.giveUp(random(2) === 0 ? 'newest' : 'oldest', job(peer, i), 100, 1e9);
      if (taken !== undefined) assert.ok(inside.delete(taken));
    }
    assert.equal(queue.length, inside.size);
    assert.equal(queue.peek() === undefined, inside.size === 0);
  }
});
