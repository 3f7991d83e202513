/** Exports text with the exporter itself, without a process of its own; time passes only when somebody waits. */
import assert from 'node:assert/strict';
import { LineFeed } from '../../src/logs/line-feed.ts';
import { RenewingScanner } from '../../src/logs/renewing-scanner.ts';
import { LineTally } from '../../src/logs/tally.ts';
import { TimeResolver } from '../../src/logs/time.ts';
import { parseZone } from '../../src/logs/zone.ts';
import type { DeliveryStop } from '../../src/otel/delivery.ts';
import type { ExportReport } from '../../src/otel/export-report.ts';
import { Exporter, type ExporterOptions } from '../../src/otel/exporter.ts';
import type { Pipeline } from '../../src/otel/pipeline.ts';
import type { Clock } from '../../src/text/retry.ts';
import type { ReceivedSpan } from './otlp.ts';
import { HttpReceiver } from './receiver.ts';

const NOW = Date.UTC(2026, 10, 23);

/** Sleeps end at once, and are written down. The random number is always the largest. */
export class TestClock implements Clock {
  #now = NOW;
  readonly sleeps: number[] = [];

  now(): number {
    return this.#now;
  }

  async sleep(ms: number): Promise<void> {
    this.sleeps.push(ms);
    this.#now += ms;
  }

  random(): number {
    return 1;
  }
}

export interface Exported {
  readonly report: ExportReport;
  readonly stops: readonly DeliveryStop[];
  readonly clock: TestClock;
}

export interface ExportSetup extends Partial<ExporterOptions> {
  readonly clock?: TestClock;
  /** The text is read in pieces of this many bytes. */
  readonly pieceBytes?: number;
}

/** Exports a log of HAProxy to an endpoint, from its first line to its last. */
export async function exportText(
  text: string,
  endpoint: string | undefined,
  setup: ExportSetup = {},
  times: Times = {},
): Promise<Exported> {
  const { clock = new TestClock(), pieceBytes = 64 * 1024, ...options } = setup;
  const stops: DeliveryStop[] = [];
  const exporter = new Exporter({
    given: { endpoint },
    env: {},
    version: '1.2.3',
    detail: 'full',
    metrics: false,
    toCollector: endpoint !== undefined,
    retryForMs: 300_000,
    onUntimed: () => {},
    onStop: (stop) => stops.push(stop),
    onFault: (error) => {
      throw error;
    },
    ...options,
    clock,
  });
  const feed = feedOf(exporter.pipeline, times);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length && stops.length === 0; at += pieceBytes) {
    feed.push(bytes.subarray(at, at + pieceBytes));
    await exporter.pipeline.turn();
  }
  feed.end();
  await exporter.finish();
  return { report: exporter.report, stops, clock };
}

/** What times without year and zone mean. */
export interface Times {
  readonly zone?: string;
  readonly year?: number;
}

/** The spans of a log, as a receiver of protobuf gets them, and the last request in both encodings. */
export async function spansOf(
  text: string,
  setup: ExportSetup = {},
  times: Times = {},
): Promise<{ spans: ReceivedSpan[]; protobuf: Buffer; json: string }> {
  const receivers = [await HttpReceiver.start(), await HttpReceiver.start()];
  const [first, second] = receivers as [HttpReceiver, HttpReceiver];
  await exportText(text, first.url, setup, times);
  await exportText(text, second.url, { ...setup, given: { endpoint: second.url, protocol: 'http/json' } }, times);
  for (const receiver of receivers) receiver.close();
  // Several requests overtake each other.
  if (first.requests.length === 1) assert.deepEqual(second.accepted, first.accepted);
  const protobuf = first.requests.at(-1)?.body ?? Buffer.alloc(0);
  return { spans: first.accepted, protobuf, json: second.requests.at(-1)?.body.toString('utf8') ?? '' };
}

/** Where the bytes of a log go. */
export function feedOf(pipeline: Pipeline, { zone = 'UTC', year = 2026 }: Times = {}): LineFeed {
  const tally = new LineTally();
  const times = new TimeResolver({ zone: parseZone(zone), referenceMs: NOW, year });
  return new LineFeed(new RenewingScanner(tally, times, (batch) => pipeline.take(batch)), tally, times);
}

/** `count` event lines, all different, as HAProxy 2.6 writes them: five spans each. */
export function makeLines(count: number, host = 'lb1'): string {
  let text = '';
  for (let i = 0; i < count; i++) {
    const second = String(Math.floor(i / 1000) % 60).padStart(2, '0');
    const minute = String(Math.floor(i / 60_000) % 60).padStart(2, '0');
    text +=
      `Nov 22 06:${minute}:${second} ${host} haproxy[713]: SPOE: [mirror] <EVENT:on-frontend-http-request> ` +
      `sid=${i} st=0 1/2/3/4/11 5/6 7/8 0/${i + 1}\n`;
  }
  return text;
}
