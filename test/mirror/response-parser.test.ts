import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ResponseParser } from '../../src/mirror/response-parser.ts';

/** What a parser reports for a stream that comes in these pieces; body bytes are added up. */
function read(pieces: readonly Buffer[]): string[] {
  const events: string[] = [];
  let body = 0;
  const parser = new ResponseParser({
    onStart: () => true,
    isHead: () => false,
    onBody: (bytes) => {
      body += bytes;
      return true;
    },
    onResponse: (status, keepAlive) => {
      events.push(`${status} ${body} ${keepAlive}`);
      body = 0;
      return true;
    },
  });
  for (const piece of pieces) {
    if (parser.push(piece, piece.length)) continue;
    events.push('invalid');
    return events;
  }
  if (parser.end()) events.push('ended');
  return events;
}

const RESPONSES = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x="y"\r\nabc\r\n00\r\ntrailer: 1\r\n\r\n',
  'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\nx',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\ncontent-length: 700\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
];
const EVENTS = ['200 5 true', '201 0 false', '200 3 true', '200 1 true', '204 0 true', '304 0 true', '200 0 false'];

test('responses are the same however their bytes are cut', () => {
  const choice = fc.array(fc.nat({ max: RESPONSES.length - 1 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(choice, fc.array(fc.nat(), { maxLength: 12 }), (which, cuts) => {
      const bytes = Buffer.from(which.map((i) => RESPONSES[i]).join(''), 'latin1');
      const expected = which.map((i) => EVENTS[i]);
      const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
      const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
      assert.deepEqual(read(pieces), expected);
      assert.deepEqual(read(Array.from(bytes, (byte) => Buffer.of(byte))), expected);
    }),
  );
});

test('mutated responses never throw, and mean the same byte by byte', () => {
  const mutation = fc.record({ at: fc.nat(), byte: fc.constantFrom(0, 10, 13, 32, 48, 58, 102, 255) });
  fc.assert(
    fc.property(
      fc.constantFrom(...RESPONSES),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      (text, mutations) => {
        const bytes = Buffer.from(text + RESPONSES[0], 'latin1');
        for (const { at, byte } of mutations) bytes[at % bytes.length] = byte;
        assert.deepEqual(read([bytes]), read(Array.from(bytes, (byte) => Buffer.of(byte))));
      },
    ),
    { numRuns: 2000 },
  );
});

test('a server of something else is known by its first bytes, whether or not more of them come', () => {
  for (const said of ['SSH-2.0-OpenSSH_9.2\r\n', '220 mail\r\n', '\r\n', 'HTTP/2 200 OK', 'h', '\x15\x03']) {
    assert.deepEqual(read([Buffer.from(said, 'latin1')]), ['invalid'], said);
    assert.deepEqual(read([...Buffer.from(said, 'latin1')].map((byte) => Buffer.of(byte))), ['invalid'], said);
  }
  assert.deepEqual(read([Buffer.from('HTTP/1.')]), []);
});

test('a body without length or chunks ends with the connection', () => {
  assert.deepEqual(read([Buffer.from('HTTP/1.1 200 OK\r\n\r\nabc')]), ['200 3 false', 'ended']);
});

test('extensions of chunks are bounded for the body as a whole', () => {
  const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
  const chunk = `1;${'e'.repeat(1000)}\r\nz\r\n`;
  const body = (count: number) => Buffer.from(`${head}${chunk.repeat(count)}0\r\n\r\n`);
  assert.deepEqual(read([body(16)]), ['200 16 true']);
  assert.deepEqual(read([body(17)]), ['invalid']);
  assert.deepEqual(read([body(16), body(16)]), ['200 16 true', '200 16 true']);
});

test('only spaces and tabs around a field value are no part of it', () => {
  const head = (field: string) => Buffer.from(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n5\r\nhello\r\n0\r\n\r\n`, 'latin1');
  assert.deepEqual(read([head('transfer-encoding: \tchunked \t')]), ['200 5 true']);
  for (const space of ['\x0b', '\x0c', '\xa0']) {
    assert.deepEqual(read([head(`transfer-encoding:${space}chunked`)]), ['200 15 false', 'ended']);
    assert.deepEqual(read([head(`content-length:${space}5`)]), ['invalid']);
  }
});
