/** What the mirror gets is what production got: every request once, to the byte, whichever HTTP its client speaks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exchange, exchangeHttp2, statusOf } from './client.ts';
import { DOCUMENTED } from './configuration.ts';
import { assertAgreement, type Evidence } from './evidence.ts';
import { missing, SERIES } from './haproxy.ts';
import type { Arrived } from './recorder.ts';
import { bodyOf, chunked, forwarded, type Sent, written } from './requests.ts';
import { Stage } from './stage.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];

/** Duplicates, empty values, quotes, bytes above 127: all of it is a matter between client and server. */
const HEADERS = [
  ['Host', 'Shop.Example:8080'],
  ['X-Twice', 'first'],
  ['Accept', 'text/html;q=0.9, */*;q=0.1'],
  ['X-Empty', ''],
  ['Cookie', 'a="b c"; d=\\"e'],
  ['x-twice', 'second,  third'],
  ['X-Latin', 'caf\xe9 \xff'],
  ['Cookie', 'f=1'],
  ['X-Long', 'v'.repeat(3000)],
  ['Authorization', 'Basic eDp5'],
] as const;

function byTarget(requests: readonly Arrived[]): Map<string, Arrived> {
  const found = new Map(requests.map((request) => [`${request.method} ${request.target}`, request]));
  assert.equal(found.size, requests.length, 'no request came twice');
  return found;
}

/** Neither how the body is framed nor what names the hop. */
function withoutFraming({ headers }: Arrived): string[] {
  const hop = ['content-length', 'transfer-encoding', 'connection', 'x-unique-id'];
  return headers.filter(([name]) => !hop.includes(name)).map(([name, value]) => `${name}: ${value}`);
}

function onlySuccesses({ events, accesses }: Evidence, count: number): void {
  assert.equal(accesses.length, count);
  assert.deepEqual(
    events.map(({ st }) => st),
    Array(count).fill(0),
  );
}

for (const series of SERIES) {
  const options = { skip: missing(series), timeout: 300_000 };

  test(
    `HAProxy ${series}: with the documented files and command, each method with and without a body arrives once, to the byte`,
    options,
    async (t) => {
      const stage = await Stage.set(t, series, { haproxy: DOCUMENTED });
      const sent: Sent[] = METHODS.flatMap((method) => [
        { method, target: `/a%2Fb//c/../d;e=1?q=%20+&q=2&&=&m=${method}`, headers: HEADERS },
        {
          method,
          target: `/with/body?${method}`,
          headers: [...HEADERS, ['Content-Length', '1000'], ['X-Last', 'z']],
          body: bodyOf(1000),
        },
      ]);
      for (const request of sent) {
        assert.equal(statusOf(await exchange(stage.haproxy.frontPort, written(request))), 200, request.method);
      }
      const evidence = await stage.end(sent.length);
      onlySuccesses(evidence, sent.length);
      const [mirror, production] = [byTarget(stage.mirror.requests), byTarget(stage.production.requests)];
      assert.equal(mirror.size, sent.length);
      for (const request of sent) {
        const key = `${request.method} ${request.target}`;
        assert.equal(mirror.get(key)?.raw, forwarded(request));
        assert.equal(production.get(key)?.raw, forwarded(request));
      }
      assert.deepEqual(
        evidence.records.map(({ method, path }) => `${method} ${path}`).toSorted(),
        [...mirror.keys()].toSorted(),
      );
    },
  );

  test(
    `HAProxy ${series}: HTTP/1.0, chunked and HTTP/2 requests are mirrored as HTTP/1.1 with the same headers and body`,
    options,
    async (t) => {
      const stage = await Stage.set(t, series, { agent: ['-c', 'pipelining'] });
      const { frontPort, http2Port } = stage.haproxy;
      const sent = new Map<string, Buffer>();
      const body = bodyOf(5000);
      for (const method of METHODS) {
        const inChunks: Sent = {
          method,
          target: `/chunked/${method}?a=b`,
          headers: [...HEADERS, ['Transfer-Encoding', 'chunked'], ['X-Last', 'z']],
          body: chunked(body),
        };
        assert.equal(statusOf(await exchange(frontPort, written(inChunks))), 200);
        sent.set(`${method} ${inChunks.target}`, body);
      }
      const old: Sent = { method: 'POST', target: '/old?a=b', headers: HEADERS };
      const length = ['Content-Length', `${body.length}`] as const;
      for (const request of [old, { ...old, target: '/old/body', headers: [...HEADERS, length], body }]) {
        assert.equal(statusOf(await exchange(frontPort, written(request, '1.0'))), 200);
        sent.set(`POST ${request.target}`, request.body ?? Buffer.alloc(0));
      }
      const streams = METHODS.flatMap((method) =>
        [Buffer.alloc(0), body].map((content) => ({
          headers: {
            ':method': method,
            ':path': `/h2/${method}/${content.length}?a=b`,
            ':authority': 'Shop.Example:8080',
            'x-twice': ['first', 'second'],
            cookie: ['a=b', 'c=d'],
            'x-last': 'z',
          },
          ...(content.length > 0 && { body: content }),
        })),
      );
      for (const { headers, body: content } of streams) {
        sent.set(`${headers[':method']} ${headers[':path']}`, content ?? Buffer.alloc(0));
      }
      assert.deepEqual(await exchangeHttp2(http2Port, streams), Array(streams.length).fill(200));

      const evidence = await stage.end(sent.size);
      onlySuccesses(evidence, sent.size);
      assertAgreement(evidence);
      const [mirror, production] = [byTarget(stage.mirror.requests), byTarget(stage.production.requests)];
      assert.deepEqual([...mirror.keys()].toSorted(), [...sent.keys()].toSorted());
      for (const [key, content] of sent) {
        const [mirrored, produced] = [mirror.get(key) as Arrived, production.get(key) as Arrived];
        assert.equal(mirrored.startLine, `${key} HTTP/1.1`);
        assert.deepEqual(withoutFraming(mirrored), withoutFraming(produced), key);
        assert.ok(mirrored.body.equals(content) && produced.body.equals(content), key);
        const lengths = mirrored.headers.filter(([name]) => /^(content-length|transfer-encoding)$/.test(name));
        assert.ok(lengths.length <= 1 && lengths.every(([name]) => name === 'content-length'), key);
      }
    },
  );

  test(
    `HAProxy ${series}: a prefix, the unique id, 200 headers; what belongs to the hop stays behind`,
    options,
    async (t) => {
      const stage = await Stage.set(t, series, {
        agent: ['-c', 'pipelining'],
        prefix: '/shadow',
        unixSocket: true,
        haproxy: { global: ['tune.http.maxhdr 256'] },
      });
      const many = Array.from({ length: 200 }, (_, i) => [`X-Header-${i % 150}`, `value ${i}`] as const);
      const kept = [['Host', 'shop.example'], ...many] as const;
      const hop = [
        ['Keep-Alive', 'timeout=5'],
        ['Connection', 'keep-alive, X-Mine'],
        ['X-Mine', 'for this hop'],
        ['X-Unique-ID', 'forged'],
        ['TE', 'trailers'],
      ] as const;
      const request: Sent = { method: 'GET', target: '/list?page=2', headers: [...kept, ...hop] };
      assert.equal(statusOf(await exchange(stage.haproxy.frontPort, written(request))), 200);
      const evidence = await stage.end(1);
      onlySuccesses(evidence, 1);
      assertAgreement(evidence);
      const uniqueId = evidence.accesses[0]?.uniqueId ?? '';
      const expected = {
        ...request,
        target: '/shadow/list?page=2',
        headers: [...kept, ['X-Unique-ID', uniqueId]] as const,
      };
      assert.deepEqual(
        stage.mirror.requests.map(({ raw }) => raw),
        [forwarded(expected)],
      );
      assert.match(stage.agent.said, /ready on unix:/);
    },
  );
}
