import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { DataPlane } from '../../src/operate/data-plane.ts';
import { DataPlaneStandIn, PASSWORD, USER, type Version } from './data-plane-stand-in.ts';

async function set(t: TestContext, api: Version) {
  const standIn = await DataPlaneStandIn.start(t, api);
  return { standIn, api: open(t, standIn.url) };
}

function open(
  t: TestContext,
  url: string,
  options: { user?: string; password?: string; timeoutMs?: number } = {},
): DataPlane {
  const api = new DataPlane({
    url: new URL(url),
    version: undefined,
    user: USER,
    password: PASSWORD,
    timeoutMs: 5000,
    ...options,
  });
  t.after(() => api.close());
  return api;
}

const CACHE = { index: 0, type: 'cache' };
const MIRROR = { index: 1, type: 'spoe', engine: 'mirror', config: '/etc/hapee-3.0/spoa.conf' };

for (const version of ['v1', 'v2', 'v3'] as const) {
  describe(`${version} of the API, as its document has it`, () => {
    test('filters are listed, added and removed, each change in a transaction', async (t) => {
      const { standIn, api } = await set(t, version);
      assert.equal(await api.version(), version);
      assert.deepEqual(await api.list('fe_main'), { filters: [CACHE], version: 7 });
      const added = await api.add('fe_main', 'mirror', '/etc/hapee-3.0/spoa.conf');
      assert.deepEqual(added, { filter: MIRROR, version: 7, reloadId: '2026-11-26-1' });
      assert.deepEqual(await api.list('fe_main'), { filters: [CACHE, MIRROR], version: 8 });
      const removed = await api.remove('fe_main', 'mirror');
      assert.deepEqual(removed, { filter: MIRROR, version: 8, reloadId: '2026-11-26-1' });
      assert.deepEqual(await api.list('fe_main'), { filters: [CACHE], version: 9 });
      assert.deepEqual(standIn.violations, []);
      assert.equal(standIn.transactions.size, 0);
    });

    test('a filter has the place that was asked for, and is removed by its place', async (t) => {
      const { standIn, api } = await set(t, version);
      await api.add('fe_main', 'mirror', '/a.cfg', 0);
      assert.deepEqual(
        standIn.frontends.get('fe_main')?.map(({ type }) => type),
        ['spoe', 'cache'],
      );
      await assert.rejects(api.remove('fe_main', 'mirror', 1), {
        code: 'no-filter',
        message: /no SPOE filter but "cache"/,
      });
      await assert.rejects(api.remove('fe_main', 'other', 0), {
        code: 'no-filter',
        message: 'filter 0 of fe_main is not of the engine other but of "mirror"',
      });
      await api.remove('fe_main', 'mirror', 0);
      assert.deepEqual(
        standIn.frontends.get('fe_main')?.map(({ type }) => type),
        ['cache'],
      );
      assert.equal(standIn.transactions.size, 0);
      assert.deepEqual(standIn.violations, []);
    });

    test('what is there already, or is not there, changes nothing and leaves no transaction', async (t) => {
      const { standIn, api } = await set(t, version);
      await api.add('fe_main', 'mirror', '/a.cfg');
      await assert.rejects(api.add('fe_main', 'mirror', '/b.cfg'), { code: 'filter-exists' });
      await assert.rejects(api.add('fe_main', 'second', '/b.cfg', 9), { code: 'no-filter' });
      await assert.rejects(api.remove('fe_main', 'nobody'), { code: 'no-filter' });
      await assert.rejects(api.list('fe_none'), { code: 'no-filter' });
      assert.deepEqual([standIn.version, standIn.transactions.size], [8, 0]);
      assert.deepEqual(standIn.violations, []);
    });

    test('a change of somebody else meanwhile is a conflict, at the beginning and at the end', async (t) => {
      const { standIn, api } = await set(t, version);
      await api.version();
      for (const at of ['POST /v', 'PUT /v']) {
        let isDone = false;
        standIn.before = (request) => {
          if (!isDone && request.startsWith(at)) {
            isDone = true;
            standIn.version++;
          }
          return undefined;
        };
        await assert.rejects(api.add('fe_main', 'mirror', '/a.cfg'), {
          code: 'version-conflict',
          hint: /nothing was changed/,
        });
      }
      assert.deepEqual(standIn.frontends.get('fe_main')?.length, 1);
      assert.equal(standIn.transactions.size, 0);
      assert.deepEqual(standIn.violations, []);
    });
  });
}

test('a configuration that HAProxy refuses is said with its words, cut and without escapes', async (t) => {
  const { standIn, api } = await set(t, 'v3');
  standIn.before = (request) =>
    request.startsWith('PUT ')
      ? { status: 400, body: { code: 400, message: `\u001b[2J${'x'.repeat(5000)}` } }
      : undefined;
  await assert.rejects(api.add('fe_main', 'mirror', '/a.cfg'), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'api-refused');
    assert.match(error.message, /: 400: "\\u001b\[2Jxxx/);
    assert.ok(error.message.length < 500);
    return true;
  });
  assert.equal(standIn.transactions.size, 0);
});

test('wrong credentials, and all transactions taken', async (t) => {
  const { standIn, api } = await set(t, 'v3');
  await assert.rejects(open(t, standIn.url, { password: 'wrong' }).list('fe_main'), { code: 'bad-credentials' });
  standIn.before = (request) =>
    request.startsWith('POST ')
      ? { status: 429, body: { code: 429, message: 'reached the maximum amount of 20' } }
      : undefined;
  await assert.rejects(api.add('fe_main', 'mirror', '/a.cfg'), { code: 'api-refused', message: /429/ });
});

describe('what is no Data Plane API', () => {
  const served = async (t: TestContext, status: number, body: string | null, headers = {}) => {
    const server = createServer((_request, response) => {
      response.writeHead(status, headers);
      if (body === null) response.flushHeaders();
      else response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  test('knows none of its paths', async (t) => {
    await assert.rejects(open(t, await served(t, 404, 'x')).version(), { code: 'not-data-plane-api' });
  });
  test('answers with something else', async (t) => {
    await assert.rejects(open(t, await served(t, 200, '<html>')).list('fe_main'), { code: 'not-data-plane-api' });
  });
  test('leads elsewhere: credentials are not taken there', async (t) => {
    await assert.rejects(open(t, await served(t, 302, '', { location: 'http://127.0.0.1:9/' })).version(), {
      code: 'api-refused',
    });
  });
  test('never ends its answer', async (t) => {
    await assert.rejects(open(t, await served(t, 200, null), { timeoutMs: 50 }).version(), { code: 'no-answer' });
  });
  test('answers more than there is room for', async (t) => {
    await assert.rejects(open(t, await served(t, 200, 'x'.repeat(2_000_000))).version(), { code: 'answer-too-long' });
  });
});
