import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitGrid } from '../../src/report/grid.ts';
import { renderBar, renderErrorLine, renderSparkline } from '../../src/report/sparkline.ts';
import { displayWidth, flow, truncate, truncateMiddle, wrap } from '../../src/report/width.ts';
import {
  formatAmount,
  formatCount,
  formatDuration,
  formatMs,
  formatPercent,
  formatRate,
} from '../../src/text/numbers.ts';
import { formatShortTime, formatTime } from '../../src/text/times.ts';

test('counts are exact up to seven digits, then short', () => {
  const counts = [0, 9_999_999, 10_000_000, 123_456_789, 999_999_999, 2e12, null, undefined];
  assert.deepEqual(counts.map(formatCount), ['0', '9999999', '10.0M', '123M', '1.00G', '2.00T', '-', '-']);
});

test('a rate above nothing is never shown as nothing', () => {
  const rates = [0, 0.0001, 0.02, 0.5, 0.999, 3.44, 9.96, 61.2, 9999, 12_345, null];
  assert.deepEqual(rates.map(formatRate), ['0', '<0.01', '0.02', '0.5', '1', '3.4', '10', '61', '9999', '12.3k', '-']);
});

test('0 % and 100 % are exact', () => {
  const ratios = [0, 1e-9, 1e-6, 0.00456, 0.123, 0.001, 0.025, 0.25, 0.5, 0.99999, 1, null];
  assert.deepEqual(ratios.map(formatPercent), [
    '0 %',
    '<0.000001 %',
    '0.0001 %',
    '0.46 %',
    '12 %',
    '0.1 %',
    '2.5 %',
    '25 %',
    '50 %',
    '99.9 %',
    '100 %',
    '-',
  ]);
});

test('milliseconds stay whole and narrow', () => {
  assert.deepEqual([0, 302, 99_999, 100_000, 4_294_967_295, null].map(formatMs), [
    '0',
    '302',
    '99999',
    '100k',
    '4.29G',
    '-',
  ]);
});

test('a length of time is said in at most two units', () => {
  const lengths = [0, 250, 3000, 3450, 43_000, 163_000, 7_199_000, 3_600_000, 187_200_000, null];
  assert.deepEqual(lengths.map(formatDuration), [
    '0 ms',
    '250 ms',
    '3 s',
    '3.4 s',
    '43 s',
    '2 m 43 s',
    '1 h 59 m',
    '1 h',
    '2 d 4 h',
    '-',
  ]);
});

test('times are cut, not converted', () => {
  assert.equal(formatTime('2026-11-22T07:02:28.123Z'), '2026-11-22 07:02:28Z');
  assert.equal(formatShortTime('2026-11-22T07:02:28.123Z'), '11-22 07:02:28');
  assert.equal(formatTime(null), '-');
});

test('one is singular', () => {
  assert.deepEqual([formatAmount(1, 'event'), formatAmount(0, 'event')], ['1 event', '0 events']);
});

test('a sparkline shows nothing, none, and more', () => {
  assert.equal(renderSparkline([null, 0, 1, 50, 100]), ' ▁▂▅█');
  assert.equal(renderSparkline([null, 0, 1, 50, 100], false), ' _.=#');
});

test('errors over time are added up to the width, with gaps where nothing happened', () => {
  const timeline = {
    from: '2026-11-22T07:00:00.000Z',
    seconds: 1,
    counts: [5, 5, 0, 0, 5, 5],
    errors: [0, 0, 0, 0, 1, 1],
  };
  assert.equal(renderErrorLine(timeline, 3), '▁ █');
  assert.equal(renderErrorLine(timeline, 10), '▁▁  ██');
  assert.equal(renderErrorLine(undefined, 10), '');
});

test('a bar of more than nothing is at least one', () => {
  assert.deepEqual(
    [0, 0.001, 0.5, 1].map((share) => renderBar(share, 4)),
    ['', '█', '██', '████'],
  );
});

test('wide characters count two, combining marks none', () => {
  assert.deepEqual(['abc', '鏡', '🪞', 'e\u0301'].map(displayWidth), [3, 2, 2, 1]);
});

test('text is cut at the width, never in the middle of a wide character', () => {
  assert.equal(truncate('on-frontend-http-request', 10), 'on-fronte…');
  assert.equal(truncate('鏡鏡鏡', 4), '鏡…');
  assert.equal(truncate('abc', 3), 'abc');
  assert.equal(truncate('abcdef', 5, '...'), 'ab...');
});

test('text wraps at spaces, and inside a word that no line can hold', () => {
  assert.deepEqual(wrap('one two three', 8, '- ', '  '), ['- one', '  two', '  three']);
  assert.deepEqual(wrap('abcdefghij', 6, '- ', '  '), ['- abcd', '  efgh', '  ij']);
});

test('parts stay whole', () => {
  assert.deepEqual(flow(['a 1', 'b 2', 'c 3'], ' · ', 12, 'X ', '  '), ['X a 1 · b 2', '  c 3']);
});

test('a text whose end tells it apart is cut in its middle', () => {
  assert.equal(truncateMiddle('http://127.0.0.1:8080', 12), 'htt…0.1:8080');
  assert.equal(truncateMiddle('http://127.0.0.1:8081', 12), 'htt…0.1:8081');
  assert.equal(displayWidth(truncateMiddle('鏡鏡鏡鏡鏡鏡', 7)) <= 7, true);
  assert.equal(truncateMiddle('abc', 3), 'abc');
  assert.equal(truncateMiddle('abcdef', 3), 'ab…');
});

test('a column whose ends tell rows apart is cut in the middle where the screen is narrow', () => {
  const columns = [
    { head: 'MIRROR', align: 'left', shrinkTo: 12, keepsEnd: true },
    { head: 'requests', align: 'right' },
  ] as const;
  const rows = [8080, 8081].map((port) => ({ cells: [`http://127.0.0.1:${port}`, '1'] }));
  const fitted = fitGrid({ columns, rows }, 21, '…').rows.map(({ cells }) => cells[0]);
  assert.deepEqual(fitted, ['htt…0.1:8080', 'htt…0.1:8081']);
});
