import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessRecord } from '../../src/logs/access-record.ts';
import { answer, type Lines, report, request } from './records.ts';

function warningOf(lines: Lines, code: string): string {
  return report(lines).warnings.find((warning) => warning.code === code)?.message ?? '';
}

const some = (make: (fields: Partial<AccessRecord>) => AccessRecord, fields: (i: number) => Partial<AccessRecord>) =>
  Array.from({ length: 5 }, (_, i) => make(fields(i)));

test('where nothing can be paired the side without ids is named, and the option that helps', () => {
  const withIds = some(request, (i) => ({ uniqueId: `p${i}` }));
  const without = some(answer, (i) => ({ timeMs: i }));
  assert.match(
    warningOf({ production: withIds, mirror: without }, 'nothing-paired'),
    /production's lines have a unique id \(5 of 5\), the mirror's have no id.*--mirror-id/,
  );
  assert.match(
    warningOf(
      { production: some(request, (i) => ({ timeMs: i })), mirror: some(answer, (i) => ({ uniqueId: `m${i}` })) },
      'nothing-paired',
    ),
    /the mirror's lines have a unique id \(5 of 5\), production's have no id.*--production-id/,
  );
  assert.match(
    warningOf({ production: some(request, (i) => ({ timeMs: i })), mirror: without }, 'nothing-paired'),
    /no line of either side has an id/,
  );
  assert.match(
    warningOf({ production: withIds, mirror: some(answer, (i) => ({ traceId: `${i}`.repeat(32) })) }, 'nothing-paired'),
    /a unique id \(5 of 5\), the mirror's a traceparent \(5 of 5\): nothing that both have/,
  );
  assert.match(
    warningOf({ production: withIds, mirror: some(answer, (i) => ({ uniqueId: `m${i}` })) }, 'nothing-paired'),
    /both sides have a unique id, but none is on both/,
  );
});

function skewed(ms: number): Lines {
  const at = (i: number) => Date.UTC(2026, 10, 22, 7) + i * 1000;
  return {
    production: some(request, (i) => ({ uniqueId: `${i}`, timeMs: at(i) })),
    mirror: some(answer, (i) => ({ uniqueId: `${i}`, timeMs: at(i) + ms })),
  };
}

const HOUR = 3_600_000;

test('clocks that are whole hours apart are a wrong time zone, and the option is named', () => {
  for (const hours of [1, -1, 2, -7, 5.5]) {
    const message = warningOf(skewed(hours * HOUR + 45_000), 'wrong-time-zone');
    assert.match(message, new RegExp(`${Math.abs(hours)} h ${hours > 0 ? 'ahead of' : 'behind'} production's.*--tz`));
    assert.equal(warningOf(skewed(hours * HOUR), 'clock-skew'), '');
  }
});

test('other large differences of clocks are said, small ones are not', () => {
  assert.match(warningOf(skewed(45_000), 'clock-skew'), /45 s after production's/);
  assert.match(warningOf(skewed(-45_000), 'clock-skew'), /45 s before production's/);
  for (const ms of [0, 800, -3_000]) assert.equal(warningOf(skewed(ms), 'clock-skew'), '');
});
