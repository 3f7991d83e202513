/** Log and record, each in its own words, about the same requests: what production saw, and what the mirror answered. */
import { readFileSync } from 'node:fs';
import { requestIdOf } from './live-log.mjs';

/** @returns {object[]} the lines of a file of `--record` (docs/schemas/agent-record.schema.json) */
export function readRecords(path) {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const { unique_id, ts, status, latency_ms, error } = JSON.parse(line);
    return { id: requestIdOf(unique_id), beganMs: Date.parse(ts), status, latencyMs: latency_ms, error };
  });
}

/**
 * What happened in each act: an event or a record belongs to the act in which its request began.
 * `acts`: in order, each with its `title` and when it began.
 */
export function compareActs(acts, events, records) {
  return acts.map(({ title, beganMs }, i) => {
    const endMs = acts[i + 1]?.beganMs ?? Number.POSITIVE_INFINITY;
    // The first one has whatever clocks of different processes put before it.
    const isIn = (each) => (i === 0 || each.beganMs >= beganMs) && each.beganMs < endMs;
    const [logged, mirrored] = [events.filter(isIn), records.filter(isIn)];
    return {
      title,
      requests: logged.length,
      acknowledged: logged.filter(({ st }) => st === 0).length,
      pT: quantiles(logged.map(({ pT }) => pT)),
      outcomes: countBy(mirrored, ({ status, error }) => error ?? String(status)),
      latencyMs: quantiles(mirrored.flatMap(({ latencyMs }) => latencyMs ?? [])),
    };
  });
}

/** Request by request: which of the log's events have a line in the record. */
export function matchRequests(events, records) {
  const unmatched = countBy(records, ({ id }) => id);
  const take = ({ id }) => {
    const left = unmatched.get(id) ?? 0;
    unmatched.set(id, left - 1);
    return left > 0;
  };
  const acknowledged = events.filter(({ st }) => st === 0);
  const failed = events.filter(({ st }) => st !== 0);
  const missing = acknowledged.length - acknowledged.filter(take).length;
  const lostAcks = failed.filter(take).length;
  return {
    acknowledged: acknowledged.length,
    failed: failed.length,
    /** Acknowledged, and not in the record. */
    missing,
    /** Failed, and in the record all the same. */
    lostAcks,
    /** In the record, and without a line in the log. */
    unlogged: records.length - (acknowledged.length - missing) - lostAcks,
  };
}

function countBy(items, keyOf) {
  const counts = new Map();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

/** The least value that so many of them do not exceed; undefined of none. */
function quantiles(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (quantile) => sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)];
  return { p50: at(0.5), p99: at(0.99) };
}
