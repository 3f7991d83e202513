/** Whatever a peer sends is decoded or is an SpopError: real streams, with bytes changed, cut, repeated or put in. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { readAck } from '../../src/spop/ack.ts';
import type { ByteReader } from '../../src/spop/byte-reader.ts';
import { readAgentDisconnect, readHaproxyDisconnect } from '../../src/spop/disconnect.ts';
import { SpopError, SpopStatus } from '../../src/spop/errors.ts';
import { Fragments } from '../../src/spop/fragments.ts';
import { FrameType, readFrameHeader } from '../../src/spop/frame-header.ts';
import { FrameReader } from '../../src/spop/frame-reader.ts';
import { readHeadersBin } from '../../src/spop/headers-bin.ts';
import { parseHeaders } from '../../src/spop/headers-text.ts';
import { readAgentHello, readHaproxyHello } from '../../src/spop/hello.ts';
import { negotiate } from '../../src/spop/negotiation.ts';
import { readNotify } from '../../src/spop/notify.ts';
import { CUTS } from './streams.ts';

const FOLDER = new URL('../../fixtures/spop/', import.meta.url);
const SEEDS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.bin'))
  .sort()
  .map((name) => readFileSync(new URL(name, FOLDER)));
const CODES: readonly number[] = Object.values(SpopStatus);
const MAX_FRAME_SIZE = 16380;
const MAX_BYTES = 4096;
const OFFER = { maxFrameSize: MAX_FRAME_SIZE, pipelining: true, async: true, fragmentation: true };

/** All an agent and a client together do with a frame; returns words that tell two outcomes apart. */
function decode(frame: ByteReader, fragments: Fragments): string {
  const header = readFrameHeader(frame);
  switch (header.type) {
    case FrameType.haproxyHello:
      return JSON.stringify(negotiate(readHaproxyHello(header, frame), OFFER));
    case FrameType.agentHello:
      return JSON.stringify(readAgentHello(header, frame));
    case FrameType.haproxyDisconnect:
      return JSON.stringify(readHaproxyDisconnect(header, frame));
    case FrameType.agentDisconnect:
      return JSON.stringify(readAgentDisconnect(header, frame));
    case FrameType.ack:
      return readAck(frame)
        .map(({ name }) => name)
        .join();
    case FrameType.notify:
    case FrameType.unset:
      return decodeMessages(fragments.accept(header, frame));
    default:
      return `skipped ${header.type}`;
  }
}

function decodeMessages(payload: ByteReader | undefined): string {
  if (payload === undefined) return 'incomplete';
  const words: string[] = [];
  for (const { name, args } of readNotify(payload)) {
    words.push(name);
    for (const [key, data] of args) {
      words.push(key, String(data.value), data.text ?? '', data.token ?? '');
      if (key === 'arg_hdrs' && data.text !== undefined) {
        words.push(outcomeOf(() => String(readHeadersBin(data.source, data.start, data.end))));
        words.push(outcomeOf(() => String(parseHeaders(data.text ?? ''))));
      }
    }
  }
  return words.join();
}

/** What came of it; anything but an SpopError with a code of the table comes through. */
function outcomeOf(run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof SpopError)) throw error;
    assert.ok(CODES.includes(error.code) && error.code !== SpopStatus.normal);
    assert.match(error.message, /^[\x20-\x7e]{1,200}$/);
    return `${error.code} ${error.message}`;
  }
}

function decodeStream(chunks: readonly Buffer[]): string[] {
  const fragments = new Fragments({ maxPayloads: 4, maxBytes: MAX_BYTES });
  const words: string[] = [];
  const reader = new FrameReader(MAX_FRAME_SIZE, (frame) => words.push(decode(frame, fragments)));
  for (const chunk of chunks) {
    const outcome = outcomeOf(() => {
      reader.push(chunk);
      return '';
    });
    if (outcome !== '') words.push(outcome);
    assert.ok(reader.buffered <= MAX_FRAME_SIZE);
    assert.ok(fragments.bytes <= MAX_BYTES);
  }
  return words;
}

function assertSameBothWays(bytes: Buffer): void {
  const [whole, ...others] = CUTS.map(([, cut]) => decodeStream(cut(bytes)));
  for (const other of others) assert.deepEqual(other, whole);
}

const seed = fc.constantFrom(...SEEDS);
const edit = fc.record({
  how: fc.constantFrom('change', 'remove', 'insert', 'repeat', 'end'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  byte: fc.oneof(fc.constantFrom(0, 1, 2, 3, 127, 128, 239, 240, 255), fc.nat(255)),
  length: fc.nat(20),
});

function mutate(bytes: Buffer, edits: readonly { how: string; at: number; byte: number; length: number }[]): Buffer {
  let mutated = bytes;
  for (const { how, at, byte, length } of edits) {
    const start = Math.floor(at * mutated.length);
    const before = mutated.subarray(0, start);
    const after = mutated.subarray(start);
    if (how === 'change') mutated = Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
    else if (how === 'remove') mutated = Buffer.concat([before, after.subarray(length)]);
    else if (how === 'insert') mutated = Buffer.concat([before, Buffer.alloc(length, byte), after]);
    else if (how === 'repeat') mutated = Buffer.concat([before, after.subarray(0, length), after]);
    else mutated = before;
  }
  return mutated;
}

test('any mutation of a real stream is decoded or refused, the same way whole and byte by byte', () => {
  fc.assert(
    fc.property(seed, fc.array(edit, { minLength: 1, maxLength: 6 }), (bytes, edits) => {
      assertSameBothWays(mutate(bytes, edits));
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test('every byte of a real NOTIFY changed to every edge value is decoded or refused', () => {
  const bytes = readFileSync(new URL('haproxy-2.6.12--two-messages.002.in.bin', FOLDER));
  for (let at = 0; at < bytes.length; at++) {
    for (const byte of [0, 1, 2, 10, 127, 128, 239, 240, 254, 255]) {
      const changed = Buffer.from(bytes);
      changed[at] = byte;
      assertSameBothWays(changed);
    }
  }
});

test('frames of any bytes are decoded or refused', () => {
  const body = fc.record({
    type: fc.constantFrom(0, 1, 2, 3, 101, 102, 103, 7, 255),
    flags: fc.constantFrom(0, 1, 2, 3),
    rest: fc.uint8Array({ minLength: 2, maxLength: 60 }),
  });
  fc.assert(
    fc.property(fc.array(body, { minLength: 1, maxLength: 5 }), (bodies) => {
      const frames = bodies.map(({ type, flags, rest }) => {
        const frame = Buffer.concat([Buffer.alloc(4), Buffer.of(type, 0, 0, 0, flags), rest]);
        frame.writeUInt32BE(frame.length - 4);
        return frame;
      });
      assertSameBothWays(Buffer.concat(frames));
    }),
    { seed: 1, numRuns: 3000 },
  );
});
