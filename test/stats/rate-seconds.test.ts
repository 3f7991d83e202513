/** Events a second of logs in which a clock was wrong. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventLine, eventLines, summarizeLog } from './read-log.ts';

const HOUR = 3600;

/** A minute with an event each second, and lines of other times. */
function minuteAnd(...seconds: readonly number[]): string {
  const minute = eventLines(0, 60);
  return minute + seconds.map((second, i) => eventLine(second, { processed: 61 + i })).join('');
}

function perSecond(log: string, history = true): number | null {
  return summarizeLog(log, { history }).total.perSecond;
}

describe('events a second', () => {
  test('are those of the log, though one clock was hours ahead or behind', () => {
    const whole = perSecond(minuteAnd()) as number;
    for (const stray of [9 * HOUR, -9 * HOUR, 400, -400, 365 * 24 * HOUR]) {
      const rate = perSecond(minuteAnd(stray)) as number;
      assert.ok(Math.abs(rate - whole) < 0.05 * whole, `${stray} s: ${rate}, ${whole} without`);
    }
    const both = perSecond(eventLines(0, 600) + eventLine(9 * HOUR) + eventLines(600, 600) + eventLine(-9 * HOUR));
    assert.ok(both === null || Math.abs(both - 1) < 0.05, String(both));
  });

  test('are not known where the steps are too wide to tell the log from the line', () => {
    const { total, notices } = summarizeLog(minuteAnd(9 * HOUR), { history: false });
    assert.equal(total.perSecond, null);
    assert.match(notices.find(({ code }) => code === 'rate-unknown')?.message ?? '', /leave them out with --since/);
  });

  test('are those of the whole time where events are far from each other, or come again', () => {
    const hourly = Array.from({ length: 24 }, (_, i) => eventLine(i * HOUR, { processed: i + 1 })).join('');
    assert.equal(perSecond(hourly), 24 / (23 * HOUR));
    assert.equal(perSecond(eventLine(0) + eventLine(HOUR) + eventLine(2 * HOUR)), 3 / (2 * HOUR));
    const twoBursts = eventLines(0, 60) + eventLines(9 * HOUR, 60, {}, 61);
    assert.equal(perSecond(twoBursts), 120 / (9 * HOUR + 59));
  });

  test('are told without a notice where they are known', () => {
    const { notices } = summarizeLog(minuteAnd(), { history: false });
    assert.equal(
      notices.some(({ code }) => code === 'rate-unknown'),
      false,
    );
  });

  test('are not known without times, and of one moment those of a second', () => {
    assert.equal(perSecond(eventLine(0)), 1);
  });
});
