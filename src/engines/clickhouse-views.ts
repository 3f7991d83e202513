/**
 * Views for whoever asks in SQL: the numbers of `spoe-logs summarize`. Quantiles are of the product's own buckets, at the rank
 * ceil(q·n), so that they are equal; quantileExact and tDigest are not.
 */

export interface View {
  readonly name: string;
  readonly select: string;
}

/** The quantiles of `summarize`: the end of a column's name, and the level. */
export const QUANTILES = [
  ['p50', '0.5'],
  ['p90', '0.9'],
  ['p95', '0.95'],
  ['p99', '0.99'],
  ['p999', '0.999'],
] as const;
/** The times of an event: columns of spoe_events. */
export const TIMERS = ['reqT', 'qT', 'wT', 'resT', 'pT'] as const;

/** The value that a bucket is read back as (sketch/buckets.ts): itself below 2048, else the middle of a 1024th of its octave. */
function bucketed(value: string): string {
  const width = `bitShiftLeft(toInt64(1), toUInt8(greatest(floor(log2(greatest(${value}, 1))) - 10, 0)))`;
  return `if(${value} < 2048, toInt64(${value}), intDiv(toInt64(${value}), ${width}) * ${width} + intDiv(${width}, 2) - 1)`;
}

/** The same of the number of a bucket. */
function valueOfBucket(bucket: string): string {
  const width = `bitShiftLeft(toInt64(2), toUInt8(intDiv(greatest(${bucket}, 2048) - 2048, 1024)))`;
  return `if(${bucket} < 2048, toInt64(${bucket}), (1024 + (toInt64(${bucket}) - 2048) % 1024) * ${width} + intDiv(${width}, 2) - 1)`;
}

function timer(name: string): string[] {
  const known = `${name} >= 0`;
  const levels = QUANTILES.map(([, level]) => level).join(', ');
  const all = `quantilesExactWeightedIf(${levels})(${bucketed(name)}, times, ${known})`;
  const within = (value: string) =>
    `least(greatest(${value}, minIf(toInt64(${name}), ${known})), maxIf(toInt64(${name}), ${known}))`;
  const some = (value: string) => `if(${name}_count = 0, NULL, ${value})`;
  return [
    `sumIf(toUInt64(times), ${known}) AS ${name}_count`,
    ...(name === 'pT' ? [] : [`sumIf(toUInt64(times), ${name} = -1) AS ${name}_interrupted`]),
    `${some(`minIf(${name}, ${known})`)} AS ${name}_min`,
    `${some(`sumIf(toInt64(${name}) * times, ${known}) / ${name}_count`)} AS ${name}_mean`,
    ...QUANTILES.map(([word], i) => `${some(within(`${all}[${i + 1}]`))} AS ${name}_${word}`),
    `${some(`maxIf(${name}, ${known})`)} AS ${name}_max`,
  ];
}

function summary(keys: readonly string[]): string {
  const columns = [
    ...keys,
    'sum(toUInt64(times)) AS count',
    'sumIf(toUInt64(times), st != 0) AS errors',
    'errors / count AS error_rate',
    'min(time) AS first',
    'max(time) AS last',
    'sumMap(map(st, toUInt64(times))) AS status',
    ...TIMERS.flatMap(timer),
  ];
  return `SELECT\n  ${columns.join(',\n  ')}\nFROM spoe_events\nGROUP BY ${keys.map((key) => key.replace(/^.* AS /, '')).join(', ')}`;
}

const levels = QUANTILES.map(([, level]) => level).join(', ');

export const CLICKHOUSE_VIEWS: readonly View[] = [
  { name: 'spoe_summary', select: summary(['agent', 'type', 'event']) },
  { name: 'spoe_summary_by_host', select: summary(['agent', 'type', 'event', 'host']) },
  { name: 'spoe_per_minute', select: summary(['toStartOfMinute(time) AS minute', 'agent', 'type', 'event']) },
  {
    name: 'spoe_summary_of_minutes',
    select: `SELECT
  agent, type, event, any(g_count) AS count, any(g_errors) AS errors, errors / count AS error_rate, any(g_status) AS status,
  if(g_known = 0, NULL, g_min) AS pT_min, if(g_known = 0, NULL, any(g_sum) / g_known) AS pT_mean,
${QUANTILES.map(
  ([word], i) =>
    `  if(g_known = 0, NULL, least(greatest(quantilesExactWeighted(${levels})(${valueOfBucket('bucket')}, n)[${i + 1}], toInt64(g_min)), toInt64(g_max))) AS pT_${word}`,
).join(',\n')},
  if(g_known = 0, NULL, g_max) AS pT_max
FROM
(
  SELECT agent, type, event, sum(count) AS g_count, sum(errors) AS g_errors, sum(count) - sum(pT_interrupted) AS g_known,
    sum(pT_sum) AS g_sum, min(pT_min) AS g_min, max(pT_max) AS g_max, sumMap(status) AS g_status, sumMap(pT) AS g_buckets
  FROM spoe_minutes
  GROUP BY agent, type, event
)
LEFT ARRAY JOIN mapKeys(g_buckets) AS bucket, mapValues(g_buckets) AS n
GROUP BY agent, type, event, g_known, g_min, g_max`,
  },
];
