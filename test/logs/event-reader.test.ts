/** The shorter way to an event comes to the same as the grammar. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventReader } from '../../src/logs/event-reader.ts';
import { parseMessage } from '../../src/logs/spoe-line.ts';

const SEED = { seed: 11, numRuns: 2_000 };

const digits = fc.oneof(
  fc.nat(99).map(String),
  fc.constantFrom('4294967295', '4294967296', '9999999999', '00000000001', '007', '-1', '-2', '-', ''),
  fc.constantFrom('999999999999999', '9007199254740992', '18446744073709551615', '18446744073709551616'),
);
const beginning = fc.constantFrom(
  'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=',
  'SPOE: [mirror] <GROUP:late> sid=',
  'SPOE: [wäf] <EVENT:on-http-response> sid=',
);
const usual = fc.nat(9_999).map(String);
const numbers = (number: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.boolean(), fc.array(number, { minLength: 13, maxLength: 13 }))
    .map(([isOld, n]) =>
      isOld
        ? `${n[0]} st=${n[1]} ${n.slice(2, 7).join('/')} ${n[7]}/${n[8]} ${n[9]}/${n[10]} ${n[11]}/${n[12]}`
        : `${n[0]} st=${n[1]} ${n[2]} ${n[3]}/${n[4]}`,
    );
const message = fc
  .tuple(
    beginning,
    fc.oneof(numbers(usual), numbers(fc.oneof(usual, digits))),
    fc.constantFrom('', ' ', '\r', '#012', 'x'),
  )
  .map((parts) => parts.join(''));
const damaged = fc
  .tuple(message, fc.nat(120), fc.nat(3), fc.constantFrom('', '-', '/', ' ', '0', '>', 's', '٣'))
  .map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));

test('every message is read as the grammar has it, whatever was read before', () => {
  const reader = new EventReader();
  fc.assert(
    fc.property(fc.oneof(message, damaged), fc.constantFrom('', 'lb1 haproxy[7]: '), (text, header) => {
      assert.deepEqual(reader.read(header + text, header.length), parseMessage(text));
    }),
    SEED,
  );
});

test('more events than are remembered are read all the same', () => {
  const reader = new EventReader();
  for (let i = 0; i < 40; i++) {
    const text = `SPOE: [a${i % 20}] <EVENT:e> sid=${i} st=0 1 0/2`;
    assert.deepEqual(reader.read(text, 0), parseMessage(text));
  }
});
