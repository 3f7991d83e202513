/** The end of the demo: log and record, request by request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareActs, matchRequests } from '../../scripts/demo/account.ts';
import { renderActs, renderMatch } from '../../scripts/demo/account-text.ts';

const event = (id: string, st: number, beganMs = 0) => ({ id, st, pT: st === 0 ? 1 : 500, beganMs });
const record = (id: string, status: number | null = 200, beganMs = 0) => ({
  id,
  status,
  beganMs,
  latencyMs: status === null ? null : 2.25,
  error: status === null ? 'shutdown' : null,
});

test('each acknowledged request has one line of the record', () => {
  const events = [event('1/0', 0), event('1/1', 1), event('1/2', 0)];
  const match = matchRequests(events, [record('1/2'), record('1/0')]);
  assert.deepEqual(match, { acknowledged: 2, failed: 1, missing: 0, lostAcks: 0, unlogged: 0 });
  assert.deepEqual(renderMatch(match), [
    'Log and record agree: all 2 acknowledged requests (st=0) are in the record;',
    'of the 1 that failed none was mirrored.',
  ]);
});

test('what is missing, was mirrored without an ACK, or is not in the log is counted', () => {
  const events = [event('1/0', 0), event('1/1', 1), event('1/2', 0)];
  const match = matchRequests(events, [record('1/0'), record('1/1'), record('1/9'), record('1/0')]);
  assert.deepEqual(match, { acknowledged: 2, failed: 1, missing: 1, lostAcks: 1, unlogged: 2 });
  assert.deepEqual(renderMatch(match), [
    'Log and record differ: 1 of 2 acknowledged requests (st=0) are not in the record;',
    'of the 1 that failed 1 was mirrored all the same: the ACK was lost or late.',
    '2 of the record are not in the log: UDP may lose lines.',
  ]);
});

test('a request belongs to the act in which it began', () => {
  const acts = [
    { title: 'before', beganMs: 100 },
    { title: 'after', beganMs: 200 },
  ];
  const events = [event('1/0', 0, 99), event('1/1', 0, 199), event('1/2', 1, 200)];
  const records = [record('1/0', 200, 99), record('1/1', null, 199)];
  assert.deepEqual(renderActs(compareActs(acts, events, records)), [
    "                    HAProxy's log  |  the agent's record: what the mirror answered",
    '        st=0  failed  pT p50  p99  |  200  shutdown  latency p50  p99',
    'before     2       0       1    1  |    1         1          2.3  2.3',
    'after      0       1     500  500  |    0         0            -    -',
  ]);
});
