/**
 * A live listener under bytes nobody should send. Whatever comes: no error of our own, nothing kept of a connection that
 * is gone, and a good client beside it has its answers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SpopStatus } from '../../src/spop/errors.ts';
import { FrameType, writeFrame } from '../../src/spop/frame-header.ts';
import { KvList } from '../../src/spop/kv-list.ts';
import { writeNotify } from '../../src/spop/notify.ts';
import { int64Data, stringData } from '../../src/spop/values.ts';
import { writeVarint } from '../../src/spop/varint.ts';
import { untilTrue } from '../until.ts';
import { Client, captures, frames, HELLO, helloFrame, startAgent } from './client.ts';

const CAPABILITIES = ['fragmentation', 'pipelining', 'async'] as const;
const CODES: readonly number[] = Object.values(SpopStatus);

/** Bytes of one frame, the right length in front of them or another. */
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc
    .array(fc.constantFrom(0, 1, 2, 8, 9, 127, 128, 239, 240, 255), { maxLength: 40 })
    .map((all) => Uint8Array.from(all)),
);
const id = fc.oneof(fc.nat(3), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
const frame = fc
  .record({
    type: fc.oneof(fc.constantFrom(...Object.values(FrameType)), fc.nat(255)),
    flags: fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.nat(2 ** 32 - 1)),
    streamId: id,
    frameId: id,
    payload,
    lie: fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, fc.nat(2 ** 32 - 1), fc.constantFrom(0, 6, 16_381)),
  })
  .map(({ lie, payload: bytes, ...header }) => {
    const written = frames((writer) => writeFrame(writer, header, (to, data) => to.writeBytes(data), bytes));
    if (lie !== undefined) written.writeUInt32BE(lie);
    return written;
  });

/** Messages as they should be, but for their names and values. */
const name = fc.oneof(fc.constantFrom('mirror', '', '__proto__', 'a\r\nb', '\x1b[2J', 'n'.repeat(300)), fc.string());
const latin1Name = name.map((text) => Buffer.from(text, 'utf8').toString('latin1'));
const notify = fc
  .array(
    fc.tuple(
      latin1Name,
      fc.array(fc.tuple(latin1Name, fc.oneof(fc.string().map(stringData), fc.integer().map(int64Data))), {
        maxLength: 5,
      }),
    ),
    {
      maxLength: 5,
    },
  )
  .map((messages) =>
    frames((writer) =>
      writeNotify(
        writer,
        7,
        1,
        messages.map(([of, args]) => ({ name: of, args: KvList.of(args) })),
      ),
    ),
  );

/** A varint that never ends, a length beyond everything. */
const odd = fc.constantFrom(
  frames((writer) =>
    writeFrame(
      writer,
      { type: 3, flags: 1, streamId: 1, frameId: 1 },
      (to) => to.writeBytes(Buffer.alloc(30, 0xff)),
      0,
    ),
  ),
  frames((writer) =>
    writeFrame(writer, { type: 3, flags: 1, streamId: 1, frameId: 1 }, (to) => writeVarint(to, 2n ** 63n), 0),
  ),
  Buffer.from('7fffffff', 'hex'),
  Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
  Buffer.from('160301020001000100', 'hex'),
);

const stream = fc.record({
  hello: fc.constantFrom(helloFrame(), helloFrame(), helloFrame({ maxFrameSize: 256 }), Buffer.alloc(0)),
  pieces: fc.array(fc.oneof(notify, frame, frame, odd, fc.constantFrom(...captures.map(([, bytes]) => bytes))), {
    maxLength: 6,
  }),
  size: fc.constantFrom(1, 7, 1000, 100_000),
  end: fc.constantFrom('end', 'reset', 'cut'),
});

test('streams of any frames: only known codes, nothing kept, nobody else disturbed', async () => {
  const errors: unknown[] = [];
  const { agent, port } = await startAgent({
    handlers: { '*': () => undefined, slow: () => new Promise((resolve) => setImmediate(resolve)) },
    capabilities: CAPABILITIES,
    onError: (error) => errors.push(error),
  });
  const good = await Client.open(port, HELLO);
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(stream, async ({ hello, pieces, size, end }) => {
      const bytes = Buffer.concat([hello, ...pieces]).subarray(0, 20_000);
      const client = await Client.open(port);
      for (let at = 0; at < bytes.length; at += size) client.socket.write(bytes.subarray(at, at + size));
      if (end === 'end') {
        client.socket.end();
        await client.end();
      } else if (end === 'reset') client.socket.resetAndDestroy();
      client.close();
      good.notify(asked++);
      await good.until(asked + 1);
      for (const answer of client.answers)
        assert.ok(answer.type !== 'disconnect' || (CODES.includes(answer.statusCode) && answer.statusCode !== 99));
    }),
    { seed: 1, numRuns: 600 },
  );
  await untilTrue(() => agent.stats().connections <= 1);
  const { fragmentBytes, inFlight, handlerErrors } = agent.stats();
  assert.deepEqual(
    { fragmentBytes, inFlight, handlerErrors, errors },
    { fragmentBytes: 0, inFlight: 0, handlerErrors: 0, errors: [] },
  );
});
