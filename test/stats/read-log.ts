/** From the text of a log to its counts, as the command line reads it: RFC 3164 times are of 2026, in UTC. */
import { LineFeed } from '../../src/logs/line-feed.ts';
import { Names } from '../../src/logs/names.ts';
import { PlainScanner } from '../../src/logs/plain-scanner.ts';
import { RowBuffer } from '../../src/logs/row-buffer.ts';
import { LineTally } from '../../src/logs/tally.ts';
import { TimeResolver } from '../../src/logs/time.ts';
import { parseZone } from '../../src/logs/zone.ts';
import { type AggregateOptions, Aggregator } from '../../src/stats/aggregator.ts';
import type { Summary } from '../../src/stats/model.ts';
import { type SummaryRequest, summarize } from '../../src/stats/summary.ts';

export interface ReadLog {
  readonly aggregator: Aggregator;
  readonly tally: LineTally;
}

export function readLog(text: string, options: Partial<AggregateOptions> = {}): ReadLog {
  const tally = new LineTally();
  const aggregator = new Aggregator({ by: ['agent', 'event'], ...options });
  const times = new TimeResolver({ zone: parseZone('UTC'), referenceMs: Date.UTC(2026, 10, 22), year: 2026 });
  const rows = new RowBuffer(new Names(), (batch) => aggregator.add(batch));
  const feed = new LineFeed(new PlainScanner(tally, times, (line) => rows.write(line)), tally, times);
  feed.push(Buffer.from(text));
  feed.end();
  return { aggregator, tally };
}

export function summarizeLog(
  text: string,
  options: Partial<AggregateOptions> = {},
  request: Partial<SummaryRequest> = {},
): Summary {
  return summarize({ files: ['test.log'], minEvents: 1, ...readLog(text, options), ...request });
}

export interface EventText {
  readonly host?: string;
  readonly pid?: number;
  readonly agent?: string;
  readonly name?: string;
  readonly st?: number;
  /** `reqT/qT/wT/resT/pT idles/applets sending/waiting` of HAProxy <= 3.0, or pT alone of >= 3.1. */
  readonly timers?: string;
  readonly nbError?: number | bigint;
  readonly processed?: number | bigint;
}

/** One line at `second` of 2026-11-22 07:00:00, as HAProxy writes it. */
export function eventLine(second: number, event: EventText = {}): string {
  const { host = 'lb1', pid = 713, agent = 'mirror', name = 'on-frontend-http-request' } = event;
  const { st = 0, timers = '0/0/1/0/1 1/1 0/0', nbError = 0, processed = 1 } = event;
  const time = new Date(Date.UTC(2026, 10, 22, 7) + second * 1000).toISOString().slice(0, 19);
  const head = `${time}+00:00 ${host} haproxy[${pid}]:`;
  return `${head} SPOE: [${agent}] <EVENT:${name}> sid=1 st=${st} ${timers} ${nbError}/${processed}\n`;
}

/** `count` lines, one a second from `second` on, with nb_processed counting on from `from`. */
export function eventLines(second: number, count: number, event: EventText = {}, from = 1): string {
  return Array.from({ length: count }, (_, i) => eventLine(second + i, { ...event, processed: from + i })).join('');
}
