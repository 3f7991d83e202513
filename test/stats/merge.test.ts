import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LineTally } from '../../src/logs/tally.ts';
import { type AggregateOptions, Aggregator } from '../../src/stats/aggregator.ts';
import { MirrorRecordTally } from '../../src/stats/mirror-tally.ts';
import { parseState, StateError } from '../../src/stats/parse-state.ts';
import { type SavedState, STATE_SCHEMA } from '../../src/stats/state.ts';
import { summarize } from '../../src/stats/summary.ts';
import { fuzz } from '../attack/fuzzing.ts';
import { eventLine, eventLines, type ReadLog, readLog } from './read-log.ts';

function save({ aggregator, tally }: ReadLog): SavedState {
  return {
    schema: STATE_SCHEMA,
    files: ['part.log'],
    notices: [],
    tally: tally.toState(),
    aggregate: aggregator.toState(),
  };
}

function merge(pieces: readonly SavedState[], options: AggregateOptions): ReadLog {
  const merged: { aggregator: Aggregator; tally: LineTally } = {
    aggregator: new Aggregator(options),
    tally: readLog('', options).tally,
  };
  for (const piece of pieces) {
    merged.aggregator.merge(piece.aggregate, true);
    merged.tally.merge(piece.tally);
  }
  return merged;
}

function json(log: ReadLog): string {
  return JSON.stringify(summarize({ files: [], minEvents: 1, ...log }), null, 1);
}

/** The shapes of real lines: timers and gauges of 2.6.12, pT of 3.2.26, as they occur with each code. */
const SHAPES: readonly (readonly [st: number, timers: string])[] = [
  [0, '0/0/1/0/1 1/1 0/0'],
  [0, '0/2/51/0/53 3/21 0/17'],
  [0, '0/105/100/0/205 0/10 9/0'],
  [0, '3'],
  [0, '1504'],
  [1, '0/-1/-1/-1/1001 3/3 4/0'],
  [1, '0/0/-1/-1/500 0/1 0/0'],
  [1, '299'],
  [2, '-1/-1/-1/-1/0 0/0 0/0'],
  [257, '0/1/301/-1/302 0/0 0/0'],
  [257, '0'],
  [257, '4'],
  [259, '0/1/-1/-1/1 1/1 0/0'],
  [264, '0/0/0/-1/0 0/0 0/0'],
  [1256, '1'],
];

const line = fc
  .record({
    source: fc.constantFrom({ host: 'lb1', pid: 713 }, { host: 'lb1', pid: 800 }, { host: 'lb2', pid: 713 }),
    agent: fc.constantFrom('mirror', 'waf-agent_1.prod'),
    name: fc.constantFrom('on-frontend-http-request', 'on-http-response'),
    shape: fc.constantFrom(...SHAPES),
    second: fc.oneof(fc.nat(30), fc.nat(30), fc.integer({ min: -90_000, max: 90_000 })),
    processed: fc.oneof(fc.nat(40), fc.integer({ min: 900, max: 1000 })),
    nbError: fc.nat(9),
  })
  .map(({ source, shape: [st, timers], second, ...rest }) => eventLine(second, { ...source, ...rest, st, timers }));

/** What stands between events. */
const other = fc.constantFrom(
  'Nov 22 07:00:00 lb1 haproxy[713]: 10.0.0.1:5 [22/Nov/2026:07:00:00.000] fe be/s 0/0/0/1/1 200 5 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"\n',
  'Nov 22 07:00:00 lb1 haproxy[713]: SPOE: [mirror] failed to create SPOE applet\n',
  'Nov 22 07:00:00 lb1 haproxy[713]: SPOE: [mirror] <EVENT:on-fron\n',
  'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=1 st=0 3 0/1\n',
);
const pieces = fc.array(fc.array(fc.oneof({ weight: 5, arbitrary: line }, other), { maxLength: 30 }), { maxLength: 4 });

const OPTIONS: readonly AggregateOptions[] = [
  { by: ['agent', 'event'] },
  { by: ['host', 'pid'], windowMs: 60_000 },
  { by: ['agent', 'event', 'host', 'pid', 'st'] },
];

for (const options of OPTIONS) {
  test(`the summary of merged pieces is that of the whole log, by ${options.by.join()}`, () => {
    fuzz(
      fc.property(pieces, (parts) => {
        const whole = readLog(parts.flat().join(''), options);
        const states = parts.map((part) => save(readLog(part.join(''), options)));
        assert.equal(json(merge(states, options)), json(whole));
        const saved = states.map((state) => parseState(JSON.stringify(state)));
        assert.equal(json(merge(saved, options)), json(whole));
        // What was merged can be saved and merged again.
        const again = parseState(JSON.stringify(save(merge(saved, options))));
        assert.equal(json(merge([again], options)), json(whole));
      }),
      30,
    );
  });
}

const STATE = JSON.stringify(save(readLog(eventLines(0, 3) + eventLine(5, { st: 259 }), { windowMs: 1000 })));

test('what is no saved state is refused', () => {
  for (const text of ['', '{', '[]', 'null', '{}', '{"schema":"spoe-logs/summary/1"}', STATE.slice(0, -5)]) {
    assert.throws(
      () => parseState(text),
      (error) => error instanceof StateError && error.code === 'bad-state',
      text,
    );
  }
});

test('a state with one value of the wrong kind is refused, and it is said where', () => {
  const damage: readonly (readonly [path: string, change: (state: string) => string])[] = [
    ['aggregate.groups[0].tally.errors', (state) => state.replace('"errors":1', '"errors":"1"')],
    ['aggregate.groups[0].tally.pT.buckets', (state) => state.replace(/("pT":\{.*?"buckets":)\[1,/, '$1[99999,')],
    ['aggregate.from', (state) => state.replace(/"from":\d+/, '"from":1e300')],
    ['aggregate.groups[0].tally.timeline', (state) => state.replace(/"first":\d{9,}(?=,"counts")/, '"first":1e200')],
    ['aggregate.groups[0].key.type', (state) => state.replace('"type":"EVENT"', '"type":"SPELL"')],
    ['aggregate.groups[0].tally.patterns', (state) => state.replace(/"patterns":\[.*?\]/, '"patterns":[["made-up",1]')],
  ];
  for (const [path, change] of damage) {
    const damaged = change(STATE);
    assert.notEqual(damaged, STATE, path);
    assert.throws(
      () => parseState(damaged),
      (error) => error instanceof StateError && error.message.startsWith(path),
      path,
    );
  }
});

test('a state whose numbers cannot be is refused, and it is said where', () => {
  const group = 'aggregate.groups[0].tally';
  const forgeries: readonly (readonly [path: string, from: RegExp, to: string])[] = [
    [
      `${group}, whose numbers do not add up,`,
      /"count":4,"errors":1,"uncounted":0/,
      '"count":0,"errors":1,"uncounted":0',
    ],
    [`${group}, whose numbers do not add up,`, /"errors":1,"uncounted":0/, '"errors":9,"uncounted":0'],
    [`${group}, whose numbers do not add up,`, /"slow":0/, '"slow":4'],
    [`${group}.errors`, /"errors":1/, '"errors":-1'],
    [`${group}.errors`, /"errors":1/, '"errors":1e999'],
    [`${group}.count`, /"count":4/, '"count":1e16'],
    [`${group}.count`, /"count":4/, '"count":4.5'],
    [`${group}.pT, whose numbers do not add up,`, /("pT":\{"count":)4/, '$1' + '5'],
    [`${group}.pT, whose numbers do not add up,`, /("pT":\{.*?"max":)\d+/, '$1' + '9'],
    [`${group}.pT, whose numbers do not add up,`, /("pT":\{.*?"sum":)\d+/, '$1' + '999999'],
    [`${group}.timeline`, /("timeline":\{.*?"errors":\[)\d+/, '$1' + '77'],
    ['aggregate.series', /("windows":\[\{"start":\d+,"count":)\d+,"errors":\d+/, '$1' + '0,"errors":3'],
    ['aggregate.sources[0].tally, whose', /("sources":.*?"count":)\d+/, '$1' + '0'],
    ['aggregate.sources[0].tally.counters.runs[0]', /("runs":\[\{.*?"max":)\d+/, '$1' + '0'],
  ];
  for (const [path, from, to] of forgeries) {
    const forged = STATE.replace(from, to);
    assert.notEqual(forged, STATE, path);
    assert.throws(
      () => parseState(forged),
      (error) => error instanceof StateError && error.message.startsWith(path),
      `${path} ${to}`,
    );
  }
});

test('a record whose numbers cannot be is refused', () => {
  const tally = new MirrorRecordTally();
  const answer = { timeMs: 1e12, error: '', firstByteMs: 1, totalMs: 2, requestBytes: 0, responseBytes: 2 };
  for (const status of [200, 200, 500]) tally.add('', { ...answer, status });
  const state = { ...(JSON.parse(STATE) as SavedState), mirror: tally.toState() };
  assert.ok(parseState(JSON.stringify(state)));
  for (const [from, to] of [
    ['"requests":3', '"requests":0'],
    ['"status":200,"count":2', '"status":200,"count":200'],
    ['"latency":{"count":3', '"latency":{"count":4'],
  ] as const) {
    const forged = JSON.stringify(state).replace(from, to);
    assert.throws(() => parseState(forged), StateError, to);
  }
});

test('the state of every log is one that can be read', () => {
  const folder = new URL('../../fixtures/logs/corpus/', import.meta.url);
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.log'))) {
    const text = readFileSync(new URL(name, folder), 'utf8');
    assert.ok(parseState(JSON.stringify(save(readLog(text + text, { windowMs: 1000 })))), name);
  }
});

test('a state damaged anywhere is refused or can be summarized', () => {
  fc.assert(
    fc.property(
      fc.nat(STATE.length - 1),
      fc.constantFrom('0', '9', '-', 'e', '"', 'null', '', ',', '1e9'),
      (at, text) => {
        const damaged = STATE.slice(0, at) + text + STATE.slice(at + 1);
        let state: SavedState;
        try {
          state = parseState(damaged);
        } catch (error) {
          assert.ok(error instanceof StateError);
          return;
        }
        json(merge([state], { by: state.aggregate.by, windowMs: 1000 }));
      },
    ),
    { seed: 4, numRuns: 2000 },
  );
});
