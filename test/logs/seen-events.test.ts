import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FastScanner } from '../../src/logs/fast-scanner.ts';
import { LineFeed } from '../../src/logs/line-feed.ts';
import { Names } from '../../src/logs/names.ts';
import { PlainScanner } from '../../src/logs/plain-scanner.ts';
import { Int, ROW_INTS, type RowBatch, RowFlag } from '../../src/logs/row.ts';
import { RowBuffer } from '../../src/logs/row-buffer.ts';
import { haveInCommon, SeenEvents, sumSeen } from '../../src/logs/seen-events.ts';
import { LineTally } from '../../src/logs/tally.ts';
import { TimeResolver } from '../../src/logs/time.ts';

interface EventText {
  readonly host?: string;
  readonly pid?: number;
  readonly agent?: string;
  readonly event?: string;
  readonly sid?: number;
  readonly timers?: string;
  readonly counters?: string;
}

const OLD = '0/0/1/0/1 1/1 0/0';

/** A line at `clock` of one day; without a clock it has no header at all. */
function line(clock: string, given: EventText = {}): string {
  const { host = 'lb1', pid = 713, agent = 'mirror', event = 'EVENT:on-frontend-http-request' } = given;
  const { sid = 1, timers = OLD, counters = '0/1' } = given;
  const message = `SPOE: [${agent}] <${event}> sid=${sid} st=0 ${timers} ${counters}`;
  return clock === '' ? `${message}\n` : `2026-11-22T${clock}+00:00 ${host} haproxy[${pid}]: ${message}\n`;
}

/** For each line of the inputs, whether its event was seen before. Both scanners have to agree. */
function repeated(inputs: readonly string[], makeSeen = () => new SeenEvents()): boolean[] {
  const answers = [true, false].map((isFast) => {
    const seen = makeSeen();
    const found: boolean[] = [];
    const sink = (batch: RowBatch) => {
      seen.mark(batch);
      for (let i = 0; i < batch.count; i++)
        found.push(((batch.ints[(batch.start >> 2) + i * ROW_INTS + Int.flags] ?? 0) & RowFlag.repeated) !== 0);
    };
    for (const input of inputs) {
      seen.beginInput();
      read(input, sink, isFast ? seen.memory : undefined);
    }
    return found;
  });
  assert.deepEqual(answers[0], answers[1]);
  return answers[0] ?? [];
}

test('events of two containers of one pod are two', () => {
  const lineOf = (container: string) =>
    `${JSON.stringify({
      time: '2026-11-22T07:00:00Z',
      kubernetes: { pod_name: 'haproxy-0', namespace_name: 'edge', container_name: container },
      log: line('').trim(),
    })}\n`;
  assert.deepEqual(repeated([lineOf('a') + lineOf('b') + lineOf('a')]), [false, false, true]);
});

/** Through the fast scanner where there is a memory for it. */
function read(text: string, sink: (batch: RowBatch) => void, memory?: WebAssembly.Memory): void {
  const tally = new LineTally();
  const times = new TimeResolver({ zone: { offsetMinutes: 0 }, referenceMs: Date.UTC(2026, 10, 23) });
  const names = new Names();
  const rows = new RowBuffer(names, sink);
  const scanner = memory
    ? new FastScanner(names, tally, times, sink, memory)
    : new PlainScanner(tally, times, (interpreted) => rows.write(interpreted));
  const feed = new LineFeed(scanner, tally, times);
  feed.push(Buffer.from(text));
  feed.end();
}

function stateOf(text: string) {
  const seen = new SeenEvents();
  read(text, (batch) => seen.mark(batch), seen.memory);
  return seen.toState();
}

const SHAPES = [
  ['HAProxy <= 3.0', OLD],
  ['HAProxy >= 3.1', '1'],
] as const;

for (const [version, timers] of SHAPES) {
  describe(`events of ${version}`, () => {
    test('that are written to two log targets are one, whatever stands between their lines', () => {
      const first = line('07:00:00', { timers });
      const other = line('07:00:00', { timers, sid: 2, counters: '0/2' });
      assert.deepEqual(repeated([`${first}GET / 200\n${other}${first}${other}`]), [false, false, true, true]);
    });

    test('are one where the second target was written a second later, or its file has whole seconds', () => {
      const lines = [line('07:00:03.999', { timers }), line('07:00:04', { timers }), line('07:00:05.900', { timers })];
      assert.deepEqual(repeated([lines.join('')]), [false, true, true]);
    });

    test('are one in two files, in either order', () => {
      const all = Array.from({ length: 500 }, (_, i) =>
        line(`07:0${Math.floor(i / 60)}:${String(i % 60).padStart(2, '0')}`, {
          timers,
          sid: i * 2,
          counters: `0/${i + 1}`,
        }),
      );
      const some = all.filter((_, i) => i % 7 === 0);
      assert.equal(repeated([all.join(''), some.join('')]).filter(Boolean).length, some.length);
      assert.equal(repeated([some.join(''), all.join('')]).filter(Boolean).length, some.length);
    });

    test('are several when anything but the time differs', () => {
      const events: EventText[] = [
        {},
        { host: 'lb2' },
        { pid: 714 },
        { agent: 'waf' },
        { event: 'EVENT:on-http-response' },
        { event: 'GROUP:mirror' },
        { sid: 2 },
        { counters: '0/2' },
      ];
      const text = events.map((event) => line('07:00:00', { timers, ...event })).join('');
      assert.deepEqual(repeated([text]), new Array(events.length).fill(false));
      assert.deepEqual(repeated([text, text]).slice(events.length), new Array(events.length).fill(true));
    });

    test('a sid that comes again after a restart is another event', () => {
      assert.deepEqual(repeated([line('07:00:00', { timers }) + line('07:00:30', { timers })]), [false, false]);
      assert.deepEqual(repeated([line('07:00:00', { timers }) + line('07:00:00', { timers, pid: 9 })]), [false, false]);
    });

    test('a group that a stream sends again and again is as many events', () => {
      const sends = Array.from({ length: 600 }, (_, i) =>
        line('07:00:00', { timers, event: 'GROUP:mirror', counters: `0/${i + 1}` }),
      );
      assert.ok(!repeated([sends.join('')]).includes(true));
      assert.equal(repeated([sends.join(''), sends.join('')]).filter(Boolean).length, sends.length);
    });

    test('without a time are known by the order of their counters: again in another input, anew after a restart', () => {
      const life = Array.from({ length: 60 }, (_, i) => line('', { timers, sid: i, counters: `0/${i + 1}` })).join('');
      assert.equal(repeated([life + life]).filter(Boolean).length, 0);
      assert.equal(repeated([life + life, life + life]).filter(Boolean).length, 120);
    });
  });
}

test('what has been given up cannot be checked, and is counted', () => {
  const text = Array.from({ length: 40 }, (_, i) =>
    line(`07:${String(i).padStart(2, '0')}:00`, { sid: i, counters: `0/${i + 1}` }),
  ).join('');
  let seen = new SeenEvents();
  const makeSeen = () => {
    seen = new SeenEvents(11);
    return seen;
  };
  const found = repeated([text, text], makeSeen);
  assert.equal(found.filter(Boolean).length, 0);
  assert.equal(seen.unchecked, 40);
  assert.equal(repeated([text + text.split('\n').slice(-4).join('\n')], makeSeen).filter(Boolean).length, 3);
});

test('parts that hold an event both are told from parts that do not', () => {
  const at = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) =>
      line(`07:00:${String(Math.floor((from + i) / 10)).padStart(2, '0')}`, {
        sid: from + i,
        counters: `0/${from + i + 1}`,
      }),
    ).join('');
  const [first, second, both] = [stateOf(at(0, 105)), stateOf(at(105, 200)), stateOf(at(100, 110))];
  assert.equal(haveInCommon(first, second), false);
  assert.equal(haveInCommon(first, both), true);
  assert.equal(haveInCommon(both, second), true);
  const joined = new SeenEvents();
  joined.add(first);
  joined.add(second);
  assert.deepEqual(sumSeen([joined.toState()]), sumSeen([stateOf(at(0, 200))]));
  assert.deepEqual(sumSeen([first, second]), sumSeen([stateOf(at(0, 200))]));
  assert.equal(haveInCommon(joined.toState(), both), true);
});
