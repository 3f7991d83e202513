/** The admin pages under requests nobody should send. */
import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import { after, test } from 'node:test';
import { startAdmin } from '../../src/agent/admin.ts';

let asked = 0;
const server = await startAdmin(
  { host: '127.0.0.1', port: 0 },
  {
    healthy: () => true,
    unready: async () => ['http://m answers nothing\u001b[2J', 'HAProxy has not said HELLO'],
    metrics: async () => {
      asked++;
      await new Promise(setImmediate);
      return 'metric 1\n';
    },
    stats: () => Promise.reject(new Error('no worker')),
  },
  { hosts: ['x'] },
);
after(() => server.close());

/** All that comes until the server closes, which it does after each answer. */
async function exchange(...pieces: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  // It may close while this side still writes.
  socket.on('error', () => {});
  for (const piece of pieces) socket.write(piece);
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const REQUESTS: readonly (readonly [what: string, request: string | Buffer, answer: RegExp])[] = [
  ['a page', 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\nok\n$/],
  ['a page with a query', 'GET /metrics?x HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 200 OK\r\n[\s\S]*metric 1\n$/],
  [
    'a page that says what is not ready',
    'GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n',
    /^HTTP\/1.1 503 [\s\S]*\r\n\r\nnot ready: http:\/\/m answers nothing\\u\{1b\}\[2J\nnot ready: HAProxy has not said HELLO\n$/,
  ],
  ['HEAD', 'HEAD /metrics HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\n$/],
  ['workers that do not answer', 'GET /stats HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 500 /],
  ['another method', 'POST /stats HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc', /^HTTP\/1.1 405 /],
  ['another path', 'GET /../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 404 /],
  ['a path of the prototype', 'GET /constructor HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 404 /],
  ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 404 /],
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nhost: x\r\n\r\n', /^$/],
  [
    'both framings',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n',
    /^HTTP\/1.1 400 /,
  ],
  ['a giant header', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1.1 431 /],
  ['a giant path', `GET /${'y'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, /^HTTP\/1.1 431 /],
  ['bytes', Buffer.alloc(500, 0xff), /^HTTP\/1.1 400 /],
  ['SPOP', Buffer.from('0000000703000000010101', 'hex'), /^HTTP\/1.1 400 /],
];
for (const [what, request, answer] of REQUESTS) {
  test(`${what} is answered, and the connection closed`, async () => {
    assert.match(await exchange(request), answer);
  });
}

test('requests behind one another are not worked on all at once', async () => {
  asked = 0;
  await exchange('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(1000));
  assert.equal(asked, 1);
});
