import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Analysis, analyse } from '../../../src/diff/analysis.ts';
import { Collection } from '../../../src/diff/collection.ts';
import { BUCKETS } from '../../../src/diff/model.ts';
import { parseLine } from '../../../src/logs/line.ts';
import { answer, pairs, report, request, rulesOf } from '../records.ts';

type Line = readonly [event: string, sid: number, st: number];

/** Requests of the streams 1 to 5, of which the first three are answered. */
function analysed(lines: readonly Line[], event: string | null = null): Analysis {
  const collection = new Collection({ agent: 'mirror' });
  for (let sid = 1; sid <= 5; sid++) {
    const line = { uniqueId: `id-${sid}`, host: 'lb1', pid: 7, sid };
    collection.addProduction(request(line), sid, 0);
    if (sid <= 3) collection.addMirror(answer({ uniqueId: `id-${sid}` }), sid, 0);
  }
  lines.forEach(([name, sid, st], i) => {
    const [type = 'EVENT', event = ''] = name.split(':');
    const values = { agent: 'mirror', name: event, sid, st, pT: 1, nbError: 0, nbProcessed: 1 };
    collection.addSpoe({ ...values, type: type as 'EVENT' | 'GROUP' }, { host: 'lb1', pid: 7 }, i);
  });
  return analyse(collection, { key: 'auto', event, rules: rulesOf(), maxRoutes: 200 })[0] as Analysis;
}

const bucketOf = ({ buckets }: Analysis, sid: number) => BUCKETS[buckets[sid - 1] as number];
const HTTP = 'EVENT:on-frontend-http-request';
const all = (event: string, st = 0): Line[] => [1, 2, 3, 4, 5].map((sid) => [event, sid, st]);

test('what another event of the stream came to says nothing about mirroring', () => {
  const analysis = analysed([...all(HTTP), ...all('EVENT:on-http-response', 257).slice(2)]);
  assert.deepEqual([analysis.event, bucketOf(analysis, 4)], [HTTP, 'acked_but_missing']);
});

test('on-client-session alone mirrors nothing', () => {
  const lines: Line[] = [
    ...all(HTTP).slice(0, 3),
    ['EVENT:on-client-session', 4, 0],
    ['EVENT:on-client-session', 5, 257],
  ];
  const analysis = analysed(lines);
  assert.deepEqual([bucketOf(analysis, 4), bucketOf(analysis, 5)], ['not_mirrored', 'not_mirrored']);
  assert.equal(bucketOf(analysed([['EVENT:on-client-session', 4, 0]]), 4), 'not_mirrored');
});

test('the event is the one that most pairs have a line of, in any order of lines, by name among equals', () => {
  const lines = [...all('GROUP:audit').slice(1), ...all('GROUP:copy')];
  assert.equal(analysed(lines).event, 'GROUP:copy');
  assert.equal(analysed([...lines].reverse()).event, 'GROUP:copy');
  const mixed: Line[] = [1, 2, 3, 4, 5].flatMap((sid): Line[] => {
    const lines: Line[] = [
      ['GROUP:b', sid, 0],
      ['GROUP:a', sid, 0],
    ];
    return sid % 2 === 0 ? lines : lines.reverse();
  });
  assert.equal(analysed(mixed).event, 'GROUP:a');
});

test('what the agent hears of answers is no delivery of requests', () => {
  const answers = 'EVENT:on-http-response';
  // Mirrored by a group; all answers failed.
  const grouped = analysed([...all('GROUP:mirror'), ...all(answers, 1)]);
  assert.deepEqual([grouped.event, bucketOf(grouped, 4)], ['GROUP:mirror', 'acked_but_missing']);
  // Two groups: that of answers comes second, whatever it is called.
  const both = analysed(
    [1, 2, 3, 4, 5].flatMap((sid): Line[] => [
      ['GROUP:mirror', sid, 0],
      ['GROUP:answer', sid, 1],
    ]),
  );
  assert.deepEqual([both.event, bucketOf(both, 4)], ['GROUP:mirror', 'acked_but_missing']);
  // Few requests have a line of the other event: the group mirrors.
  const behind = analysed([...all(HTTP).slice(2), ...all('GROUP:mirror')]);
  assert.equal(behind.event, 'GROUP:mirror');
  assert.equal(analysed(all(answers, 1)).event, undefined);
});

test('lines of answers alone, as with dontlog-normal, do not tell what became of requests', () => {
  const lines = pairs([{ host: 'lb1', pid: 1 }, {}, 20]);
  const production = lines.production.map((line, i) => ({ ...line, sid: i }));
  const spoe = [{ sid: 1, st: 1, host: 'lb1', event: 'EVENT:on-http-response' }];
  const { coverage } = report({ production, mirror: lines.mirror.slice(0, 10), spoe });
  assert.deepEqual([coverage.buckets.missing, coverage.buckets.not_mirrored, coverage.attempted], [10, 0, null]);
});

test('HAProxy logs of answers that failed: requests are handed over, and no other event is named', () => {
  for (const name of ['2.6.12--event-response-timeout', '3.2.26--group-response-timeout']) {
    const file = new URL(`../../../fixtures/diff/${name}.log`, import.meta.url);
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.includes('SPOE: '));
    const events = lines.map((line) => parseLine(line)).filter((line) => line.kind === 'event');
    const production = [...new Set(events.map(({ event }) => event.sid))].map((sid) =>
      request({ uniqueId: `id-${sid}`, host: 'localhost', pid: events[0]?.header.pid ?? -1, sid }),
    );
    const collection = new Collection({ agent: 'mirror' });
    for (const [i, record] of production.entries()) collection.addProduction(record, i, 0);
    collection.addMirror(answer({ uniqueId: production[0]?.uniqueId ?? '' }), 1, 0);
    for (const [i, { event, header }] of events.entries()) collection.addSpoe(event, header, i);
    const [analysis] = analyse(collection, { key: 'auto', rules: rulesOf(), maxRoutes: 200 });
    assert.equal(analysis?.event, HTTP, name);
    const buckets = [...(analysis?.buckets ?? [])].map((bucket) => BUCKETS[bucket]);
    assert.deepEqual(buckets, ['paired', 'acked_but_missing', 'acked_but_missing'], name);
  }
  const { warnings } = report({
    production: [request({ uniqueId: 'a', host: 'lb1', pid: 1, sid: 1 })],
    mirror: [answer({ uniqueId: 'a' })],
    spoe: [
      { sid: 1, st: 0, host: 'lb1' },
      { sid: 1, st: 0, host: 'lb1', event: 'EVENT:on-http-response' },
      { sid: 1, st: 0, host: 'lb1', event: 'GROUP:answer-body' },
    ],
  });
  assert.deepEqual(
    warnings.filter(({ code }) => code === 'several-events'),
    [],
  );
});

test('--event chooses, with or without its kind', () => {
  const lines = [...all(HTTP), ...all('GROUP:copy', 257)];
  for (const event of ['GROUP:copy', 'copy']) assert.equal(bucketOf(analysed(lines, event), 4), 'spoe_failed');
  assert.equal(bucketOf(analysed(lines, 'on-frontend-http-request'), 4), 'acked_but_missing');
});

test('an event that no line is of is refused with those that are', () => {
  assert.throws(() => analysed(all(HTTP), 'on-frontend-http-requets'), /no SPOE line of the agent is of the event/);
  assert.equal(analysed([], 'whatever').event, undefined);
});

test('one of several events is named as the one that was taken', () => {
  const event = 'EVENT:on-client-session';
  const { warnings } = report({
    production: [request({ uniqueId: 'a', host: 'lb1', pid: 1, sid: 1 })],
    mirror: [answer({ uniqueId: 'a' })],
    spoe: [
      { sid: 1, st: 0, host: 'lb1' },
      { sid: 1, st: 0, host: 'lb1', event },
    ],
  });
  const { message } = warnings.find(({ code }) => code === 'several-events') ?? {};
  assert.match(message ?? '', /mirrored by EVENT:on-frontend-http-request.*on-client-session too: choose with --event/);
});
