/** The views of clickhouse-views.ts, column by column, in the words of DuckDB. */
import { QUANTILES, TIMERS, type View } from './clickhouse-views.ts';

function bucketed(value: string): string {
  const width = `(1::BIGINT << greatest(floor(log2(greatest(${value}, 1)))::INTEGER - 10, 0))`;
  return `CASE WHEN ${value} < 2048 THEN ${value}::BIGINT ELSE (${value}::BIGINT // ${width}) * ${width} + ${width} // 2 - 1 END`;
}

function valueOfBucket(bucket: string): string {
  const width = `(2::BIGINT << ((greatest(${bucket}, 2048) - 2048) // 1024)::INTEGER)`;
  return `CASE WHEN ${bucket} < 2048 THEN ${bucket}::BIGINT ELSE (1024 + (${bucket}::BIGINT - 2048) % 1024) * ${width} + ${width} // 2 - 1 END`;
}

/** What one timer is, of a group of which its quantiles are known. */
function timer(name: string): string[] {
  return [
    `${name}_count`,
    ...(name === 'pT' ? [] : [`${name}_interrupted`]),
    `${name}_min`,
    `${name}_total / ${name}_count AS ${name}_mean`,
    ...QUANTILES.map(([word]) => `least(greatest(${name}_${word}, ${name}_min), ${name}_max) AS ${name}_${word}`),
    `${name}_max`,
  ];
}

function counted(name: string): string[] {
  const known = `FILTER (WHERE ${name} >= 0)`;
  return [
    `coalesce(sum(times) ${known}, 0)::BIGINT AS ${name}_count`,
    `coalesce(sum(times) FILTER (WHERE ${name} = -1), 0)::BIGINT AS ${name}_interrupted`,
    `min(${name}) ${known} AS ${name}_min`,
    `max(${name}) ${known} AS ${name}_max`,
    `sum(${name}::BIGINT * times) ${known} AS ${name}_total`,
  ];
}

/** DuckDB's own quantiles and histograms keep each value: here buckets are counted first, so that memory goes with their number, not with that of events. */
function summary(keys: readonly string[]): string {
  const names = keys.map((key) => key.replace(/^.* AS /, '')).join(', ');
  const each = keys.join(', ');
  return `WITH
  g AS (
    SELECT ${each}, sum(times)::BIGINT AS count, coalesce(sum(times) FILTER (WHERE st != 0), 0)::BIGINT AS errors, min(time) AS first, max(time) AS last,
      ${TIMERS.flatMap(counted).join(',\n      ')}
    FROM spoe_events GROUP BY ${names}
  ),
  s AS (
    SELECT ${names}, map_from_entries(list((st, n) ORDER BY st)) AS status
    FROM (SELECT ${each}, st, sum(times)::BIGINT AS n FROM spoe_events GROUP BY ${names}, st)
    GROUP BY ${names}
  ),
  b AS (
    ${TIMERS.map((name) => `SELECT ${each}, '${name}' AS timer, ${bucketed(name)} AS value, sum(times) AS n FROM spoe_events WHERE ${name} >= 0 GROUP BY ${names}, value`).join('\n    UNION ALL\n    ')}
  ),
  u AS (
    SELECT ${names}, timer, value, sum(n) OVER (PARTITION BY ${names}, timer ORDER BY value) AS upto, sum(n) OVER (PARTITION BY ${names}, timer) AS known
    FROM b
  ),
  q AS (
    SELECT ${names},
      ${TIMERS.flatMap((name) => QUANTILES.map(([word, level]) => `min(value) FILTER (WHERE timer = '${name}' AND upto >= ceil(${level}::DOUBLE * known)) AS ${name}_${word}`)).join(',\n      ')}
    FROM u GROUP BY ${names}
  )
SELECT ${names}, count, errors, errors / count AS error_rate, first, last, status,
  ${TIMERS.flatMap(timer).join(',\n  ')}
FROM g JOIN s USING (${names}) LEFT JOIN q USING (${names})`;
}

const GROUP = 'agent, type, event';

const OF_MINUTES = `WITH
  g AS (
    SELECT ${GROUP}, sum(count)::BIGINT AS count, sum(errors)::BIGINT AS errors, (sum(count) - sum(pT_interrupted))::BIGINT AS known,
      sum(pT_sum)::BIGINT AS total_ms, min(pT_min) AS least_ms, max(pT_max) AS most_ms
    FROM spoe_minutes GROUP BY ${GROUP}
  ),
  s AS (
    SELECT ${GROUP}, map_from_entries(list((st, n) ORDER BY st)) AS status
    FROM (SELECT ${GROUP}, e.key AS st, sum(e.value)::BIGINT AS n FROM (SELECT ${GROUP}, unnest(map_entries(status)) AS e FROM spoe_minutes) GROUP BY ${GROUP}, st)
    GROUP BY ${GROUP}
  ),
  b AS (
    SELECT ${GROUP}, bucket, sum(n) OVER (PARTITION BY ${GROUP} ORDER BY bucket) AS upto, sum(n) OVER (PARTITION BY ${GROUP}) AS known
    FROM (SELECT ${GROUP}, e.key AS bucket, sum(e.value)::BIGINT AS n FROM (SELECT ${GROUP}, unnest(map_entries(pT)) AS e FROM spoe_minutes) GROUP BY ${GROUP}, bucket)
  ),
  q AS (
    SELECT ${GROUP},
${QUANTILES.map(([word, level]) => `      min(${valueOfBucket('bucket')}) FILTER (WHERE upto >= ceil(${level}::DOUBLE * known)) AS ${word}`).join(',\n')}
    FROM b GROUP BY ${GROUP}
  )
SELECT ${GROUP}, count, errors, errors / count AS error_rate, status,
  CASE WHEN known > 0 THEN least_ms END AS pT_min, CASE WHEN known > 0 THEN total_ms / known END AS pT_mean,
${QUANTILES.map(([word]) => `  least(greatest(${word}, least_ms), most_ms) AS pT_${word}`).join(',\n')},
  CASE WHEN known > 0 THEN most_ms END AS pT_max
FROM g LEFT JOIN s USING (${GROUP}) LEFT JOIN q USING (${GROUP})`;

export const DUCKDB_VIEWS: readonly View[] = [
  { name: 'spoe_summary', select: summary(['agent', 'type', 'event']) },
  { name: 'spoe_summary_by_host', select: summary(['agent', 'type', 'event', 'host']) },
  { name: 'spoe_per_minute', select: summary(["date_trunc('minute', time) AS minute", 'agent', 'type', 'event']) },
  { name: 'spoe_summary_of_minutes', select: OF_MINUTES },
];
