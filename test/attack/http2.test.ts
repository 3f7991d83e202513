/** Whatever frames a server sends, in whatever pieces: what is no use goes no further, a flood ends, and nothing else happens. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { openSession } from '../../src/http2/client-session.ts';
import { FloodError } from '../../src/http2/errors.ts';
import { ReceivedFrames, SentFrames } from '../../src/http2/frame-bounds.ts';
import { ACK, ANSWER, field, frame, OK, SETTINGS, Type } from '../mirror/misbehaviours.ts';
import { fuzz, fuzzAsync } from './fuzzing.ts';

const FIRST_CREDIT = 1_000;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const ORIGIN = 12;
const ALTSVC = 10;
const NO_USE = [Type.priority, ALTSVC, ORIGIN, 11, 0xbe, 0xff];

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

const frames: fc.Arbitrary<Frame> = fc.record({
  type: fc.oneof(fc.nat(9), fc.constantFrom(...NO_USE)),
  flags: fc.oneof(fc.constantFrom(0, 1, 4, 5, 8), fc.nat(255)),
  stream: fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.nat(2 ** 31 - 1)),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ minLength: 4, maxLength: 8, size: 'max' }),
    fc.nat(17_000).map((length) => Buffer.alloc(length, 0xbe)),
  ),
});

const bytesOf = ({ type, flags, stream, payload }: Frame) => frame(type, flags, stream, Buffer.from(payload));

/** In pieces of these lengths, over and over. */
function* cut(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length] as number;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 20_000 })), {
  minLength: 1,
  maxLength: 5,
});

/** What comes out, and whether it ended with a flood. */
function passOn(pieces: Iterable<Buffer>, gate = new ReceivedFrames()) {
  const out: Buffer[] = [];
  try {
    for (const piece of pieces) {
      gate.push(piece);
      for (let next = gate.next(); next !== undefined; next = gate.next()) out.push(next);
    }
  } catch (error) {
    assert.ok(error instanceof FloodError);
    return { out, flood: true };
  }
  return { out, flood: false };
}

test('what has a use goes through as it is, however it is cut, and the rest does not', () => {
  fuzz(
    fc.property(fc.array(frames, { maxLength: 30 }), cuts, (list, lengths) => {
      const all = [SETTINGS, ...list.map(bytesOf)];
      const { out, flood } = passOn(cut(Buffer.concat(all), lengths));
      assert.equal(flood, false);
      const useful = list.filter(({ type }) => !NO_USE.includes(type)).map(bytesOf);
      assert.ok(Buffer.concat(out).equals(Buffer.concat([SETTINGS, ...useful])));
      // A piece is never empty, and never more than is read in a millisecond or two.
      for (const { length } of out) assert.ok(length > 0 && length <= 16 * 1024, `${length}`);
    }),
    200,
  );
});

test('bytes that are no frames go through, or are a flood', () => {
  fuzz(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 20 }), (pieces) => {
      const all = pieces.map((piece) => Buffer.from(piece));
      const { out } = passOn(all);
      assert.ok(Buffer.concat(out).length <= Buffer.concat(all).length);
    }),
    300,
  );
});

test('frames of each kind are a flood when there are too many of them, by number and by bytes', () => {
  fuzz(
    fc.property(frames, cuts, (one, lengths) => {
      const data = one.payload.length - (one.flags & 8 ? 256 : 0);
      fc.pre(one.type !== Type.data || data < 9);
      const bytes = Buffer.concat([SETTINGS, ...Array.from({ length: FIRST_CREDIT }, () => bytesOf(one))]);
      assert.equal(passOn(cut(bytes, [...lengths, 4096])).flood, true);
    }),
    20,
  );
});

test('DATA has no bound here, and a client that asks has its credit filled again', () => {
  const gate = new ReceivedFrames();
  const data = frame(Type.data, 0, 1, 'x'.repeat(9));
  assert.equal(passOn([SETTINGS, ...Array(20_000).fill(data)], gate).flood, false);
  const sent = new SentFrames();
  gate.grant(sent.push(Buffer.from(PREFACE)));
  for (let i = 0; i < 2000; i++) {
    gate.grant(sent.push(frame(Type.headers, 5, i * 2 + 1, OK)));
    assert.equal(passOn(Array(20).fill(ANSWER(i * 2 + 1)), gate).flood, false);
  }
  // What was saved up has a bound too.
  for (let i = 0; i < 100_000; i++) gate.grant(20);
  assert.equal(passOn(Array(10_000).fill(SETTINGS), gate).flood, false);
  assert.equal(passOn([SETTINGS], gate).flood, true);
});

test('the credit of what is sent does not depend on how it is cut', () => {
  fuzz(
    fc.property(fc.array(frames, { maxLength: 20 }), cuts, (list, lengths) => {
      const bytes = Buffer.concat([Buffer.from(PREFACE), ...list.map(bytesOf)]);
      const sent = new SentFrames();
      let credit = 0;
      for (const piece of cut(bytes, lengths)) credit += sent.push(piece);
      let expected = 0;
      for (const { type, payload } of list) {
        if (type === Type.headers) expected += 20;
        if (type === Type.data) expected += Math.ceil(payload.length / 512);
      }
      assert.equal(credit, expected);
    }),
    200,
  );
});

/** Two ends of a connection; what is written to one comes out of the other in a later turn, in pieces of so many bytes. */
function connection(bytesAtOnce = Number.POSITIVE_INFINITY): [Duplex, Duplex] {
  const ends: Duplex[] = [0, 1].map(
    (side) =>
      new Duplex({
        read: () => undefined,
        write: (chunk: Buffer, _encoding, done) => {
          const other = ends[1 - side] as Duplex;
          const next = (at: number) => {
            if (other.destroyed || at >= chunk.length) return done();
            other.push(chunk.subarray(at, at + bytesAtOnce));
            setImmediate(() => next(at + bytesAtOnce));
          };
          next(0);
        },
        final: (done) => {
          (ends[1 - side] as Duplex).push(null);
          done();
        },
        destroy: (error, done) => {
          const other = ends[1 - side] as Duplex;
          if (!other.destroyed) other.push(null);
          done(error);
        },
      }),
  );
  for (const end of ends) end.on('error', () => undefined);
  return ends as [Duplex, Duplex];
}

for (const bytesAtOnce of [1, 9, 1000, Number.POSITIVE_INFINITY]) {
  test(`an honest conversation, ${bytesAtOnce} bytes at a time`, async () => {
    const [own, peer] = connection(bytesAtOnce);
    const server = createServer(async (request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      let text = '';
      for await (const part of request.setEncoding('utf8')) text += part;
      response.write(text);
      response.addTrailers({ 'x-sum': 'of all' });
      response.end();
    });
    server.emit('connection', peer);
    const session = openSession('http://mirror', own as Socket);
    const body = 'body '.repeat(400);
    const calls = Array.from({ length: 3 }, async () => {
      const stream = session.request({ ':method': 'POST' });
      const seen: string[] = [];
      stream.on('headers', () => seen.push('103'));
      stream.on('response', (fields) => seen.push(String(fields[':status'])));
      stream.on('trailers', (fields) => seen.push(String(fields['x-sum'])));
      stream.end(body);
      let text = '';
      for await (const part of stream.setEncoding('utf8')) text += part;
      assert.deepEqual([text, ...seen], [body, '103', '200', 'of all']);
    });
    await Promise.all(calls);
    const closed = once(session, 'close');
    session.close();
    await closed;
    assert.ok(own.destroyed);
  });
}

/** Of an honest server, and of one that is not. */
const GOOD = [
  ACK,
  ANSWER(1),
  frame(Type.headers, 4, 1, OK + field('x-a', 'b')),
  frame(Type.headers, 4, 1, field(':status', '103')),
  frame(Type.data, 0, 1, 'data'),
  frame(Type.data, 1, 1),
  frame(Type.headers, 5, 1, field('x-trailer', 'b')),
  frame(Type.ping, 0, 0, '12345678'),
  frame(Type.window, 0, 1, '\0\0\x01\0'),
  frame(Type.rst, 0, 1, '\0\0\0\x07'),
  frame(Type.goaway, 0, 0, '\0\0\0\0\0\0\0\0'),
  frame(ORIGIN, 0, 0, '\0\x09https://a'),
];

test('whatever a server writes, requests and connections end, and nothing else does', async () => {
  const script = fc.array(fc.oneof(fc.constantFrom(...GOOD), frames.map(bytesOf)), { maxLength: 12 });
  await fuzzAsync(
    fc.asyncProperty(script, cuts, fc.boolean(), async (written, lengths, hasSettings) => {
      const [own, peer] = connection();
      peer.resume();
      const session = openSession('http://mirror', own as Socket);
      const ends = Array.from({ length: 2 }, () => {
        const stream = session.request({ ':path': '/' });
        stream.on('error', () => undefined).resume();
        return new Promise((resolve) => stream.on('close', resolve));
      });
      const gone = new Promise((resolve) => session.on('close', resolve));
      const bytes = Buffer.concat([...(hasSettings ? [SETTINGS] : []), ...written]);
      for (const piece of cut(bytes, lengths)) if (!peer.destroyed) peer.write(piece);
      await new Promise((resolve) => (peer.destroyed ? resolve(undefined) : peer.end(resolve)));
      // Node reads no more of who broke the rules, and says nothing: a mirror's silence, and a call's time, are watched.
      setImmediate(() => setImmediate(() => session.destroy()));
      await Promise.all([...ends, gone]);
      assert.ok(own.destroyed);
    }),
    150,
  );
});
