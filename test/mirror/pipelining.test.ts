/** Requests behind one another: never behind HEAD, never again after nonsense, and innocents are asked once more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OK, type RawRequest, startMirror, startServer } from './servers.ts';

const BODY = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** A mirror over one connection that was used once already, with a batch behind it. */
async function behind(
  t: Parameters<typeof startServer>[0],
  onRequest: (request: RawRequest) => void,
  paths: readonly { readonly path: string; readonly method?: string }[],
  options: { readonly pipelining?: boolean } = {},
) {
  const server = await startServer(t, onRequest);
  const misbehaved: string[] = [];
  const mirror = startMirror(
    t,
    { destinations: [server.url], connections: 1, ...options },
    { onMisbehaved: (name) => misbehaved.push(name) },
  );
  mirror.send({ path: '/first' });
  await mirror.outcomes(1);
  mirror.send(...paths);
  const records = await mirror.outcomes(paths.length + 1);
  return { ...mirror, server, records: records.slice(1), misbehaved };
}

const summary = (records: readonly { path: string; status: number | null; error: string | null; attempts: number }[]) =>
  records.map(({ path, status, error, attempts }) => [path, status, error, attempts]);

test('a server that sends a body for HEAD costs nobody else an answer', async (t) => {
  const paths = [{ path: '/head', method: 'HEAD' }, { path: '/a' }, { path: '/b' }, { path: '/c' }];
  const { records } = await behind(t, ({ socket }) => socket.write(BODY), paths);
  assert.deepEqual(
    records.map(({ path, status, error }) => [path, status, error]),
    [
      ['/head', 200, null],
      ['/a', 200, null],
      ['/b', 200, null],
      ['/c', 200, null],
    ],
  );
});

test('several HEADs that come at once go one at a time', async (t) => {
  const open = new Set<unknown>();
  const server = await startServer(t, (request) => {
    assert.ok(!open.has(request.connection), 'a request came while HEAD was not answered');
    if (request.text.startsWith('HEAD')) open.add(request.connection);
    setImmediate(() => {
      open.delete(request.connection);
      request.socket.write(request.text.startsWith('HEAD') ? 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n' : OK);
    });
  });
  const { send, outcomes } = startMirror(t, { destinations: [server.url], connections: 1 });
  send({ path: '/first' });
  await outcomes(1);
  send(...Array.from({ length: 12 }, (_, i) => ({ path: `/${i}`, method: i % 3 === 0 ? 'GET' : 'HEAD' })));
  for (const { error } of await outcomes(13)) assert.equal(error, null);
});

test('nothing is written behind HEAD before its answer is there', async (t) => {
  const open: RawRequest[] = [];
  const paths = [{ path: '/head', method: 'HEAD' }, { path: '/a' }];
  const onRequest = (request: RawRequest) => {
    open.push(request);
    if (request.text.startsWith('HEAD')) assert.equal(open.length, 2);
    request.socket.write(request.text.startsWith('HEAD') ? 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n' : OK);
  };
  const { records } = await behind(t, onRequest, paths);
  assert.deepEqual(
    records.map(({ status }) => status),
    [200, 200],
  );
});

test('the first nonsense ends pipelining, said once; the innocent behind it are asked once more', async (t) => {
  let nonsense = 0;
  const { server, records, misbehaved, send, outcomes } = await behind(
    t,
    ({ socket, text }) => {
      const isBad = text.startsWith('GET /bad ') && nonsense++ === 0;
      socket.write(isBad ? 'no HTTP at all\r\n\r\n' : OK);
    },
    [{ path: '/bad' }, { path: '/a' }, { path: '/b' }],
  );
  assert.deepEqual(summary(records), [
    ['/bad', 200, null, 2],
    ['/a', 200, null, 2],
    ['/b', 200, null, 2],
  ]);
  const before = server.requests.length;
  send({ path: '/1' }, { path: '/2' }, { path: '/3' });
  await outcomes(7);
  assert.deepEqual(misbehaved, [server.url]);
  // One request a chunk: none came together with another.
  assert.equal(server.requests.length - before, 3);
});

test('a request whose own answer is nonsense fails, after one repetition', async (t) => {
  const onRequest = ({ socket, text }: RawRequest) =>
    socket.write(text.startsWith('GET /bad ') ? 'no HTTP at all\r\n\r\n' : OK);
  const { records } = await behind(t, onRequest, [{ path: '/bad' }, { path: '/a' }]);
  assert.deepEqual(records.map(({ path, status, error }) => [path, status, error]).sort(), [
    ['/a', 200, null],
    ['/bad', null, 'protocol-error'],
  ]);
});

test('an answer that nobody asked for ends pipelining, too', async (t) => {
  const { misbehaved, server } = await behind(
    t,
    ({ socket, text }) => socket.write(text.startsWith('GET /twice ') ? OK + OK : OK),
    [{ path: '/twice' }],
  );
  assert.deepEqual(misbehaved, [server.url]);
});

test('--no-pipelining writes one request at a time from the start', async (t) => {
  let waiting = 0;
  let most = 0;
  const onRequest = ({ socket }: RawRequest) => {
    most = Math.max(most, ++waiting);
    setImmediate(() => {
      waiting--;
      socket.write(OK);
    });
  };
  const paths = Array.from({ length: 20 }, (_, i) => ({ path: `/${i}` }));
  await behind(t, onRequest, paths, { pipelining: false });
  assert.equal(most, 1);
});

test('a connection that is too old takes no more requests', async (t) => {
  const server = await startServer(t);
  const { send, outcomes } = startMirror(t, { destinations: [server.url], connections: 1, connectionAgeMs: 1e-6 });
  for (let i = 1; i <= 3; i++) {
    send({ path: `/${i}` });
    await outcomes(i);
  }
  assert.equal(server.connections.length, 3);
});
