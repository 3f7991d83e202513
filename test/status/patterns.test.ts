import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailurePattern } from '../../src/status/patterns.ts';
import { classifyFailure, describePattern, FailurePattern as Patterns } from '../../src/status/patterns.ts';

/** Takes the part of a real line from `st=` on: `st=1 0/-1/-1/-1/1000 …` or `st=257 0 …`. */
function classify(text: string): FailurePattern | undefined {
  const [, st, times] = /^st=(\d+) (\S+)/.exec(text) ?? [];
  const numbers = (times ?? '').split('/').map(Number);
  const hasPhases = numbers.length === 5;
  const [reqT = -1, qT = -1, wT = -1, resT = -1, pT = -1] = hasPhases ? numbers : [-1, -1, -1, -1, ...numbers];
  return classifyFailure(Number(st), hasPhases, reqT, qT, wT, resT, pT);
}

/** Lines of HAProxy 2.6.12 and 3.2.26 with a misbehaving agent. */
const REAL_LINES: readonly (readonly [line: string, pattern: FailurePattern | undefined, what: string])[] = [
  ['st=2 -1/-1/-1/-1/0 0/0 0/0 1/1', 'no-agent-server', 'the health check marked the only server down'],
  ['st=257 0 1/1', 'no-agent-server-or-closed', 'the same on 3.2, where a quick close looks no different'],
  ['st=1 0/-1/-1/-1/1000 0/1 0/0 1/1', 'never-sent', 'connection refused'],
  ['st=1 0/-1/-1/-1/300 0/10 8/0 2/4', 'never-sent', 'no connection free (maxconn 1)'],
  ['st=1 0/0/-1/-1/302 0/1 0/0 1/1', 'no-ack-in-time', 'the agent stalls'],
  ['st=1 0/207/-1/-1/302 0/10 9/0 1/3', 'no-ack-in-time', 'sent late, no ACK'],
  ['st=1 1000 1/1', undefined, '3.2 does not tell whether the message was sent'],
  ['st=257 0/5/0/-1/5 0/0 0/0 1/1', 'agent-closed', 'the agent closes on NOTIFY'],
  ['st=257 0/0/301/-1/302 0/0 0/0 1/1', 'agent-closed', 'timeout server of the backend'],
  ['st=257 302 1/1', 'agent-closed', 'timeout server of the backend, 3.2'],
  ['st=259 0/1/-1/-1/1 1/1 0/0 1/1', 'message-too-big', 'the agent announced a max-frame-size of 1024'],
  ['st=259 1 1/1', 'message-too-big', 'the same, 3.2'],
  ['st=3 0 1/1', 'message-too-big', 'spoe-agent max-frame-size 1024, 3.2'],
  ['st=3 -1/-1/-1/-1/0 0/0 0/0 1/1', 'message-too-big', 'no option send-frag-payload'],
  ['st=256 0/3/0/-1/3 0/0 0/0 1/1', 'closed-normally', 'ACK with an unknown frame-id'],
  ['st=256 0/0/5002/-1/5002 0/0 0/0 2/10', 'closed-normally', 'the connection ended while waiting'],
  ['st=264 0/0/0/-1/0 0/0 0/0 1/1', undefined, 'the code says it all'],
  ['st=0 0/0/0/0/1 0/1 0/0 0/1', undefined, 'no failure'],
];

for (const [line, pattern, what] of REAL_LINES) {
  test(`${line} is ${pattern ?? 'left to its code'}: ${what}`, () => {
    assert.equal(classify(line), pattern);
  });
}

test('phases that are not there are not read', () => {
  assert.equal(classifyFailure(1, false, 0, -1, -1, -1, 1000), undefined);
  assert.equal(classifyFailure(2, false, -1, -1, -1, -1, 0), undefined);
});

test('st=2 with a phase that began is a memory problem after all', () => {
  assert.equal(classifyFailure(2, true, 0, -1, -1, -1, 0), undefined);
});

test('st=257 that never reached the agent is left to its code', () => {
  assert.equal(classifyFailure(257, true, 0, 1, -1, -1, 4), undefined);
});

test('every pattern has a message and a next step that fit one line of a screen', () => {
  for (const pattern of Object.values(Patterns)) {
    const { message, next } = describePattern(pattern);
    assert.ok(message.length > 10 && next.length > 10);
    assert.ok(next.length <= 94, `${pattern}: ${next.length}`);
  }
});
