/** A verdict is a promise: all that could make a PASS wrong, made to happen. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import type { StandingVerdict } from '../../../src/diff/standing-verdict.ts';
import { camelCase, type Option } from '../../../src/options/option.ts';
import { DIFF_OPTIONS, type DiffArguments } from '../../../src/programs/spoe-logs/diff-options.ts';
import { readLogOptions } from '../../../src/programs/spoe-logs/log-options.ts';
import { ServedComparison } from '../../../src/programs/spoe-logs/served-comparison.ts';
import { ServedLogs } from '../../../src/programs/spoe-logs/served-logs.ts';
import { until } from '../../until.ts';
import { Logs, type Mirrored, requests } from './served-lines.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MAX_AGE_MS = 2 * MINUTE;

const LOOKS_PER_SECOND = 25;
/** Both sides of a request are written one after the other, and files are looked at four times a second. */
const GRACE_MS = 3_000;
/** So long a FAIL has to go on where it was fine before. */
const SURE_MS = 15_000;

/** What the parser fills in. */
const DEFAULTS = Object.fromEntries(
  Object.entries<Option>(DIFF_OPTIONS).flatMap(([name, { kind, default: value }]) =>
    value !== undefined || kind.name === 'flag' ? [[camelCase(name), value ?? false]] : [],
  ),
) as unknown as DiffArguments;

interface Options {
  /** Before the beginning of the test: 0 without it. */
  readonly sinceAgoMs?: number;
  readonly arguments?: Partial<DiffArguments>;
  /** Without the log of SPOE lines, and the record, for the summary. */
  readonly isAlone?: boolean;
  readonly log?: string;
}

/** What is served, with clocks that only the test moves on. */
class Watched {
  readonly logs: Logs;
  readonly startMs = Date.now();
  readonly comparison: ServedComparison;
  passedMs = 0;
  /** The wall clock alone. */
  wallMs = 0;

  constructor(t: TestContext, { sinceAgoMs = 0, arguments: given = {}, isAlone = false, log }: Options = {}) {
    this.logs = new Logs(t);
    for (const path of [this.logs.log, this.logs.record]) writeFileSync(path, '');
    const clocks = {
      now: () => this.passedMs,
      wall: () => this.startMs + this.passedMs + this.wallMs,
    };
    const diff: DiffArguments = {
      ...DEFAULTS,
      ...{
        production: [this.logs.log],
        mirror: [this.logs.record],
        grace: GRACE_MS,
        follow: true,
        anytime: true,
        tz: 'UTC',
      },
      ...given,
    };
    const base = readLogOptions({ ...diff, agent: undefined, status: undefined }, this.startMs);
    const options = { ...base, filter: { ...base.filter, since: this.startMs - 10_000 - sinceAgoMs } };
    const served = new ServedLogs({
      ...base,
      files: isAlone ? [] : [log ?? this.logs.log],
      record: isAlone ? [] : [this.logs.record],
      by: ['agent'],
    });
    this.comparison = new ServedComparison(diff, options, MAX_AGE_MS, served, clocks);
    const ending = new AbortController();
    const ends = [served.follow(ending.signal), this.comparison.follow(ending.signal)];
    t.after(async () => {
      ending.abort();
      await Promise.all(ends);
    });
  }

  /** The verdict once it is the wanted one and is about so many pairs. */
  async isOf(status: StandingVerdict['status'], count: number, reason = /./): Promise<StandingVerdict> {
    return await this.until(`${status} of ${count} pairs: ${reason}`, ({ status: found, pairs, reasons }) => {
      return found === status && pairs.counted === count && reasons.some((each) => reason.test(each));
    });
  }

  /** Requests of now that both sides have. */
  both(name: string, count: number, fields: Parameters<typeof requests>[3] = {}): readonly Mirrored[] {
    const all = requests(name, count, this.startMs + this.passedMs, fields);
    this.logs.both(all);
    return all;
  }

  /** Makes time pass: the next look counts lines again. */
  pass(ms: number): void {
    this.passedMs += ms;
  }

  /** The verdict once it is the wanted one and a reason says so. */
  async is(status: StandingVerdict['status'], reason = /./): Promise<StandingVerdict> {
    return await this.until(`${status}: ${reason}`, (verdict) => {
      return verdict.status === status && verdict.reasons.some((each) => reason.test(each));
    });
  }

  /** The first verdict that is as wanted. Files are looked at four times a second: meanwhile some of that passes here, too. */
  async until(what: string, isWanted: (verdict: StandingVerdict) => boolean): Promise<StandingVerdict> {
    let looks = 0;
    return await until(what, () => {
      if (looks++ % LOOKS_PER_SECOND === 0) this.pass(1_000);
      const verdict = this.comparison.verdict();
      if (isWanted(verdict)) return verdict;
      throw new Error(JSON.stringify(verdict));
    });
  }
}

/** A release that is fine, with a PASS that is then put to the test: all of its lines are read. */
async function passing(t: TestContext, options: Options = {}): Promise<Watched> {
  const watched = new Watched(t, options);
  watched.both('fine', 1000);
  await watched.isOf('pass', 1000);
  return watched;
}

describe('a PASS', { concurrency: 6 }, () => {
  test('is said of enough pairs that are there now', async (t) => {
    const watched = new Watched(t);
    watched.both('a', 1000);
    const { pairs, ages, reasons, failedMs } = await watched.isOf('pass', 1000);
    assert.equal(pairs.missing, 0);
    assert.ok(ages.pair !== null && ages.pair <= MAX_AGE_MS);
    assert.match(reasons[0] ?? '', /no gate failed/);
    assert.equal(failedMs, null);
  });

  test('is not said of nothing', async (t) => {
    const watched = new Watched(t);
    const { pairs } = await watched.is('inconclusive', /no request was paired/);
    assert.equal(pairs.counted, 0);
  });

  test('is not said of answers to requests that were sent cut, and neither is a FAIL', async (t) => {
    const watched = new Watched(t);
    watched.both('cut', 600, { isCut: true, mirrorStatus: 400 });
    const { reasons } = await watched.is('inconclusive', /^600 requests were sent with the body cut .*not compared$/);
    assert.doesNotMatch(reasons.join('\n'), /waits --grace/);
    watched.both('whole', 600);
    await watched.is('inconclusive', /^600 of 1200 requests have no answer of the mirror that counts/);
  });

  test('is not said of too few pairs, and how many are missing is', async (t) => {
    const watched = new Watched(t);
    watched.both('few', 100);
    const { pairs } = await watched.isOf('inconclusive', 100, /more pairs/);
    assert.equal(pairs.missing, (pairs.needed ?? 0) - 100);
    assert.ok((pairs.missing ?? 0) > 0);
  });

  test('is not promised where a FAIL comes first: that one is', async (t) => {
    const watched = new Watched(t);
    watched.both('worse', 1000, (i) => ({ ...(i % 200 === 100 && { mirrorStatus: 500 }) }));
    const { pairs, reasons } = await watched.isOf('inconclusive', 1000, /, some \d+ more pairs prove (?:it|a rise)$/);
    assert.deepEqual(pairs, { counted: 1000, needed: null, missing: null });
    assert.equal(reasons.join().match(/more pairs/g)?.length, 1);
  });

  test('is not said any more when both logs are silent', async (t) => {
    const watched = await passing(t);
    watched.pass(HOUR);
    await watched.is('inconclusive', /nothing came from production's log for/);
    await watched.is('inconclusive', /no request was paired with an answer for/);
  });

  test('comes back when requests do', async (t) => {
    const watched = await passing(t);
    watched.pass(HOUR);
    await watched.is('inconclusive');
    watched.both('again', 100);
    await watched.is('pass');
  });

  test('is not said any more when the mirror stopped and production goes on', async (t) => {
    const watched = await passing(t);
    watched.pass(HOUR);
    watched.logs.production(requests('alone', 50, watched.startMs + watched.passedMs));
    await watched.is('inconclusive', /nothing came from the mirror for/);
  });

  test('is not said any more when production stopped and the mirror goes on', async (t) => {
    const watched = await passing(t);
    watched.pass(HOUR);
    watched.logs.mirror(requests('alone', 50, watched.startMs + watched.passedMs));
    await watched.is('inconclusive', /nothing came from production's log for/);
  });

  test('is not said any more when both go on and nothing is paired: another agent writes the record', async (t) => {
    const watched = await passing(t);
    watched.pass(HOUR);
    const now = watched.startMs + watched.passedMs;
    renameSync(watched.logs.record, watched.logs.path('old.jsonl'));
    watched.logs.mirror(requests('of others', 50, now));
    watched.logs.production(requests('own', 50, now));
    await watched.is('inconclusive', /no request was paired with an answer for/);
  });

  test('needs each destination to go on', async (t) => {
    const watched = new Watched(t);
    const toBoth = (name: string) => {
      const all = requests(name, 1000, watched.startMs + watched.passedMs, { destination: 'http://a' });
      watched.logs.mirror(all.map((each) => ({ ...each, destination: 'http://b' })));
      watched.logs.both(all);
    };
    toBoth('first');
    await watched.is('pass');
    await until('all pairs of both are counted', () => {
      const { destinations = [] } = watched.comparison.report() ?? {};
      watched.pass(100);
      return destinations.length === 2 && destinations.every(({ paired }) => paired === 1000);
    });
    watched.pass(HOUR);
    watched.both('more', 5, { destination: 'http://a' });
    await watched.is('inconclusive', /paired with an answer of http:\/\/b for/);
    toBoth('again');
    await watched.is('pass');
  });

  test('is not said while one of two destinations has other ids, and the grace is not to blame', async (t) => {
    const watched = new Watched(t);
    const all = requests('ours', 300, watched.startMs);
    watched.logs.mirror(all.map((each) => ({ ...each, destination: 'http://a' })));
    watched.logs.mirror(all.map((each) => ({ ...each, id: `foreign-${each.id}`, destination: 'http://b' })));
    watched.logs.production(all);
    const { reasons } = await watched.is('inconclusive', /^no request was paired with an answer of http:\/\/b yet$/);
    assert.doesNotMatch(reasons.join('\n'), /waits --grace/);
  });

  test('is not said of old data that is read now', async (t) => {
    const watched = new Watched(t, { sinceAgoMs: 3 * HOUR });
    watched.logs.both(requests('old', 1000, watched.startMs - HOUR));
    await watched.is('inconclusive', /the last pair is .* old by its own time/);
  });

  test('is not waited for where no request has an id', async (t) => {
    const watched = new Watched(t);
    const all = requests('none', 50, watched.startMs + watched.passedMs);
    watched.logs.both(all.map((each, index) => ({ ...each, id: '-', path: `/${index}` })));
    watched.pass(HOUR);
    await watched.is('inconclusive', /^50 requests could not be paired: no id is on both sides$/);
  });

  test('is not said of one request that is older than --since', async (t) => {
    const watched = new Watched(t);
    watched.logs.both(requests('before', 1, watched.startMs - HOUR));
    await watched.is('inconclusive', /: the comparison waits --grace \(3\.0 s\) before it counts a request$/);
    await watched.is('inconclusive', /^1 request of production was left out/);
  });

  test('is not said of the release before: what is older than --since does not count', async (t) => {
    const watched = new Watched(t);
    watched.logs.both(requests('before', 1000, watched.startMs - HOUR));
    await watched.is('inconclusive', /1000 requests of production were left out/);
    watched.both('after', 10);
    await watched.isOf('inconclusive', 10, /more pairs/);
  });

  test('is not said to who asks about a release that began later', async (t) => {
    const watched = await passing(t);
    const { status, reasons } = watched.comparison.verdict({ askedSinceMs: watched.startMs + MINUTE });
    assert.equal(status, 'inconclusive');
    assert.match(reasons[0] ?? '', /requests are counted from .* on, and what is asked about began/);
    assert.equal(watched.comparison.verdict({ askedSinceMs: watched.startMs - MINUTE }).status, 'pass');
  });

  test('is not said when clocks are an hour apart', async (t) => {
    const behind = await passing(t);
    behind.wallMs = HOUR;
    await behind.is('inconclusive', /old by its own time: old data, or a clock or zone is wrong/);
    behind.wallMs = -HOUR;
    await behind.is('inconclusive', /in the future: a clock or zone is wrong/);
    behind.wallMs = 0;
    await behind.is('pass');
  });

  test('holds when the clocks of both sides are apart and each goes on', async (t) => {
    const watched = new Watched(t, { isAlone: true });
    const all = requests('skewed', 1000, watched.startMs);
    watched.logs.production(all);
    watched.logs.mirror(all.map((each) => ({ ...each, ms: each.ms - HOUR })));
    await watched.is('pass');
  });

  test('is not said while a file is missing', async (t) => {
    const missing = new Logs(t).path('later.jsonl');
    const watched = new Watched(t);
    const { log, record } = watched.logs;
    const other = new Watched(t, { isAlone: true, arguments: { production: [log], mirror: [record, missing] } });
    watched.both('a', 1000);
    await watched.is('pass');
    await other.is('inconclusive', /later\.jsonl is not there yet/);
    writeFileSync(missing, '');
    await other.is('pass');
  });

  test('is not said when a file cannot be read', async (t) => {
    const folder = new Logs(t).path('folder');
    mkdirSync(folder);
    const watched = new Watched(t);
    const { log, record } = watched.logs;
    const other = new Watched(t, { isAlone: true, arguments: { production: [log, folder], mirror: [record] } });
    watched.both('a', 1000);
    await watched.is('pass');
    await other.is('inconclusive', /folder is a directory/);
  });

  test('holds through rotation and truncation, while requests go on', async (t) => {
    const watched = await passing(t);
    renameSync(watched.logs.log, watched.logs.path('lb-access.log.1'));
    truncateSync(watched.logs.record, 0);
    watched.pass(HOUR);
    watched.both('rotated', 100);
    // That they are paired is seen a look before that they are new.
    await watched.isOf('pass', 1100);
  });

  test('is not said when mirroring itself fails', async (t) => {
    const spoe = new Logs(t);
    const watched = new Watched(t, { log: spoe.log });
    watched.both('fine', 1000);
    spoe.production(requests('failing', 500, watched.startMs, { st: 264 }));
    await watched.is('inconclusive', /mirroring itself is failing/);
  });

  test('is not said when no SPOE line can be found in the log that should have them', async (t) => {
    const spoe = new Logs(t);
    const watched = new Watched(t, { log: spoe.log });
    watched.both('fine', 1000);
    writeFileSync(spoe.log, 'some words\n'.repeat(100));
    await watched.is('inconclusive', /mirroring itself is unknown/);
  });

  test('is not said when everything is denied on both sides', async (t) => {
    const watched = new Watched(t);
    watched.both('denied', 2000, { status: 403 });
    await watched.is('inconclusive', /production itself answered 2000 of 2000 pairs with 4xx or 5xx/);
  });

  test('is not said of a record that is full of drops', async (t) => {
    const watched = new Watched(t);
    watched.both('dropped', 2000, (i) => (i % 2 === 0 ? { error: 'dropped-queue-full' } : {}));
    await watched.isOf('inconclusive', 1000, /1000 of 2000 requests have no answer of the mirror/);
  });

  test('is not said when lines cannot be read', async (t) => {
    const watched = new Watched(t);
    writeFileSync(watched.logs.record, '{"half a line\n'.repeat(300));
    watched.both('fine', 1000);
    await watched.is('inconclusive', /of the lines of .*mirror\.jsonl could not be read/);
  });

  test('is not said when the sides are one log', async (t) => {
    const watched = new Watched(t);
    const copy = watched.logs.path('copy.log');
    const other = new Watched(t, { isAlone: true, arguments: { production: [watched.logs.log], mirror: [copy] } });
    watched.logs.production(requests('same', 500, other.startMs));
    writeFileSync(copy, readFileSync(watched.logs.log));
    await other.is('inconclusive', /hold the same lines|SPOE lines of the HAProxy/);
  });
});

describe('a FAIL', { concurrency: 6 }, () => {
  test('stays, however many pairs are fine after it', async (t) => {
    const watched = new Watched(t);
    const base = (i: number) => (i % 20 === 0 ? { status: 500 } : {});
    watched.both('broken', 1000, (i) => (i % 20 === 1 ? { mirrorStatus: 500 } : base(i)));
    const { failedMs, reasons } = await watched.is('fail');
    assert.notEqual(failedMs, null);
    watched.both('mended', 10_000, base);
    const later = await watched.until('11,000 pairs', ({ pairs: { counted } }) => counted === 11_000);
    assert.ok(
      later.gates.every(({ status }) => status !== 'fail'),
      'by now the report itself has no failed gate',
    );
    assert.equal(later.status, 'fail');
    assert.equal(later.failedMs, failedMs);
    // What is written at once may be read in two looks.
    const since = /^FAIL since \d{4}-\S+ \S+Z, when there were \d+ pairs/;
    assert.match(later.reasons[0] ?? '', since);
    assert.equal(later.reasons[1], reasons[0]);
    // While it still fails its reasons are those of now, and stand there once.
    watched.both('worse', 8000, (i) => (i % 5 === 1 ? { mirrorStatus: 500 } : base(i)));
    const worse = await watched.until('19,000 pairs', ({ pairs: { counted } }) => counted === 19_000);
    assert.equal(worse.reasons.filter((reason) => reason.startsWith('errors rose')).length, 1);
    assert.match(worse.reasons.find((reason) => since.test(reason)) ?? '', /pairs$/);
  });

  test('says first that the mirror does not answer, and why', async (t) => {
    const watched = await passing(t);
    watched.both('gone', 2000, { error: 'connect-refused' });
    await watched.is('inconclusive', /^gates fail since/);
    watched.pass(SURE_MS);
    // Until all of its record is read, too, the mirror only seems not to answer.
    const said = /^mirroring itself is failing: .*connect-refused/;
    const { reasons } = await watched.until(`fail, and first ${said}`, ({ status, reasons: [first = ''] }) => {
      return status === 'fail' && said.test(first);
    });
    assert.equal(new Set(reasons).size, reasons.length);
  });

  test('is seen without being asked for', async (t) => {
    const watched = await passing(t);
    watched.both('broken', 300, { mirrorStatus: 500 });
    await watched.is('inconclusive', /^gates fail since/);
    watched.pass(SURE_MS);
    await watched.isOf('fail', 1300);
    watched.pass(HOUR);
    await watched.is('fail', /nothing came from production's log/);
  });

  test('of a limit says how things stand at each look', async (t) => {
    const watched = new Watched(t, { arguments: { failOn: ['error-rate>1%'], gates: 'pairs' } });
    watched.both('a', 300, (i) => (i < 6 ? { mirrorStatus: 500, status: 500 } : {}));
    await watched.is('fail');
    watched.both('b', 2000);
    const { failedMs } = await watched.is('pass');
    assert.equal(failedMs, null);
  });

  test('of requests that are not paired is none', async (t) => {
    const watched = new Watched(t);
    watched.logs.production(requests('x', 1000, watched.startMs));
    watched.logs.mirror(requests('y', 1000, watched.startMs, { mirrorStatus: 500 }));
    await watched.is('inconclusive', /no request was paired/);
  });
});
