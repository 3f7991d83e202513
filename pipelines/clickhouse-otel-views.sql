-- ClickHouse, where the Collector's clickhouse exporter already writes: the SPOE events of otel_logs (opentelemetry-collector.yaml)
-- and of otel_traces (spoe-logs export) as views with the columns of the table spoe_events, and a summary of both.
--
-- Run: on ClickHouse 26.7, by test/pipelines/views.test.ts: counts, codes and quantiles are those of spoe-logs summarize.
--
-- To be run in the database of these tables. A record that was exported twice is there twice: of traces the ids tell (LIMIT 1 BY), of
-- logs nothing does. Attributes are texts in a Map, so this reads some 20 times what a table of columns would.

CREATE OR REPLACE VIEW spoe_events_of_logs AS
SELECT
  Timestamp AS time,
  ResourceAttributes['host.name'] AS host,
  ServiceName AS process,
  ifNull(toInt32OrNull(LogAttributes['pid']), -1) AS pid,
  LogAttributes['agent'] AS agent,
  LogAttributes['type'] AS type,
  LogAttributes['event'] AS event,
  toUInt32OrZero(LogAttributes['sid']) AS sid,
  toUInt32OrZero(LogAttributes['st']) AS st,
  toInt32OrZero(LogAttributes['pT']) AS pT,
  -- HAProxy 3.1 and newer write pT alone: then timers is 1, and what is not there -2 (a phase that never ended is -1).
  if(LogAttributes['reqT'] = '', 1, 5) AS timers,
  ifNull(toInt32OrNull(LogAttributes['reqT']), -2) AS reqT,
  ifNull(toInt32OrNull(LogAttributes['qT']), -2) AS qT,
  ifNull(toInt32OrNull(LogAttributes['wT']), -2) AS wT,
  ifNull(toInt32OrNull(LogAttributes['resT']), -2) AS resT,
  toUInt32OrZero(LogAttributes['idles']) AS idles,
  toUInt32OrZero(LogAttributes['applets']) AS applets,
  toUInt32OrZero(LogAttributes['sending']) AS sending,
  toUInt32OrZero(LogAttributes['waiting']) AS waiting,
  toUInt64OrZero(LogAttributes['nb_error']) AS nb_error,
  toUInt64OrZero(LogAttributes['nb_processed']) AS nb_processed,
  1 AS times
FROM otel_logs
WHERE LogAttributes['nb_processed'] != '' AND LogAttributes['agent'] != '';

CREATE OR REPLACE VIEW spoe_events_of_traces AS
SELECT
  Timestamp AS time,
  ResourceAttributes['host.name'] AS host,
  SpanAttributes['haproxy.spoe.agent'] AS agent,
  SpanAttributes['haproxy.spoe.type'] AS type,
  SpanAttributes['haproxy.spoe.event'] AS event,
  toUInt32OrZero(SpanAttributes['haproxy.spoe.sid']) AS sid,
  toUInt32OrZero(SpanAttributes['haproxy.spoe.status_code']) AS st,
  toInt32(intDiv(Duration, 1000000)) AS pT
FROM (
  SELECT * FROM otel_traces
  WHERE SpanKind = 'Client' AND ScopeName = 'spoe-logs' AND SpanAttributes['haproxy.spoe.agent'] != ''
  LIMIT 1 BY TraceId, SpanId
);

-- The rank of a quantile is that of spoe-logs summarize: the value at ceil(q * n).
CREATE OR REPLACE VIEW spoe_summary_of_logs AS
SELECT
  agent, type, event,
  count() AS events,
  countIf(st > 0) AS errors,
  quantilesExactWeighted(0.5, 0.9, 0.95, 0.99, 0.999)(pT, 1) AS pT_quantiles,
  max(pT) AS pT_max,
  sumMap(map(st, toUInt64(1))) AS status
FROM spoe_events_of_logs
GROUP BY agent, type, event;

CREATE OR REPLACE VIEW spoe_summary_of_traces AS
SELECT
  agent, type, event,
  count() AS events,
  countIf(st > 0) AS errors,
  quantilesExactWeighted(0.5, 0.9, 0.95, 0.99, 0.999)(pT, 1) AS pT_quantiles,
  max(pT) AS pT_max,
  sumMap(map(st, toUInt64(1))) AS status
FROM spoe_events_of_traces
GROUP BY agent, type, event;
