/** https:// mirrors, HTTP/2 and tunnels. The certificate is made on the spot; without openssl these are skipped. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { makeCertificate } from '../certificates.ts';
import { HOST, startMirror, startServer } from './servers.ts';

const own = makeCertificate('mirror');
const client = makeCertificate('client');
const elsewhere = makeCertificate('elsewhere', 'DNS:elsewhere.test');
const options = { skip: own === undefined && 'openssl is not installed' };
const { key, cert } = own ?? { key: '', cert: '' };

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly version: string;
  readonly headers: readonly string[];
  readonly body: string;
  readonly peer: string | string[] | undefined;
  readonly sni: string | false | null | undefined;
}

type Request = import('node:http').IncomingMessage | import('node:http2').Http2ServerRequest;
type Response = import('node:http').ServerResponse | import('node:http2').Http2ServerResponse;

async function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Answers 201 and remembers what came. */
async function startHttps(t: TestContext, http2 = false, extra: object = {}) {
  const seen: Seen[] = [];
  const onRequest = (request: Request, response: Response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const { method, url, httpVersion: version, rawHeaders: headers } = request;
      const socket = request.socket as TLSSocket;
      const sni = socket.servername as Seen['sni'];
      seen.push({ method, url, version, headers, body, peer: socket.getPeerCertificate?.().subject?.CN, sni });
      response.writeHead(201);
      response.end('abc');
    });
  };
  const settings = { key, cert, ...extra };
  const server = http2 ? createSecureServer(settings, onRequest) : createHttps(settings, onRequest);
  const port = await listen(t, server as unknown as Server);
  return { seen, port, url: `https://127.0.0.1:${port}` };
}

test('a certificate that nobody vouches for is refused', options, async (t) => {
  const server = await startHttps(t);
  const { send, outcomes } = startMirror(t, { destinations: [server.url] });
  send({}, {});
  for (const { error, attempts } of await outcomes(2)) assert.deepEqual([error, attempts], ['tls', 0]);
  assert.equal(server.seen.length, 0);
});

test('a certificate for another name is refused', options, async (t) => {
  const server = await startHttps(t, false, elsewhere);
  const problems: unknown[] = [];
  const observers = { onTlsProblem: (_name: string, problem: unknown) => problems.push(problem) };
  const { send, outcomes } = startMirror(t, { destinations: [server.url], tls: { ca: elsewhere?.cert } }, observers);
  send({});
  assert.equal((await outcomes(1))[0]?.error, 'tls');
  send({});
  await outcomes(2);
  assert.deepEqual(problems, [{ kind: 'failed', code: 'ERR_TLS_CERT_ALTNAME_INVALID' }], 'told once');
});

for (const [how, tls] of [
  ['insecure', { insecure: true }],
  ['its authority', { ca: cert }],
] as const) {
  test(`https mirrors are reached with ${how}, headers and body as production had them`, options, async (t) => {
    const server = await startHttps(t);
    const { send, outcomes } = startMirror(t, { destinations: [`${server.url}/pre`], tls });
    const headers = [...HOST, ['x-b', '1'], ['x-a', '\u00e9'], ['x-b', '2']] as const;
    send({ method: 'PATCH', path: '/x?y=%20', headers, body: 'body' });
    const [record] = await outcomes(1);
    assert.deepEqual([record?.status, record?.error, record?.response_bytes, record?.attempts], [201, null, 3, 1]);
    const [{ method, url, headers: raw, body } = assert.fail()] = server.seen;
    assert.deepEqual([method, url, body], ['PATCH', '/pre/x?y=%20', 'body']);
    const pairs = raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1]]] : []));
    assert.deepEqual(
      pairs.filter(([name]) => name !== 'connection' && name !== 'content-length'),
      headers,
    );
    assert.deepEqual(pairs.at(-1), ['content-length', '4']);
  });
}

test('every method reaches an https mirror, with and without a body, on one connection', options, async (t) => {
  const server = await startHttps(t);
  const tls = { insecure: true };
  const { send, outcomes, mirror } = startMirror(t, { destinations: [server.url], tls, connections: 1 });
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];
  let count = 0;
  for (const method of methods) {
    send(
      { method, path: '/1', headers: [['host', `${method}.test`]] },
      { method, path: '/2', body: 'x'.repeat(70_000) },
    );
    count += 2;
    await outcomes(count);
  }
  assert.deepEqual(
    server.seen.map(({ method, body }) => `${method} ${body.length}`).sort(),
    methods.flatMap((method) => [`${method} 0`, `${method} 70000`]).sort(),
  );
  assert.equal(mirror.stats().connections, 1);
});

test('a client certificate is shown', options, async (t) => {
  const server = await startHttps(t, false, { requestCert: true, rejectUnauthorized: true, ca: client?.cert });
  const { send, outcomes } = startMirror(t, { destinations: [server.url], tls: { ca: cert, ...client } });
  send({});
  assert.equal((await outcomes(1))[0]?.error, null);
  assert.equal(server.seen[0]?.peer, 'client');
});

test('the name in the TLS greeting is the mirror, whatever Host says', options, async (t) => {
  const server = await startHttps(t);
  const destinations = [`https://localhost:${server.port}`];
  const { send, outcomes } = startMirror(t, { destinations, tls: { ca: cert } });
  send({}, { headers: [['host', 'other.test']] });
  for (const { error } of await outcomes(2)) assert.equal(error, null);
  assert.deepEqual(
    server.seen.map(({ sni }) => sni),
    ['localhost', 'localhost'],
  );
});

test('HTTP/2 is used when it is wanted and offered', options, async (t) => {
  const server = await startHttps(t, true, { allowHTTP1: true });
  const { send, outcomes } = startMirror(t, { destinations: [server.url], tls: { ca: cert }, http2: true });
  send(
    ...Array.from({ length: 20 }, (_, i) => ({
      method: i % 2 ? 'POST' : 'GET',
      path: `/${i}`,
      body: i % 2 ? 'x' : '',
    })),
  );
  for (const { status, error } of await outcomes(20)) assert.deepEqual([status, error], [201, null]);
  assert.deepEqual(new Set(server.seen.map(({ version }) => version)), new Set(['2.0']));
  const authority = server.seen[0]?.headers.indexOf(':authority') ?? -1;
  assert.equal(server.seen[0]?.headers[authority + 1], 'www.example.com');
});

test('without HTTP/2 on the other side HTTP/1.1 serves', options, async (t) => {
  const server = await startHttps(t);
  const { send, outcomes } = startMirror(t, { destinations: [server.url], tls: { ca: cert }, http2: true });
  send({}, {}, {});
  for (const { error } of await outcomes(3)) assert.equal(error, null);
});

test('a mirror that does not take HTTP/2 gets one request at a time on a connection, HEAD too', options, async (t) => {
  const active = new Map<unknown, number>();
  let most = 0;
  const server = createHttps({ key, cert }, ({ socket }, response) => {
    const now = (active.get(socket) ?? 0) + 1;
    active.set(socket, now);
    most = Math.max(most, now);
    setImmediate(() => {
      active.set(socket, (active.get(socket) ?? 0) - 1);
      response.end();
    });
  });
  const url = `https://127.0.0.1:${await listen(t, server)}`;
  const { send, outcomes } = startMirror(t, { destinations: [url], tls: { ca: cert }, http2: true, connections: 2 });
  send(...Array.from({ length: 30 }, (_, i) => ({ method: i % 3 ? 'HEAD' : 'POST', path: `/${i}` })));
  for (const { error } of await outcomes(30)) assert.equal(error, null);
  assert.equal(most, 1);
});

test('a long response costs the connection and counts as an answer', options, async (t) => {
  const server = await startHttps(t);
  const limits = { tls: { ca: cert }, maxResponseBytes: 2 };
  const { send, outcomes } = startMirror(t, { destinations: [server.url], ...limits });
  send({});
  assert.deepEqual(
    (await outcomes(1)).map(({ status, error }) => [status, error]),
    [[201, null]],
  );
});

test('an https mirror that never answers is a timeout', options, async (t) => {
  const server = createHttps({ key, cert }, () => {});
  const port = await listen(t, server);
  const limits = { tls: { insecure: true }, headersTimeoutMs: 1000 };
  const { send, outcomes } = startMirror(t, { destinations: [`https://127.0.0.1:${port}`], ...limits });
  send({});
  assert.equal((await outcomes(1))[0]?.error, 'timeout');
});

test('a server that does not speak TLS is a tls error or a close, one outcome each', options, async (t) => {
  const server = await startServer(
    t,
    () => {},
    (socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  );
  const { send, outcomes } = startMirror(t, { destinations: [`https://127.0.0.1:${server.port}`] });
  send({}, {});
  for (const { error, status } of await outcomes(2)) assert.deepEqual([error, status], ['tls', null]);
});

/** A proxy that only knows CONNECT. */
async function startProxy(t: TestContext, status = '200 OK') {
  const asked: string[] = [];
  const proxy = createHttp().on('connect', (request, socket: Socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']} ${request.headers['x-proxy']}`);
    socket.on('error', () => {});
    socket.write(`HTTP/1.1 ${status}\r\n\r\n`);
    if (!status.startsWith('200')) return void socket.end();
    const [, port] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), '127.0.0.1').on('error', () => socket.destroy());
    upstream.pipe(socket).pipe(upstream);
    socket.on('close', () => upstream.destroy());
  });
  return { asked, url: `http://user:pa%3Ass@127.0.0.1:${await listen(t, proxy)}` };
}

test('https mirrors behind a proxy are reached through a tunnel', options, async (t) => {
  const server = await startHttps(t);
  const proxy = await startProxy(t);
  const { send, outcomes } = startMirror(t, {
    destinations: [server.url],
    tls: { ca: cert },
    proxy: { url: proxy.url, headers: [['x-proxy', 'yes']] },
  });
  send({ headers: [...HOST, ['x-b', '1'], ['x-b', '2']] });
  assert.equal((await outcomes(1))[0]?.error, null);
  assert.deepEqual(proxy.asked, [`127.0.0.1:${server.port} Basic dXNlcjpwYTpzcw== yes`]);
  assert.equal(server.seen[0]?.headers.filter((name) => name === 'x-b').length, 2);
});

test('a proxy that refuses is a proxy error', options, async (t) => {
  const proxy = await startProxy(t, '407 Proxy Authentication Required');
  const { send, outcomes } = startMirror(t, { destinations: ['https://mirror.test'], proxy: { url: proxy.url } });
  send({});
  assert.equal((await outcomes(1))[0]?.error, 'proxy');
});
