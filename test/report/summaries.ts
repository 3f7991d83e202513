/** Summaries written by hand, so that a renderer is tested without the parser and the statistics. */
import type { Group, KeyedGroup, StatusCount, Summary, TimerName, TimerStats } from '../../src/stats/model.ts';
import { SUMMARY_SCHEMA } from '../../src/stats/model.ts';
import { describeStatus } from '../../src/status/describe.ts';
import { classifyFailure, describePattern } from '../../src/status/patterns.ts';

export const HOSTILE = '\x1b[31mevil|`<b>';

/** Five quantiles in ms: p50, p95, p99, p99.9, max. */
export type Quantiles = readonly [number, number, number, number, number];

function timer(count: number, quantiles: Quantiles | null, interrupted = 0): TimerStats {
  const [p50, p95, p99, p999, max] = quantiles ?? [null, null, null, null, null];
  const low = quantiles === null ? null : 0;
  return { count, interrupted, min: low, mean: p50, p50, p90: p95, p95, p99, p999, max };
}

export function status(st: number, count: number, of: number, first?: string, last?: string): StatusCount {
  return {
    st,
    count,
    share: count / of,
    ...described(st),
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
  };
}

function described(st: number): Omit<StatusCount, 'st' | 'count' | 'share' | 'first' | 'last'> {
  const { origin, name, meaning, documented, next } = describeStatus(st);
  return {
    origin,
    name,
    meaning,
    ...(documented === undefined ? {} : { documented }),
    ...(next === undefined ? {} : { next }),
  };
}

export function group(count: number, errors: number, more: Partial<Group> = {}): Group {
  return {
    count,
    errors,
    errorRate: count === 0 ? null : errors / count,
    perSecond: null,
    status: [],
    timers: {},
    ...more,
  };
}

export function keyed(agent: string, name: string, of: Group, more: Partial<KeyedGroup['key']> = {}): KeyedGroup {
  return { key: { agent, type: 'EVENT', name, ...more }, ...of };
}

export function timers(
  count: number,
  phases: { readonly [timer in TimerName]?: TimerStats },
  pT: Quantiles,
): Group['timers'] {
  return { ...phases, pT: timer(count, pT) };
}

export function summary(more: Partial<Summary> = {}): Summary {
  return {
    schema: SUMMARY_SCHEMA,
    input: {
      files: ['lb-access.log'],
      bytes: 0,
      lines: 0,
      spoe: 0,
      spoeOther: 0,
      malformed: 0,
      spoofed: 0,
      overlong: 0,
      filtered: 0,
      otherMessages: [],
    },
    window: { from: null, to: null, seconds: null },
    verdict: { status: 'unknown', since: null, reasons: [], causes: [] },
    total: group(0, 0),
    groups: [],
    notices: [],
    ...more,
  };
}

const EVENT = 'on-frontend-http-request';

/** No event at all. */
export function emptySummary(): Summary {
  const notices = [{ code: 'no-spoe', message: 'no SPOE line in the input' }];
  return summary({ input: { ...summary().input, lines: 7, bytes: 1024 }, notices });
}

/** One agent of HAProxy <= 3.0, all well. */
export function healthySummary(): Summary {
  const from = '2026-11-22T07:02:28.000Z';
  const to = '2026-11-22T07:05:11.000Z';
  const steps = Array.from({ length: 24 }, () => 261);
  const total = group(6274, 0, {
    perSecond: 6274 / 163,
    status: [status(0, 6274, 6274, from, to)],
    timers: timers(
      6274,
      {
        reqT: timer(6274, [0, 0, 0, 0, 1]),
        qT: timer(6274, [0, 1, 3, 8, 9]),
        wT: timer(6274, [1, 2, 4, 9, 11]),
        resT: timer(6274, [0, 0, 0, 0, 0]),
      },
      [1, 3, 6, 12, 19],
    ),
    saturation: { minIdles: 2, maxApplets: 17, maxSending: 1, maxWaiting: 0 },
    completeness: { processed: 6274, unlogged: 0, restarts: 0 },
    phaseShare: { reqT: 0, qT: 0.375, wT: 0.625, resT: 0 },
    timeline: { from, seconds: 7, counts: steps, errors: steps.map(() => 0) },
  });
  return summary({
    input: { ...summary().input, lines: 12548, bytes: 2_000_000, spoe: 6274 },
    window: { from, to, seconds: 163 },
    verdict: { status: 'healthy', since: null, reasons: [], causes: [] },
    total,
    groups: [keyed('mirror', EVENT, total)],
  });
}

/** Three events, all stalled: the agent never sends an ACK. */
export function failingSummary(): Summary {
  const from = '2026-11-22T07:02:28.000Z';
  const to = '2026-11-22T07:02:31.000Z';
  const pattern = classifyFailure(1, true, 0, 0, -1, -1, 500);
  const cause = describePattern(pattern ?? 'no-ack-in-time');
  const total = group(3, 3, {
    perSecond: 1,
    status: [status(1, 3, 3, from, to)],
    timers: timers(
      3,
      {
        reqT: timer(3, [0, 0, 0, 0, 0]),
        qT: timer(3, [0, 0, 0, 0, 0]),
        wT: timer(0, null, 3),
        resT: timer(0, null, 3),
      },
      [500, 501, 501, 501, 501],
    ),
    phaseShare: { reqT: 0, qT: 0, wT: 1, resT: 0 },
    saturation: { minIdles: 0, maxApplets: 1, maxSending: 0, maxWaiting: 0 },
    completeness: { processed: 3, unlogged: 0, restarts: 0 },
    timeline: { from, seconds: 1, counts: [1, 1, 0, 1], errors: [1, 1, 0, 1] },
  });
  return summary({
    input: { ...summary().input, lines: 7, bytes: 1200, spoe: 3 },
    window: { from, to, seconds: 3 },
    verdict: {
      status: 'failing',
      since: from,
      reasons: ['every event failed'],
      causes: [{ code: 'no-ack-in-time', share: 1, ...cause }],
    },
    total,
    groups: [keyed('mirror', EVENT, total)],
  });
}

/** Two agents and a group of HAProxy <= 3.0 and >= 3.1 in one file, thresholds, series, notices. */
export function mixedSummary(): Summary {
  const from = '2026-11-21T23:40:00.000Z';
  const since = '2026-11-22T00:12:07.000Z';
  const to = '2026-11-22T01:39:59.000Z';
  const ramp = [0, 0, 0, 0, 0, 2, 9, 30, 44, 70, 95, 120, 90, 61, 33, 20];
  const timeline = { from, seconds: 450, counts: ramp.map((n) => 5200 + n), errors: ramp };
  const mirror = group(83310, 574, {
    perSecond: 83310 / 7199,
    status: [status(0, 82736, 83310, from, to), status(1, 412, 83310, since, to), status(257, 162, 83310, since, to)],
    timers: timers(
      83310,
      {
        reqT: timer(40100, [0, 0, 0, 1, 2]),
        qT: timer(39800, [0, 3, 180, 420, 497], 300),
        wT: timer(39700, [1, 4, 40, 90, 140], 400),
        resT: timer(39700, [0, 0, 0, 0, 1], 400),
      },
      [1, 9, 300, 500, 502],
    ),
    timeline,
  });
  const waf = group(41655, 0, {
    perSecond: 41655 / 7199,
    status: [status(0, 41655, 41655, from, to)],
    timers: timers(41655, {}, [0, 1, 2, 4, 17]),
    timeline: { ...timeline, errors: ramp.map(() => 0) },
  });
  const grouped = group(1200, 1, {
    perSecond: 1200 / 7199,
    status: [status(0, 1199, 1200, from, to), status(264, 1, 1200, since, since)],
    timers: timers(1200, {}, [2, 5, 9, 61, 61]),
    timeline: { ...timeline, counts: ramp.map(() => 75), errors: ramp.map((_, i) => (i === 9 ? 1 : 0)) },
  });
  const count = 83310 + 41655 + 1200;
  const total = group(count, 575, {
    perSecond: count / 7199,
    status: [
      status(0, count - 575, count, from, to),
      status(1, 412, count, since, to),
      status(257, 162, count, since, to),
      status(264, 1, count, since, since),
    ],
    timers: timers(count, { ...mirror.timers }, [1, 7, 210, 500, 502]),
    saturation: { minIdles: 0, maxApplets: 40, maxSending: 31, maxWaiting: 12 },
    completeness: { processed: count + 37, unlogged: 37, restarts: 1 },
    phaseShare: { reqT: 0.004, qT: 0.72, wT: 0.276, resT: 0 },
    timeline,
  });
  return summary({
    input: {
      ...summary().input,
      files: ['lb1-access.log', 'lb2-access.log.gz'],
      lines: 252340,
      bytes: 48_000_000,
      spoe: count,
      spoeOther: 21,
      malformed: 2,
      spoofed: 1,
      otherMessages: [{ message: 'SPOE: [mirror] failed to create SPOE applet', count: 21 }],
    },
    window: { from, to, seconds: 7199 },
    verdict: {
      status: 'degraded',
      since,
      reasons: [
        '0.46 % of the events failed, 0.1 % is the usual bound',
        'p99 of pT rose from 9 ms to 300 ms for mirror',
      ],
      causes: [
        {
          code: 'queue',
          message: 'messages queue before they are sent: too few connections to the agent',
          share: 0.72,
          next: 'Raise maxconn of the agent server, or add an agent.',
        },
        { code: 'agent-closed', ...describePattern('agent-closed'), share: 0.28 },
      ],
    },
    thresholds: [
      { expression: 'error-rate>1%', observed: 575 / count, crossed: false },
      { expression: 'mirror:p99>50ms', observed: 300, crossed: true },
    ],
    total,
    groups: [
      keyed('mirror', EVENT, mirror),
      keyed('waf', 'on-backend-http-request', waf),
      keyed('waf', 'check-body', grouped, { type: 'GROUP' }),
    ],
    series: Array.from({ length: 11 }, (_, i) => ({
      from: new Date(Date.parse('2026-11-21T23:40:00Z') + i * 600_000).toISOString(),
      seconds: 600,
      count: 10_000 + i,
      errors: i * 5,
      p50: 1,
      p99: 10 * i,
    })),
    notices: [
      { code: 'nb-error-unreliable', message: 'nb_error rises on st=0 lines (HAProxy >= 3.1): it is not used' },
      {
        code: 'mixed-formats',
        message: 'lines of HAProxy <= 3.0 and >= 3.1 are mixed: phases are known for a part only',
      },
    ],
  });
}

/** Every text that comes from a log is hostile. */
export function hostileSummary(): Summary {
  const base = mixedSummary();
  const total = { ...base.total };
  return {
    ...base,
    input: {
      ...base.input,
      files: [`${HOSTILE}.log`],
      otherMessages: [{ message: `SPOE: [${HOSTILE}] \u202egpj.exe \x07\n# forged`, count: 3 }],
    },
    verdict: {
      ...base.verdict,
      reasons: [`agent ${HOSTILE} stands out\r\nHEALTHY`],
      causes: [{ code: 'host', message: `host ${HOSTILE} stands out`, next: `look at ${HOSTILE}\u2028!` }],
    },
    thresholds: [{ expression: `${HOSTILE}:p99>50ms`, observed: null, crossed: true, reason: `no ${HOSTILE}` }],
    total,
    groups: [keyed(HOSTILE, '=cmd()\u009b31m\u2066x"y', total, { host: 'h\tost\x7f' })],
    notices: [{ code: 'hostile', message: `notice ${HOSTILE}\x00` }],
  };
}
