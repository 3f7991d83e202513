/** How long a body may be, what it takes, and what becomes of one that is longer than the settings allow. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exchange, exchangeHttp2, statusOf } from './client.ts';
import { assertAgreement, type Evidence } from './evidence.ts';
import { missing, SERIES } from './haproxy.ts';
import type { Arrived } from './recorder.ts';
import { bodyOf, chunked, type Sent, written } from './requests.ts';
import { Stage } from './stage.ts';

const MIB = 1024 * 1024;

/** With these a body of 1 MiB and its headers fit into a buffer, and the buffer into a frame. */
const LARGE_BUFFER = 'tune.bufsize 1200000';
const LARGE_FRAME = ['-m', '1200000'];

function post(target: string, body: Buffer, ...more: readonly (readonly [string, string])[]): Sent {
  const headers = [['Host', 'shop.example'], ['Content-Length', `${body.length}`], ...more] as const;
  return { method: 'POST', target, headers, body };
}

function postChunked(target: string, body: Buffer): Sent {
  const headers = [
    ['Host', 'shop.example'],
    ['Transfer-Encoding', 'chunked'],
  ] as const;
  return { method: 'POST', target, headers, body: chunked(body) };
}

async function sendAll(stage: Stage, requests: readonly Sent[]): Promise<Evidence> {
  for (const request of requests) {
    assert.equal(statusOf(await exchange(stage.haproxy.frontPort, written(request))), 200, request.target);
  }
  return await stage.end(requests.length);
}

function bodiesOf(requests: readonly Arrived[]): Map<string, Buffer> {
  return new Map(requests.map(({ target, body }) => [target, body]));
}

/** `st` by path. */
function statusesOf({ events }: Evidence): { [path: string]: number } {
  return Object.fromEntries(events.map(({ target, st }) => [target, st]));
}

for (const series of SERIES) {
  const options = { skip: missing(series), timeout: 300_000 };
  const fragments = series !== '3.2';

  test(
    `HAProxy ${series}: bodies up to 1 MiB are mirrored whole when tune.bufsize, max-frame-size and -m have room for them`,
    options,
    async (t) => {
      const stage = await Stage.set(t, series, {
        agent: ['-c', 'pipelining', ...LARGE_FRAME],
        haproxy: { global: [LARGE_BUFFER], agent: ['max-frame-size 1199996'] },
      });
      const bodies = new Map<string, Buffer>();
      const requests: Sent[] = [];
      for (const length of [0, 1, 1000, 16_384, 65_536, 262_144, MIB]) {
        const body = bodyOf(length);
        requests.push(post(`/${length}`, body), postChunked(`/${length}/chunked`, body));
        bodies.set(`/${length}`, body).set(`/${length}/chunked`, body);
      }
      const expecting = post('/expecting', bodyOf(MIB), ['Expect', '100-continue']);
      requests.push(expecting);
      bodies.set('/expecting', expecting.body as Buffer).set('/h2', bodyOf(MIB));
      const headers = { ':method': 'POST', ':path': '/h2' };
      assert.deepEqual(await exchangeHttp2(stage.haproxy.http2Port, [{ headers, body: bodyOf(MIB) }]), [200]);
      for (const request of requests) {
        assert.equal(statusOf(await exchange(stage.haproxy.frontPort, written(request))), 200, request.target);
      }
      const evidence = await stage.end(bodies.size);
      assertAgreement(evidence);
      assert.equal(evidence.summary.total.errors, 0);
      assert.equal(stage.mirror.requests.length, bodies.size);
      const [mirrored, produced] = [bodiesOf(stage.mirror.requests), bodiesOf(stage.production.requests)];
      for (const [target, body] of bodies) {
        assert.ok(produced.get(target)?.equals(body), `${target} at production`);
        assert.ok(mirrored.get(target)?.equals(body), `${target} at the mirror`);
      }
      for (const { path, request_bytes, truncated, status } of evidence.records) {
        assert.deepEqual([request_bytes, truncated, status], [bodies.get(path)?.length, false, 200], path);
      }
    },
  );

  test(
    `HAProxy ${series}: by default its buffer cuts long bodies, which the record tells where the client announced a length`,
    options,
    async (t) => {
      const stage = await Stage.set(t, series, { agent: ['-c', 'pipelining'] });
      const body = bodyOf(40_000);
      const evidence = await sendAll(stage, [
        post('/short', bodyOf(14_000)),
        post('/long', body),
        postChunked('/unknown', body),
      ]);
      assertAgreement(evidence);
      assert.deepEqual(statusesOf(evidence), { '/short': 0, '/long': 0, '/unknown': 0 });
      const [mirrored, produced] = [bodiesOf(stage.mirror.requests), bodiesOf(stage.production.requests)];
      assert.ok(produced.get('/long')?.equals(body) && produced.get('/unknown')?.equals(body));
      for (const { path, request_bytes, truncated } of evidence.records) {
        const part = mirrored.get(path) as Buffer;
        assert.ok(part.equals((produced.get(path) as Buffer).subarray(0, part.length)), path);
        assert.equal(part.length, request_bytes);
        // tune.bufsize less tune.maxrewrite is 15,360, headers included.
        if (path !== '/short') assert.ok(part.length > 15_000 && part.length < 15_360, `${path}: ${part.length}`);
        assert.equal(truncated, path === '/long', path);
      }
    },
  );

  test(`HAProxy ${series}: --truncated skip keeps cut bodies from the mirror and says so`, options, async (t) => {
    const stage = await Stage.set(t, series, { agent: ['-c', 'pipelining', '--truncated', 'skip'] });
    const evidence = await sendAll(stage, [post('/short', bodyOf(14_000)), post('/long', bodyOf(40_000))]);
    assertAgreement(evidence);
    assert.deepEqual(
      stage.mirror.requests.map(({ target }) => target),
      ['/short'],
    );
    assert.deepEqual(
      evidence.records.map(({ path, truncated, error, status }) => [path, truncated, error, status]).toSorted(),
      [
        ['/long', true, 'skipped-truncated', null],
        ['/short', false, null, 200],
      ],
    );
  });

  // Up to 3.0 the agreement of a connection that is there says no at once (259); without one it connects again and again
  // to say DISCONNECT 10, fragmentation not supported, until the time is over (1).
  for (const [what, agentLines, codes] of [
    ['with a larger buffer alone', [], fragments ? [1, 259] : [259]],
    ['with max-frame-size below the buffer', ['max-frame-size 16384'], fragments ? [1, 259] : [3]],
  ] as const) {
    const words = `is not mirrored (st=${codes.join(' or ')})`;
    test(
      `HAProxy ${series}: ${what} a body that fits no frame ${words}, and its client is served`,
      options,
      async (t) => {
        const stage = await Stage.set(t, series, {
          agent: ['-c', 'pipelining'],
          haproxy: { global: [LARGE_BUFFER], agent: agentLines, processing: '1s' },
        });
        const evidence = await sendAll(stage, [post('/short', bodyOf(14_000)), post('/long', bodyOf(40_000))]);
        assertAgreement(evidence);
        const { '/short': fits, '/long': fitsNot } = statusesOf(evidence);
        assert.equal(fits, 0);
        assert.ok(
          codes.some((code) => code === fitsNot),
          `st=${fitsNot}`,
        );
        assert.deepEqual(
          evidence.records.map(({ path }) => path),
          ['/short'],
        );
        assert.equal(stage.mirror.requests.length, 1);
        assert.equal(bodiesOf(stage.production.requests).get('/long')?.length, 40_000);
      },
    );
  }

  const outcome = fragments
    ? 'arrives in fragments and is mirrored whole'
    : 'is not mirrored (st=3): it never sends fragments';
  test(`HAProxy ${series}: with -c fragmentation a body longer than a frame ${outcome}`, options, async (t) => {
    const stage = await Stage.set(t, series, {
      agent: ['-c', 'pipelining', '-c', 'fragmentation'],
      haproxy: { global: [LARGE_BUFFER], agent: ['max-frame-size 4096'] },
    });
    const requests = [20_000, 100_000, MIB].map((length) => post(`/${length}`, bodyOf(length)));
    const evidence = await sendAll(stage, [...requests, post('/short', bodyOf(1000))]);
    assertAgreement(evidence);
    const st = fragments ? 0 : 3;
    assert.deepEqual(statusesOf(evidence), { '/20000': st, '/100000': st, [`/${MIB}`]: st, '/short': 0 });
    const mirrored = bodiesOf(stage.mirror.requests);
    assert.equal(stage.mirror.requests.length, fragments ? 4 : 1);
    for (const { target, body } of fragments ? requests : [])
      assert.ok(mirrored.get(target)?.equals(body as Buffer), target);
    assert.ok(evidence.records.every(({ truncated, status }) => !truncated && status === 200));
  });
}
