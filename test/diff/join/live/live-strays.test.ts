import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toAnswer } from '../../../../src/diff/join/live/lines.ts';
import { LiveStrays } from '../../../../src/diff/join/live/live-strays.ts';
import { TimeSpan } from '../../../../src/diff/time-span.ts';
import { record, rulesOf, settingsWith } from './lines.ts';

function answerAt(timeMs: number, status = 200) {
  const origin = { lineHash: timeMs, input: 0, line: 0, destination: 0, response: undefined };
  return toAnswer(record({ timeMs, status }), origin, rulesOf(settingsWith()));
}

test('a line of a time that production has not reached yet counts once it has', () => {
  const span = new TimeSpan();
  const strays = new LiveStrays(span);
  span.add(1_000);
  strays.add(answerAt(1_000));
  strays.add(answerAt(2_000, 500));
  strays.add(answerAt(Number.NaN));
  assert.deepEqual(strays.counts, { lines: 2, errors: 0 });
  span.add(3_000);
  assert.deepEqual(strays.counts, { lines: 3, errors: 1 });
});

test('of a log of another time only the last lines wait', () => {
  const span = new TimeSpan();
  const strays = new LiveStrays(span);
  span.add(0);
  for (let i = 1; i <= 25_000; i++) strays.add(answerAt(i));
  span.add(25_000);
  const { lines } = strays.counts;
  assert.ok(lines >= 5_000 && lines <= 10_000, String(lines));
});
