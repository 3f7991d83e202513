import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_GROUPS } from '../../src/stats/grouping.ts';
import { eventLine, summarizeLog } from './read-log.ts';

test('groups are sorted by their keys, by code unit', () => {
  const text = ['b', 'a', 'B', 'ä'].map((agent) => eventLine(0, { agent })).join('');
  assert.deepEqual(
    summarizeLog(text).groups.map(({ key }) => key.agent),
    ['B', 'a', 'b', 'ä'],
  );
});

test('--by host, pid and st makes a group of each combination', () => {
  const text = [
    eventLine(0, { host: 'lb2' }),
    eventLine(0, { host: 'lb1', pid: 20 }),
    eventLine(0, { host: 'lb1', pid: 3 }),
    eventLine(0, { host: 'lb1', pid: 3, st: 4294967295 }),
  ].join('');
  assert.deepEqual(
    summarizeLog(text, { by: ['host', 'pid', 'st'] }).groups.map(({ key }) => key),
    [
      { host: 'lb1', pid: 3, st: 0 },
      { host: 'lb1', pid: 3, st: 4294967295 },
      { host: 'lb1', pid: 20, st: 0 },
      { host: 'lb2', pid: 713, st: 0 },
    ],
  );
});

test('a field the line does not carry is absent from the key', () => {
  const text = 'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=1 st=0 3 0/1\n';
  assert.deepEqual(
    summarizeLog(text, { by: ['host', 'pid'] }).groups.map(({ key }) => key),
    [{}],
  );
});

test('past the bound on groups the rest is (other), last, and it is said', () => {
  const agents = Array.from({ length: MAX_GROUPS + 2 }, (_, i) => `agent-${i}`);
  const summary = summarizeLog(agents.map((agent) => eventLine(0, { agent })).join(''));
  assert.equal(summary.groups.length, MAX_GROUPS + 1);
  assert.deepEqual(summary.groups.at(-1)?.key, { other: true });
  assert.equal(summary.groups.at(-1)?.count, 2);
  assert.equal(summary.total.count, MAX_GROUPS + 2);
  assert.ok(summary.notices.some(({ code }) => code === 'groups-overflow'));
});
