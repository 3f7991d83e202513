/** What could not be read may have failed: no verdict and no gate takes a part for the whole. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { verdictLine } from '../../src/report/headline.ts';
import { MirrorRecordTally } from '../../src/stats/mirror-tally.ts';
import { parseThreshold } from '../../src/stats/thresholds.ts';
import { eventLine, eventLines, summarizeLog } from './read-log.ts';

/** Lines of SPOE that are cut off. */
const torn = (count: number) =>
  Array.from({ length: count }, (_, i) => `${eventLine(i, { host: 'lb2' }).slice(0, 80)}\n`).join('');
/** Behind a header that is not known. */
const unread = (count: number) =>
  Array.from({ length: count }, (_, i) => `<<lb2>> at ${i} ${eventLine(i, { host: 'lb2', st: 2 })}`).join('');

const gate = (text: string, expression: string) =>
  summarizeLog(text, {}, { thresholds: [parseThreshold(expression)] }).thresholds?.[0];

describe('half of the lines of a log that are not read', () => {
  for (const [kind, lines] of [
    ['cut off', torn(100)],
    ['behind a header that is not known', unread(100)],
  ] as const)
    test(kind, () => {
      const text = eventLines(0, 100) + lines;
      const summary = summarizeLog(text);
      assert.equal(verdictLine(summary), 'UNKNOWN — 100 of 200 SPOE lines were not read; none of 100 events failed');
      for (const expression of ['error-rate>1%', 'p99>1s', 'max>1s'])
        assert.equal(gate(text, expression)?.crossed, true);
      assert.equal(gate(text, 'error-rate>60%')?.crossed, false);
      assert.equal(gate(text, 'p50>1s')?.crossed, false);
      assert.ok(summary.notices.some(({ code }) => code === 'malformed' || code === 'header-not-read'));
    });

  test('leave a log that fails failing', () => {
    assert.equal(summarizeLog(eventLines(0, 100, { st: 2 }) + torn(100)).verdict.status, 'failing');
  });

  test('are more than the one that a bound or the beginning of a tail cuts', () => {
    const text = torn(1) + eventLines(0, 50);
    assert.equal(summarizeLog(text).verdict.status, 'healthy');
    assert.equal(gate(text, 'error-rate>1%')?.crossed, false);
    assert.equal(summarizeLog(torn(4) + eventLines(0, 1000)).verdict.status, 'healthy');
  });
});

test('a record of which half is torn is not known, and its gates are not ok', () => {
  const mirror = new MirrorRecordTally();
  const answer = { status: 200, error: '', firstByteMs: 1, totalMs: 2, requestBytes: 0, responseBytes: 2 };
  for (let i = 0; i < 100; i++) mirror.add('', { timeMs: Date.UTC(2026, 10, 22, 7) + i * 1000, ...answer });
  [mirror.lines, mirror.unread] = [200, 100];
  const summary = summarizeLog(
    eventLines(0, 100),
    {},
    { mirror, thresholds: [parseThreshold('mirror-error-rate>1%')] },
  );
  assert.match(verdictLine(summary), /^UNKNOWN — .*; mirror: none of 100 requests failed, 100 of 200 lines not read$/);
  assert.equal(summary.thresholds?.[0]?.crossed, true);
});
