/** Log and record, each in its own words, about the same requests: what production saw, and what the mirror answered. */
import { readFileSync } from 'node:fs';
import { quantile } from '../../src/diff/statistics/quantile.ts';
import type { MirrorRecord } from '../../src/mirror/record.ts';
import { type LoggedEvent, requestIdOf } from './live-log.ts';

/** A line of the record, as far as it counts here. */
export interface RecordLine {
  /** undefined for a record without unique id. */
  readonly id: string | undefined;
  readonly beganMs: number;
  readonly status: number | null;
  readonly latencyMs: number | null;
  readonly error: string | null;
}

/** Milliseconds; undefined of none. */
interface Quantiles {
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

export interface BegunAct {
  readonly title: string;
  readonly beganMs: number;
}

/** What log and record say of one act. */
export interface ActAccount {
  readonly title: string;
  readonly requests: number;
  readonly acknowledged: number;
  readonly pT: Quantiles;
  /** Statuses and error codes of the mirror, and how often. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly latencyMs: Quantiles;
}

export interface Match {
  readonly acknowledged: number;
  readonly failed: number;
  /** Acknowledged, and not in the record. */
  readonly missing: number;
  /** Failed, and in the record all the same. */
  readonly lostAcks: number;
  /** In the record, and without a line in the log. */
  readonly unlogged: number;
}

/** The lines of a file of `--record` (docs/schemas/agent-record.schema.json). */
export function readRecords(path: string): RecordLine[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    const { kind, unique_id, ts, status, latency_ms, error }: MirrorRecord & { readonly kind?: string } =
      JSON.parse(line);
    // What production answered.
    if (kind !== undefined) return [];
    return [{ id: requestIdOf(unique_id), beganMs: Date.parse(ts), status, latencyMs: latency_ms, error }];
  });
}

/**
 * What happened in each act: an event or a record belongs to the act in which its request began.
 * `acts` are in order.
 */
export function compareActs(
  acts: readonly BegunAct[],
  events: readonly LoggedEvent[],
  records: readonly RecordLine[],
): ActAccount[] {
  return acts.map(({ title, beganMs }, i) => {
    const endMs = acts[i + 1]?.beganMs ?? Number.POSITIVE_INFINITY;
    // The first one has whatever clocks of different processes put before it.
    const isIn = (each: { readonly beganMs: number }) => (i === 0 || each.beganMs >= beganMs) && each.beganMs < endMs;
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
export function matchRequests(events: readonly LoggedEvent[], records: readonly RecordLine[]): Match {
  const unmatched = countBy(records, ({ id }) => id);
  const take = ({ id }: LoggedEvent) => {
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
    missing,
    lostAcks,
    unlogged: records.length - (acknowledged.length - missing) - lostAcks,
  };
}

function countBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

function quantiles(values: readonly number[]): Quantiles {
  const at = (q: number) => (values.length === 0 ? undefined : quantile(values, q));
  return { p50: at(0.5), p99: at(0.99) };
}
