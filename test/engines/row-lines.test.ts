import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineValue } from '../../src/engines/engine.ts';
import { converterOf, momentText } from '../../src/engines/row-lines.ts';

const VALUES: readonly (readonly [type: string, json: EngineValue, value: EngineValue])[] = [
  ['UInt64', '18446744073709551615', 18446744073709551615n],
  ['Int64', '-5', -5],
  ['Nullable(UInt64)', null, null],
  ['UInt8', 3, 3],
  ['Float64', 'nan', Number.NaN],
  ['Nullable(Float64)', '-inf', Number.NEGATIVE_INFINITY],
  ['LowCardinality(Nullable(String))', '12', '12'],
  ['Array(UInt64)', ['1', '2'], [1, 2]],
  ['Map(UInt32, UInt64)', { '0': '7' }, { '0': 7 }],
  ['SimpleAggregateFunction(sumMap, Map(UInt32, UInt64))', { '0': '7' }, { '0': 7 }],
  ['Tuple(a UInt64, `b c` String, Array(Tuple(UInt8, UInt64)))', ['1', 'x', [[1, '2']]], [1, 'x', [[1, 2]]]],
  ["DateTime64(3, 'UTC')", '2026-11-22 06:56:47.524', '2026-11-22 06:56:47.524'],
  ["Enum8('a(' = 1, 'b' = 2)", 'a(', 'a('],
];

for (const [type, json, value] of VALUES) {
  test(`a value of ${type}`, () => assert.deepEqual(converterOf(type)(json), value));
}

test('a moment has its milliseconds', () => {
  assert.equal(momentText('2026-11-22 06:56:47'), '2026-11-22 06:56:47.000');
  assert.equal(momentText('2026-11-22 06:56:47.5'), '2026-11-22 06:56:47.500');
  assert.equal(momentText('2026-11-22 06:56:47.524123'), '2026-11-22 06:56:47.524123');
});
