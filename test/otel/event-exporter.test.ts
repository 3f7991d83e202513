/** The library's exporter: what it sends is what the command sends. */
import assert from 'node:assert/strict';
import { createReadStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import split2 from 'split2';
import { parseLine } from '../../src/logs/line.ts';
import { spoeLines } from '../../src/logs/spoe-lines.ts';
import { openExporter } from '../../src/otel/event-exporter.ts';
import { TemporaryFolder } from '../logs/reading.ts';
import { fixture, STALL, spoeLogs } from '../programs/spoe-logs/run.ts';
import { HttpReceiver } from './receiver.ts';

const WHEN = { tz: 'UTC', year: 2026 } as const;

test('a file of OTLP lines is the one of the command, of bytes, of events and of lines', async () => {
  const folder = new TemporaryFolder();
  try {
    const file = (name: string) => folder.file(name);
    const read = (name: string) => readFileSync(file(name), 'utf8');
    await spoeLogs(['export', '--tz', 'UTC', '--year', '2026', '--otlp-file', file('command'), STALL]);
    const bytes = await openExporter({ ...WHEN, otlpFile: file('bytes') });
    await pipeline(createReadStream(STALL, { highWaterMark: 101 }), bytes);
    const events = await openExporter({ ...WHEN, otlpFile: file('events') });
    await pipeline(createReadStream(STALL), spoeLines(WHEN), events);
    const lines = await openExporter({ ...WHEN, otlpFile: file('lines') });
    await pipeline(createReadStream(STALL), split2(parseLine), lines);
    assert.equal(bytes.report.written?.traces, bytes.report.spans);
    for (const name of ['bytes', 'events', 'lines']) assert.equal(read(name), read('command'), name);
  } finally {
    folder.remove();
  }
});

test('a collector gets every span, and `end` waits for its answer', async () => {
  const receiver = await HttpReceiver.start();
  try {
    const exporter = await openExporter({ ...WHEN, endpoint: receiver.url, metrics: true });
    await pipeline(createReadStream(fixture('demo/2.6.12--ok-load--first-1203-lines.log')), exporter);
    const { spans, delivery } = exporter.report;
    assert.ok(spans > 1000);
    assert.equal(delivery?.traces.exported, spans);
    assert.equal(receiver.accepted.length, spans);
    assert.ok(receiver.acceptedPoints > 0);
  } finally {
    receiver.close();
  }
});

test('a collector that is away for too long ends the stream with its code', async () => {
  const receiver = await HttpReceiver.start();
  receiver.script = () => ({ kind: 'status', code: 503 });
  try {
    const exporter = await openExporter({ ...WHEN, endpoint: receiver.url, retryForMs: 0 });
    await assert.rejects(pipeline(createReadStream(STALL), exporter), {
      name: 'OtelError',
      code: 'collector-unavailable',
    });
    const { spans, delivery } = exporter.report;
    assert.equal(delivery?.traces.failed, spans);
  } finally {
    receiver.close();
  }
});

test('events without a time are refused and counted, or get the present one', async () => {
  const folder = new TemporaryFolder();
  try {
    const line = 'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=1 st=0 0/0/0/1/1 1/1 0/0 0/1\n';
    for (const time of ['log', 'arrival'] as const) {
      const exporter = await openExporter({ otlpFile: folder.file(time), time });
      await pipeline([line], exporter);
      assert.deepEqual([exporter.report.untimed, exporter.report.events], [time === 'log' ? 1 : 0, 1]);
    }
  } finally {
    folder.remove();
  }
});

test('what cannot be meant is refused when it is opened', async () => {
  await assert.rejects(openExporter({ endpoint: 'localhost:4318' }), { code: 'bad-endpoint' });
  await assert.rejects(openExporter({ sample: 2 }), RangeError);
  await assert.rejects(openExporter({ otlpFile: '/nowhere/x' }), { code: 'cannot-write-otlp' });
});
