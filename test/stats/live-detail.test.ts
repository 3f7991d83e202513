/** What a live screen has beside the summary: the same events as the aggregator counts, their lines, and bounds. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LineFeed } from '../../src/logs/line-feed.ts';
import { streamTimes } from '../../src/logs/time.ts';
import { LiveDetail, MOST_LEAVES } from '../../src/stats/live-detail.ts';
import { LogCount } from '../../src/stats/log-count.ts';

const NOON = Date.UTC(2026, 10, 27, 12);

interface Given {
  readonly st?: number;
  readonly host?: string;
  readonly agent?: string;
  readonly ms?: number;
}

function line(sid: number, { st = 0, host = 'lb1', agent = 'mirror', ms = sid }: Given = {}): string {
  const time = new Date(NOON + ms).toISOString().replace('Z', '+00:00');
  return `${time} ${host} haproxy[7]: SPOE: [${agent}] <EVENT:req> sid=${sid} st=${st} 0/1/1/0/3 1/9 0/0 0/${sid + 1}`;
}

function read(lines: readonly string[], { now = NOON + 60_000, filter = {} } = {}) {
  const times = streamTimes({ tz: 'UTC' });
  const detail = new LiveDetail(() => now);
  const count = new LogCount({ by: ['agent', 'event'], keepDuplicates: false, times, watcher: detail, filter });
  const feed = new LineFeed(count.scanner, count.tally, times);
  const push = (more: readonly string[]) => feed.push(Buffer.from(more.map((each) => `${each}\n`).join('')));
  push(lines);
  return { detail, count, push };
}

function linesOf(detail: LiveDetail, choice = {}, most = 1000): string[] {
  return detail
    .view()
    .lines(choice, most)
    .lines.map(({ bytes }) => bytes.toString());
}

describe('details of a live log', () => {
  test('count what the aggregator counts, and no event twice', () => {
    const lines = Array.from({ length: 500 }, (_, i) => line(i, { st: i % 50 === 0 ? 264 : 0, host: `lb${i % 3}` }));
    const { detail, count } = read([...lines, ...lines]);
    const { leaves, events } = detail.view();
    assert.equal(events, count.aggregator.events);
    assert.equal(leaves.length, 3);
    assert.equal(
      leaves.reduce((sum, leaf) => sum + leaf.errors, 0),
      10,
    );
    const pT = count.aggregator.total().pT;
    assert.equal(
      leaves.reduce((sum, leaf) => sum + leaf.pT.count, 0),
      pT.count,
    );
  });

  test('leave out what a filter does', () => {
    const { detail } = read([line(1), line(2, { agent: 'other' })], { filter: { agents: new Set(['mirror']) } });
    assert.equal(detail.view().events, 1);
    assert.deepEqual(linesOf(detail), [line(1)]);
  });

  test('have the lines as they stand, the newest first, by process, event, code and text', () => {
    const lines = [
      line(1, { host: 'a' }),
      'another program: hello',
      line(2, { host: 'b', st: 264 }),
      line(3, { host: 'a', st: 2 }),
    ];
    const { detail } = read(lines);
    assert.deepEqual(linesOf(detail), [lines[3], lines[2], lines[0]]);
    assert.deepEqual(linesOf(detail, { origin: (origin: { host?: string }) => origin.host === 'a' }), [
      lines[3],
      lines[0],
    ]);
    assert.deepEqual(linesOf(detail, { code: 264 }), [lines[2]]);
    assert.deepEqual(linesOf(detail, { text: 'SID=3 '.toLowerCase() }), [lines[3]]);
    assert.equal(detail.view().lines({}, 2).more, true);
  });

  test('have lines of JSON as they stand, also those that the fast scanner has learned', () => {
    const lines = [1, 2, 3, 4, 5].map((sid) => JSON.stringify({ stream: 'stdout', n: sid, message: line(sid) }));
    assert.deepEqual(linesOf(read(lines).detail), [...lines].reverse());
  });

  test('keep the lines of an error through a flood of successes, and say what they do not have', () => {
    const { detail, push } = read([line(1, { st: 264 })]);
    for (let block = 0; block < 100; block++)
      push(Array.from({ length: 1000 }, (_, i) => line(2 + block * 1000 + i, { ms: block })));
    assert.deepEqual(linesOf(detail, { code: 264 }), [line(1, { st: 264 })]);
    const all = linesOf(detail, {}, 1_000_000);
    assert.ok(all.length < 40_000, String(all.length));
    assert.equal(detail.view().events, 100_001);
  });

  test('cut no line wrongly when the ring begins again', () => {
    const long = (sid: number) => `${line(sid, { st: 264 })}`.replace('lb1', `lb${'x'.repeat(2000 + (sid % 7))}`);
    const { detail, push } = read([]);
    const sent: string[] = [];
    for (let sid = 0; sid < 6000; sid++) {
      sent.push(long(sid));
      push([long(sid)]);
    }
    const found = linesOf(detail, {}, 100_000);
    assert.ok(found.length > 3000);
    assert.deepEqual(found, sent.slice(-found.length).reverse());
  });

  test('count anew after a reset, and know what was before', () => {
    const { detail, push } = read([line(1), line(2, { st: 264 })]);
    detail.reset();
    assert.deepEqual(detail.view().leaves, []);
    push([line(3)]);
    const [leaf] = detail.view().leaves;
    assert.equal(leaf?.count, 1);
    assert.deepEqual(
      [...(leaf?.earlier ?? [])],
      [
        [0, 1],
        [264, 1],
      ],
    );
    assert.equal(linesOf(detail).length, 3);
  });

  test('a still view stays as it is', () => {
    const { detail, push } = read([line(1)]);
    const still = detail.view(true);
    push([line(2), line(3)]);
    assert.equal(still.events, 1);
    assert.equal(still.leaves[0]?.count, 1);
    assert.equal(still.lines({}, 9).lines.length, 1);
    assert.equal(detail.view().events, 3);
  });

  test('one clock that goes ahead does not empty the charts', () => {
    const { detail } = read([line(1), line(2, { ms: 86_400_000 * 365 })]);
    const { ahead, cells } = detail.view();
    assert.equal(ahead, 1);
    assert.equal(cells.newestMs, NOON + 1);
  });

  test('names past the bound are one leaf', () => {
    const { detail } = read(Array.from({ length: MOST_LEAVES + 5 }, (_, i) => line(i, { host: `h${i}` })));
    const { leaves, overflowed } = detail.view();
    assert.equal(leaves.length, MOST_LEAVES + 1);
    assert.ok(overflowed);
    assert.equal(leaves.at(-1)?.count, 5);
  });

  test('the edge of charts is now for a log of now, and goes on after an old one', () => {
    assert.equal(read([line(1)], { now: NOON + 60_000 }).detail.view().edgeMs, NOON + 60_000);
    assert.equal(read([line(1)], { now: NOON + 86_400_000 }).detail.view().edgeMs, NOON + 1);
    assert.equal(read([]).detail.view().edgeMs, undefined);
  });
});
