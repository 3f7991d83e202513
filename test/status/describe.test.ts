import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeStatus } from '../../src/status/describe.ts';
import { ENGINE_CODES } from '../../src/status/engine-codes.ts';
import { SPOP_CODES } from '../../src/status/spop-codes.ts';

test('st=0 is normal in both tables and needs no next step', () => {
  assert.deepEqual(describeStatus(0), {
    st: 0,
    origin: 'none',
    name: 'normal',
    meaning: 'normal',
    documented: 'normal',
  });
});

test('1 to 5 have the meaning of the engine, with the documented SPOP meaning beside it', () => {
  const rows = [1, 2, 3, 4, 5].map((st) => {
    const { origin, name, meaning, documented } = describeStatus(st);
    return [origin, name, meaning, documented];
  });
  assert.deepEqual(rows, [
    ['engine', 'processing-timeout', 'timeout during event processing', 'I/O error'],
    ['engine', 'resource-allocation', 'resource allocation', 'a timeout occurred'],
    ['engine', 'payload-too-big', 'frame payload exceeds the frame size and cannot be fragmented', 'frame is too big'],
    ['engine', 'fragmentation-aborted', 'fragmentation of a payload aborted', 'invalid frame received'],
    ['engine', 'processing-interrupted', 'processing interrupted by HAProxy', 'version value not found'],
  ]);
});

test('6 to 13 and 99 have the documented SPOP meaning and nothing beside it', () => {
  for (const st of [6, 7, 8, 9, 10, 11, 12, 13, 99]) {
    const { origin, meaning, documented } = describeStatus(st);
    assert.deepEqual([origin, meaning, documented], ['spop', SPOP_CODES.get(st)?.meaning, undefined]);
  }
});

test('255 is an unknown error of the engine', () => {
  const { origin, name, meaning, documented } = describeStatus(255);
  assert.deepEqual(
    [origin, name, meaning, documented],
    ['engine', 'unknown-error', 'unknown error during event processing', undefined],
  );
});

test('256 is a connection that closed normally', () => {
  const { origin, name, meaning } = describeStatus(256);
  assert.deepEqual([origin, name, meaning], ['spop', 'closed-normally', 'closed normally']);
});

test('256 + N is SPOP code N', () => {
  assert.equal(describeStatus(257).name, 'io-error');
  assert.equal(describeStatus(257).meaning, 'I/O error');
  assert.equal(describeStatus(264).meaning, 'unsupported version');
  assert.equal(describeStatus(355).meaning, 'an unknown error occurred');
  assert.equal(describeStatus(264).documented, undefined);
});

test('256 + N with an N that SPOP does not list is defined by the agent, up to the last u32', () => {
  for (const code of [14, 98, 100, 1000, 2 ** 32 - 257]) {
    const { origin, name, meaning } = describeStatus(256 + code);
    assert.deepEqual([origin, name, meaning], ['spop', 'agent-defined', `agent-defined code ${code}`]);
  }
});

test('every other number is unknown and never throws', () => {
  for (const st of [14, 98, 100, 254, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32]) {
    const { origin, name, meaning } = describeStatus(st);
    assert.deepEqual([origin, name, meaning], ['unknown', 'unknown', 'unknown code']);
  }
});

test('every failure has a next step that fits one line of a screen', () => {
  fc.assert(
    fc.property(fc.oneof(fc.nat(400), fc.integer({ min: 0, max: 2 ** 32 - 1 })), (st) => {
      const { next } = describeStatus(st);
      assert.equal(next === undefined, st === 0);
      assert.ok((next ?? '').length <= 94, `${st}: ${next?.length}`);
    }),
  );
});

test('names are kebab-case and each stands for one meaning', () => {
  const entries = [...ENGINE_CODES.values(), ...SPOP_CODES.values()];
  for (const { name } of entries) assert.match(name, /^[a-z]+(-[a-z]+)*$/);
  assert.equal(new Set(entries.map(({ name }) => name)).size, entries.length);
});
