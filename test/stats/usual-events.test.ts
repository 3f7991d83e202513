import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FastScanner } from '../../src/logs/fast-scanner.ts';
import { LineFeed } from '../../src/logs/line-feed.ts';
import { Names } from '../../src/logs/names.ts';
import { scannerMemory } from '../../src/logs/scanner/scanner-module.ts';
import { LineTally } from '../../src/logs/tally.ts';
import { TimeResolver } from '../../src/logs/time.ts';
import { Aggregator } from '../../src/stats/aggregator.ts';
import { LogCount, type LogCountOptions } from '../../src/stats/log-count.ts';
import { fuzz } from '../attack/fuzzing.ts';

const BATCH = 29;

/** What is counted of these lines, input by input. */
function count(inputs: readonly (readonly string[])[], options: Partial<LogCountOptions>) {
  const times = new TimeResolver({ zone: { offsetMinutes: 0 }, referenceMs: Date.UTC(2026, 10, 23) });
  const log = new LogCount({ by: ['agent', 'event'], history: false, keepDuplicates: false, times, ...options });
  for (const lines of inputs) {
    log.beginInput();
    const feed = new LineFeed(log.scanner, log.tally, times);
    // Batches of some dozen rows: what is learned in one is summed up from the next one on.
    for (let at = 0; at < lines.length; at += BATCH)
      feed.push(
        Buffer.from(
          lines
            .slice(at, at + BATCH)
            .map((line) => `${line}\n`)
            .join(''),
        ),
      );
    feed.end();
  }
  return { state: log.aggregator.toState(), tally: log.tally.toState() };
}

function assertSameCounts(inputs: readonly (readonly string[])[], options: Partial<LogCountOptions> = {}) {
  const fast = count(inputs, options);
  assert.deepEqual(fast, count(inputs, { ...options, plain: true }));
  return fast;
}

interface Step {
  readonly host: number;
  readonly pid: number;
  readonly agent: string;
  readonly event: string;
  readonly seconds: number;
  readonly processed: number;
  readonly errors: number;
  readonly st: number;
  readonly timers: string;
  readonly head: 'syslog' | 'iso' | 'none';
  /** How many lines are alike but for their counters. */
  readonly times: number;
  readonly isAgain: boolean;
}

/** Mostly `usual`, and each other one as rarely. */
function mostly<Value>(usual: Value, ...others: Value[]): fc.Arbitrary<Value> {
  const rare = others.map((value) => ({ weight: 1, arbitrary: fc.constant(value) }));
  return fc.oneof({ weight: 8 * others.length, arbitrary: fc.constant(usual) }, ...rare);
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    host: fc.nat(2),
    pid: mostly(7, 8),
    agent: mostly('mirror', 'other'),
    event: mostly('EVENT:on-frontend-http-request', 'EVENT:on-backend-http-request', 'GROUP:g'),
    seconds: mostly(0, 1, 2, 11, -1, -3, -20, 4000),
    processed: mostly(1, 0, 2, 5, -3, -15, -16, -17, -18, -400, 90_000, Number.NEGATIVE_INFINITY),
    errors: mostly(0, 1, -1, 20),
    st: mostly(0, 1, 264, 4_294_967_295),
    timers: mostly(
      '0/3/0/1/4 1/4 0/0',
      ...['4', '0/0/0/0/100 3/2 1/0', '0/0/0/101/101 1/1 0/0', '0/0/1/511/511 0/9 2/7', '0/0/1/512/513 1/1 0/0'],
      ...['100', '101', '512', '-1/0/0/0/7 1/1 0/0', '0/0/0/0/12345 1/1 0/0', '0/0/0/0/0 4294967295/1 0/99999'],
    ),
    head: mostly<Step['head']>('syslog', 'iso', 'none'),
    times: fc.oneof(fc.nat(40), fc.constant(1)),
    isAgain: mostly(false, true),
  }),
  { minLength: 1, maxLength: 40 },
);

/** The lines of a log in which threads take turns: each source has counters of its own. */
function linesOf(all: readonly Step[]): string[] {
  const counters = new Map<string, { processed: number; errors: number }>();
  const lines: string[] = [];
  let ms = Date.UTC(2026, 10, 20, 7);
  for (const step of all) {
    ms += step.seconds * 1000;
    for (let i = 0; i <= step.times; i++) {
      const host = `lb${(step.host + (i % 2)) % 3}`;
      const source = `${host} ${step.pid} ${step.agent}`;
      const counter = counters.get(source) ?? { processed: 100, errors: 5 };
      counter.processed = Math.max(0, counter.processed + (i === 0 ? step.processed : 1 - (i % 5 === 3 ? 9 : 0)));
      counter.errors = Math.max(0, counter.errors + (i === 0 ? step.errors : 0));
      counters.set(source, counter);
      const iso = new Date(ms).toISOString();
      const [head, event] = [`${host} haproxy[${step.pid}]: `, `SPOE: [${step.agent}] <${step.event}>`];
      const stamp = { syslog: `Nov 20 ${iso.slice(11, 19)} ${head}`, iso: `${iso} ${head}`, none: '' }[step.head];
      const sid = step.isAgain ? 1 : lines.length + 1;
      lines.push(`${stamp}${event} sid=${sid} st=${step.st} ${step.timers} ${counter.errors}/${counter.processed}`);
    }
    // A second log target: the last lines once more.
    if (step.isAgain) lines.push(...lines.slice(-3));
  }
  return lines;
}

test('events that are summed up by the scanner count as they do one by one, whatever comes between them', () => {
  fuzz(
    fc.property(fc.array(steps, { minLength: 1, maxLength: 2 }), fc.boolean(), (inputs, keepDuplicates) => {
      assertSameCounts(inputs.map(linesOf), { keepDuplicates });
    }),
    150,
  );
});

test('they count the same in groups of any kind, in windows, with a filter, and step by step', () => {
  const options: readonly Partial<LogCountOptions>[] = [
    { by: ['agent', 'event', 'st'] },
    { by: ['host', 'pid'] },
    { by: [] },
    { windowMs: 10_000 },
    { history: true },
    { filter: { hosts: new Set(['lb1']) } },
  ];
  fuzz(
    fc.property(steps, fc.constantFrom(...options), (all, option) => {
      assertSameCounts([linesOf(all)], option);
    }),
    60,
  );
});

const line = (host: string, i: number, more: { second?: number; processed?: number; event?: string } = {}) =>
  `Nov 20 07:00:0${more.second ?? 0} ${host} haproxy[7]: SPOE: [mirror] <EVENT:${more.event ?? 'e'}> sid=${i} st=0 0/1/0/1/2 1/1 0/0 0/${more.processed ?? i}`;

test('more origins and names than sums are kept of count the same', () => {
  const lines = Array.from({ length: 6000 }, (_, i) =>
    line(`lb${(i * 7) % 83}`, i, { event: `e${i % 3}`, second: Math.floor(i / 2000) }),
  );
  const { state } = assertSameCounts([lines]);
  assert.equal(state.sources.length, 83);
});

test('origins and names whose places are the same are told apart', () => {
  // The place of a route has 8 bits: of hosts, the 257th has that of the first one.
  const hosts = Array.from({ length: 600 }, (_, i) => line(`lb${i % 300}`, i));
  const again = Array.from({ length: 2000 }, (_, i) => line(`lb${i % 2 === 0 ? 0 : 256}`, 1000 + i));
  const names = Array.from({ length: 330 }, (_, i) => line('lb0', 5000 + i, { event: `e${i}` }));
  const both = Array.from({ length: 2000 }, (_, i) => line('lb0', 6000 + i, { event: `e${i % 2 === 0 ? 0 : 256}` }));
  for (const log of [
    [...hosts, ...again],
    [...names, ...both],
    [...hosts, ...names, ...again, ...both],
  ])
    assertSameCounts([log]);
});

test('the three longest ways between two events of a stream are found within a run, across runs, and across inputs', () => {
  const gaps = [1, 2, 9, 3, 30, 4, 700, 5, 31, 6, 1200, 1, 8, 1];
  const lines = gaps.flatMap((gap, i) => [
    line('lb1', i + 1),
    ...Array.from({ length: gap }, (_, j) => line('lb2', 2000 * i + j + 1)),
  ]);
  const { state } = assertSameCounts([lines, lines.toReversed()], { keepDuplicates: true });
  assert.deepEqual(state.streams?.streams.find(({ host }) => host === 'lb1')?.runs, [1201, 701, 32]);
});

test('a counter that falls by what threads are out of order falls within a run, and by more it begins a new one', () => {
  // Wherever in a batch that is.
  for (const [fall, shift] of [1, 15, 16, 17, 18, 100].flatMap((each) =>
    [0, 9, 18].map((more) => [each, more] as const),
  )) {
    const at = [150, 151, 152, 152 - fall, 153, 154].map((processed, i) => line('lb1', i + 1, { processed }));
    const first = [100, 101, 101 - fall, 102].map((processed, i) => line('lb2', i + 1, { processed }));
    const second = [200, 200 - fall, 201, 202].map((processed, i) => line('lb3', i + 1, { processed }));
    const known = ['lb1', 'lb2', 'lb3'].map((host) => line(host, 0, { processed: 0 }));
    // What is summed up begins with the batch behind the one that they are known by.
    const before = Array.from({ length: 600 + shift }, (_, i) => line('lb4', i + 1));
    const { state } = assertSameCounts([[...known, ...before, ...at, ...first, ...second]]);
    assert.deepEqual(
      state.sources.map(({ tally }) => tally.counters.runs.length),
      fall > 16 ? [2, 2, 2, 1] : [1, 1, 1, 1],
      `a fall by ${fall}`,
    );
  }
});

test('a scanner that gets the memory of another one sums up nothing under what that one has bound', () => {
  const read = (memory: WebAssembly.Memory, hosts: readonly string[]) => {
    const aggregator = new Aggregator({ by: ['agent', 'event'] });
    const tally = new LineTally();
    const times = new TimeResolver({ zone: { offsetMinutes: 0 }, referenceMs: Date.UTC(2026, 10, 23) });
    const scanner = new FastScanner(new Names(), tally, times, (batch) => aggregator.add(batch), memory);
    const feed = new LineFeed(scanner, tally, times);
    for (const host of hosts)
      feed.push(Buffer.from(Array.from({ length: 100 }, (_, i) => `${line(host, i + 1)}\n`).join('')));
    feed.end();
    return aggregator.toState();
  };
  const memory = scannerMemory();
  read(memory, ['lb1', 'lb2', 'lb1', 'lb2']);
  const hosts = ['lb3', 'lb2', 'lb1', 'lb3', 'lb2', 'lb1'];
  assert.deepEqual(read(memory, hosts), read(scannerMemory(), hosts));
});
