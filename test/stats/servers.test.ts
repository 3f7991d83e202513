/** What HAProxy says about the servers of agents: in the first line, per host, and only of agents. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LineTally } from '../../src/logs/tally.ts';
import { verdictLine } from '../../src/report/headline.ts';
import type { AggregateOptions } from '../../src/stats/aggregator.ts';
import type { Summary } from '../../src/stats/model.ts';
import { eventLines, readLog, summarizeLog } from './read-log.ts';

const START = Date.UTC(2026, 10, 22, 7);
const NO_SERVER = { st: 2, timers: '-1/-1/-1/-1/0 0/0 0/0' };
const NO_ACK = { st: 1, timers: '0/0/-1/-1/500 1/1 0/0' };

/** A line of HAProxy at `second`. */
function own(second: number, message: string, host = 'lb1'): string {
  const time = new Date(START + second * 1000).toISOString().slice(0, 19);
  return `${time}+00:00 ${host} haproxy[713]: ${message}\n`;
}

const down = (name: string, left = 0) =>
  `Server ${name} is DOWN, reason: Layer4 timeout, check duration: 2001ms. ${left} active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.`;
const up = (name: string, online = 1) =>
  `Server ${name} is UP, reason: Layer4 check passed, check duration: 0ms. ${online} active and 0 backup servers online. 0 sessions requeued, 0 total in queue.`;

const status = (text: string, options: Partial<AggregateOptions> = {}) => summarizeLog(text, options).verdict.status;
const causes = ({ verdict }: Summary) => verdict.causes.map(({ code, earlier = false }) => [code, earlier] as const);

describe('the first line', () => {
  test('is about a backend of agents that has no server left, after events that went well', () => {
    const summary = summarizeLog(eventLines(0, 100) + own(101, down('agents/a1')));
    assert.equal(
      verdictLine(summary),
      'FAILING since 2026-11-22 07:01:41Z — HAProxy says: no server is left in agents; none of 100 events failed',
    );
    assert.match(summary.verdict.reasons[0] ?? '', /^HAProxy says: server agents\/a1 is DOWN since .* Layer4 timeout/);
  });

  test('is so where this is all that is logged', () => {
    assert.match(verdictLine(summarizeLog(own(0, down('agents/a1')))), /^FAILING since .* no server is left in agents/);
    assert.match(
      verdictLine(summarizeLog(own(0, 'backend agents has no server available!'))),
      /^FAILING since .* no server is left in agents/,
    );
  });

  test('knows the backend by the name of the agent', () => {
    assert.equal(status(eventLines(0, 50, { agent: 'iprep' }) + own(51, down('be_iprep/s1'))), 'failing');
  });

  test('is not about servers of others, one of several, one that is up again, or one that is contradicted', () => {
    const well = eventLines(0, 50);
    assert.equal(status(well + own(51, down('shop/web1'))), 'healthy');
    assert.equal(status(well + own(51, down('agents/a1', 1))), 'healthy');
    assert.equal(status(well + own(51, down('agents/a1')) + own(52, up('agents/a1'))), 'healthy');
    assert.equal(status(well + own(51, down('agents/a1')) + own(53, up('agents/a2'))), 'healthy');
    assert.equal(status(well + own(51, down('agents/a1')) + eventLines(52, 30, {}, 51)), 'healthy');
  });

  test('is not about what filters leave out', () => {
    const text = eventLines(0, 50) + own(51, down('agents/a1'), 'lb2');
    assert.equal(status(text, { filter: { hosts: new Set(['lb1']) } }), 'healthy');
    assert.equal(
      status(eventLines(0, 50) + own(51, down('agents/a1')), { filter: { until: START + 50_000 } }),
      'healthy',
    );
  });

  test('says that HAProxy stopped: what came after is not known', () => {
    for (const message of ['Proxy fe stopped (cumulated conns: FE: 9, BE: 0).', 'Stopping frontend fe in 0 ms.'])
      assert.match(
        verdictLine(summarizeLog(eventLines(0, 50) + own(51, message))),
        /^UNKNOWN — HAProxy says that it stopped; none of 50 events failed/,
      );
  });
});

describe('hosts are told apart', () => {
  test('a server that is down on one is not up because it is on another', () => {
    const text =
      eventLines(0, 50) +
      eventLines(0, 50, { host: 'lb2' }) +
      own(50, down('agents/a1')) +
      own(50, down('agents/a1'), 'lb2') +
      eventLines(51, 10, NO_SERVER, 51) +
      eventLines(51, 30, { host: 'lb2', ...NO_SERVER }, 51) +
      own(61, up('agents/a1')) +
      eventLines(62, 20, {}, 61);
    const [first] = summarizeLog(text).verdict.causes;
    assert.deepEqual([first?.code, first?.earlier], ['no-agent-server', undefined]);
    assert.match(first?.message ?? '', /^HAProxy on lb2 says: server agents\/a1 is DOWN/);
  });

  test('and explains no failures of another', () => {
    const text =
      eventLines(0, 50) +
      eventLines(0, 50, { host: 'lb2' }) +
      own(50, down('agents/a1'), 'lb2') +
      eventLines(51, 30, NO_ACK, 51);
    const [first, ...others] = causes(summarizeLog(text));
    assert.equal(first?.[0], 'no-ack-in-time');
    assert.ok(others.some(([code]) => code === 'server-down'));
  });
});

describe('causes', () => {
  test('name the agent past many servers of others, and never tell to start the agent for those', () => {
    const many = Array.from({ length: 80 }, (_, i) => own(40, down(`be${i}/s`))).join('');
    const text = eventLines(0, 40) + many + own(41, down('agents/a1')) + eventLines(42, 30, NO_SERVER, 41);
    const summary = summarizeLog(text);
    assert.match(summary.verdict.causes[0]?.message ?? '', /server agents\/a1 is DOWN/);
    assert.ok(!summary.verdict.causes.some(({ message }) => message.includes('be0/s')));
  });

  test('are not a web server where an agent hangs', () => {
    const text = eventLines(0, 40) + own(41, down('be/web1')) + eventLines(42, 30, NO_ACK, 41);
    assert.deepEqual(
      summarizeLog(text).verdict.causes.filter(({ message }) => message.includes('web1')),
      [],
    );
  });

  test('are perhaps a backend of another name, where events find no server', () => {
    const text = eventLines(0, 40) + own(41, down('be/x1')) + eventLines(42, 30, NO_SERVER, 41);
    const [first] = summarizeLog(text).verdict.causes;
    assert.match(first?.next ?? '', /^See whether be is the agents' backend/);
  });

  test('tell to start the agent where HAProxy says that no server is left', () => {
    const event = { st: 257, timers: '0' };
    const text = eventLines(0, 40, { timers: '1' }) + own(41, down('agents/a1')) + eventLines(42, 30, event, 41);
    assert.match(summarizeLog(text).verdict.causes[0]?.next ?? '', /^Start the agent/);
  });
});

test('states keep the hosts of servers', () => {
  const { tally } = readLog(own(0, down('agents/a1')) + own(0, down('agents/a1'), 'lb2') + own(1, up('agents/a1')));
  const merged = new LineTally();
  merged.merge(JSON.parse(JSON.stringify(tally.toState())));
  assert.deepEqual(
    merged.own.toState().servers.map(({ host, isUp }) => [host, isUp]),
    [
      ['lb1', true],
      ['lb2', false],
    ],
  );
});
