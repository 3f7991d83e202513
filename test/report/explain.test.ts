import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpoeEvent } from '../../src/logs/record.ts';
import {
  explainCode,
  explainEvent,
  renderExplainCode,
  renderExplainEvent,
  renderExplainJson,
} from '../../src/report/explain.ts';
import { displayWidth } from '../../src/report/width.ts';
import { HOSTILE } from './summaries.ts';

const STALLED: SpoeEvent = {
  agent: 'mirror',
  type: 'EVENT',
  name: 'on-frontend-http-request',
  sid: 5,
  st: 1,
  reqT: 0,
  qT: 0,
  wT: -1,
  resT: -1,
  pT: 1000,
  idles: 0,
  applets: 1,
  nbSending: 0,
  nbWaiting: 0,
  nbError: 1,
  nbProcessed: 18446744073709551615n,
};

const SHORT: SpoeEvent = {
  agent: 'mirror',
  type: 'GROUP',
  name: 'g',
  sid: 1,
  st: 257,
  pT: 0,
  nbError: 1,
  nbProcessed: 1,
};

test('264 is explained by both tables', () => {
  assert.equal(
    renderExplainCode(264),
    `st=264  unsupported version (unsupported-version)
  HAProxy writes       264 = 256 + 8, SPOP error 8: unsupported version
  SPOP documentation   does not list 264; 8 is: unsupported version

What to check next
  → Use an agent that speaks SPOP 2.0, the only version HAProxy offers.
`,
  );
});

test('a number of both tables says that there are two', () => {
  assert.equal(
    renderExplainCode(2),
    `st=2  resource allocation (resource-allocation)
  HAProxy writes       resource allocation
  SPOP documentation   a timeout occurred
  Two tables share this number. In the log it is HAProxy's engine that writes it: SPOP errors
  appear as 256 + code.

The whole line says more than the code:
  st=2 with -1/-1/-1/-1/0 (HAProxy <= 3.0): no server is up in the agents' backend (not a memory
    problem)

What to check next
  → Check that the agents backend has a server that is UP; only then look at HAProxy memory.
`,
  );
});

test('--codes documented puts the documented table first', () => {
  const lines = renderExplainCode(1, { codes: 'documented' }).split('\n');
  assert.deepEqual(lines.slice(0, 3), [
    'st=1  I/O error',
    '  SPOP documentation   I/O error',
    '  HAProxy writes       timeout during event processing',
  ]);
});

test('bare SPOP codes, agent-defined and unknown ones are named as such', () => {
  assert.match(renderExplainCode(99), /has no meaning for 99; SPOP error 99 is written as st=355/);
  assert.match(renderExplainCode(1256), /lists neither 1256 nor 1000/);
  assert.match(renderExplainCode(77), /unknown code.*\n.*has no meaning for 77\n.*does not list 77\n/);
});

test('a line of HAProxy <= 3.0 is explained timer by timer', () => {
  const header = {
    time: { kind: 'absolute', epochMs: 1795330948000 },
    host: 'lb1',
    process: 'haproxy',
    pid: 713,
  } as const;
  const text = renderExplainEvent(header, STALLED);
  for (const line of [
    '  time                 2026-11-22T07:02:28.000Z',
    '  process              haproxy[713]',
    '  st=1 with wT = -1 (HAProxy <= 3.0): the message was sent but no ACK came in time: the agent is',
    '  wT      -1           wait: never ended: no ACK arrived',
    "  pT    1000           total: latency added to the client's request until the agent's ACK, not the",
    '  nbWaiting 0          events sent that wait for an ACK',
    '  → Look at the agent: load, blocked workers, a slow mirror target; then at timeout processing.',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line}\n${text}`);
  }
  assert.match(text, /nbProcessed 18446744073709551615 events started so far/);
  assert.match(text, /nbError 1 +errors so far, of this agent in this process; not to be relied on/);
});

test('a line of HAProxy >= 3.1 has pT only, and that is said', () => {
  const text = renderExplainEvent({}, SHORT);
  assert.match(text, /HAProxy >= 3\.1 does not log the phases/);
  assert.match(text, /\n {2}group {16}g\n/);
  assert.doesNotMatch(text, /Gauges/);
});

test('a month and day without a year stay without one', () => {
  const time = { kind: 'local', month: 1, day: 2, hour: 3, minute: 4, second: 5, ms: 0 } as const;
  assert.match(renderExplainEvent({ time }, SHORT), /01-02 03:04:05 \(month-day; the line has no year and no zone\)/);
});

test('text of the log is visible, cut and never wider than 100 columns', () => {
  const event = { ...STALLED, agent: HOSTILE, name: `${'x'.repeat(70_000)}\u202e` };
  for (const unicode of [true, false]) {
    const text = renderExplainEvent({ host: 'h\r\n\x9bost', process: '鏡'.repeat(90) }, event, { unicode });
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    assert.match(text, /agent {16}\\x1b\[31mevil\|`<b>\n/);
    for (const line of text.split('\n')) assert.ok(displayWidth(line) <= 100, line);
    assert.ok(text.split('\n').length < 60);
  }
});

test('every code stays within 100 columns', () => {
  for (const st of [...Array(400).keys(), 2 ** 32 - 1]) {
    for (const line of renderExplainCode(st).split('\n')) assert.ok(line.length <= 100, line);
  }
});

test('the JSON of a code carries both tables', () => {
  assert.deepEqual(JSON.parse(renderExplainJson(explainCode(264))), {
    schema: 'spoe-logs/explain/1',
    kind: 'code',
    status: {
      st: 264,
      origin: 'spop',
      name: 'unsupported-version',
      meaning: 'unsupported version',
      next: 'Use an agent that speaks SPOP 2.0, the only version HAProxy offers.',
    },
    engine: { meaning: 'SPOP error 8: unsupported version', spopCode: 8 },
    documented: { meaning: null, spopCode: 8 },
    patterns: [],
  });
});

test('the JSON of a line keeps every digit of a counter, and only of a counter', () => {
  const text = renderExplainJson(explainEvent({}, { ...STALLED, agent: '\n"value": "12"', name: '34' }));
  assert.match(text, /"nbProcessed": 18446744073709551615\n/);
  assert.match(text, /"value": 18446744073709551615,\n/);
  assert.match(text, /"name": "34"/);
  assert.equal(JSON.parse(text).event.agent, '\n"value": "12"');
  assert.equal(JSON.parse(text).pattern.code, 'no-ack-in-time');
});
