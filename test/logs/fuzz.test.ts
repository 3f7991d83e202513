import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseLine } from '../../src/logs/line.ts';
import { TimeResolver } from '../../src/logs/time.ts';
import { CODE_POINT } from '../text/code-points.ts';

const FOLDER = new URL('../../fixtures/logs/formats/', import.meta.url);
const LINES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.log'))
  .flatMap((name) => readFileSync(new URL(name, FOLDER), 'utf8').split('\n'))
  .filter((line) => line !== '');

const realLine = fc.constantFrom(...LINES);
const piece = fc.oneof(
  fc.constantFrom(
    'SPOE:',
    'SPOE: [',
    '<EVENT:',
    '] <',
    '<133>',
    '{',
    '}',
    '"',
    '\\',
    '\0',
    '\r',
    '#012',
    '-',
    '/',
    ' ',
    '999999999999',
  ),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: CODE_POINT, maxLength: 4 }),
  realLine,
);

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat(12),
  insert: piece,
});

function apply(line: string, { at, remove, insert }: Edit): string {
  const index = Math.floor(at * line.length);
  return line.slice(0, index) + insert + line.slice(index + remove);
}

const mutated = fc
  .tuple(realLine, fc.array(edit, { minLength: 1, maxLength: 4 }))
  .map(([line, edits]) => edits.reduce(apply, line));

/** What an event looks like, also as docker's JSON escapes it. */
const SHAPE = /<(?:EVENT|GROUP):|\\u003[cC](?:EVENT|GROUP):/g;

test('mutated real lines never throw, and an event is in the line only if it looks like one', () => {
  const times = new TimeResolver({ zone: { offsetMinutes: 0 }, referenceMs: Date.UTC(2026, 10, 22) });
  fc.assert(
    fc.property(mutated, (line) => {
      const parsed = parseLine(line);
      if (parsed.kind !== 'event') return;
      const shapes = line.replaceAll('\0', '').match(SHAPE)?.length ?? 0;
      assert.ok(shapes >= 1);
      assert.ok(parsed.event.sid >= 0 && parsed.event.sid <= 0xffff_ffff);
      assert.ok(parsed.event.pT >= -1);
      if (parsed.header.time !== undefined) assert.ok(Number.isFinite(times.resolve(parsed.header.time)));
    }),
    { numRuns: 4000 },
  );
});

test('any text at all is read without throwing', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
      (line) => {
        parseLine(line);
      },
    ),
    { numRuns: 2000 },
  );
});

test('two real lines glued anywhere give at most one event', () => {
  fc.assert(
    fc.property(realLine, realLine, fc.double({ min: 0, max: 1, noNaN: true }), (first, second, at) => {
      const glued = first.slice(0, Math.floor(at * first.length)) + second;
      const parsed = parseLine(glued);
      if (parsed.kind === 'event' && parsed.torn) {
        const whole = parseLine(second);
        assert.equal(whole.kind, 'event');
        if (whole.kind === 'event') assert.deepEqual(parsed.event, whole.event);
      }
    }),
    { numRuns: 4000 },
  );
});

// 300 lines, each of which would take seconds if it were quadratic: longer than the runner waits.
test('hostile lines of 64 KiB take linear time', () => {
  const fill = (text: string) => text.repeat(Math.ceil(65_536 / text.length));
  const event = 'SPOE: [a] <EVENT:b> sid=1 st=0 1 0/1';
  for (const text of [
    ' ',
    '\r',
    '#012',
    'SPOE:',
    'SPOE: [',
    '[',
    '{"a":',
    '\\"',
    '<133>1 - - - - - [a b="',
    'Nov 22 07:20:40 ',
    'a-1',
    '1',
    '"log" ',
  ]) {
    for (const start of [
      '',
      'SPOE: ',
      'SPOE: [a] ',
      'SPOE: [a] <EVENT:',
      event,
      '<133>1 - - - - - [a b="',
      '{"log":"SPOE:',
      'Nov 22 07:20:40 h t[1]: ',
    ]) {
      for (const end of ['', 'x', event]) parseLine(start + fill(text) + end);
    }
  }
});
