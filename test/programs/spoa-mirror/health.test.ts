import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addCounts, type DestinationStats, emptyCounts } from '../../../src/mirror/statistics.ts';
import { DestinationHealth, MirrorHealth, OBSERVE_MS } from '../../../src/programs/spoa-mirror/health.ts';

/** A destination whose counters a test moves on, observed once a second. */
class Watched {
  readonly lines: string[] = [];
  /** When each line was said. */
  readonly saidMs: number[] = [];
  readonly health = new DestinationHealth('http://m', (line) => {
    this.lines.push(line);
    this.saidMs.push(this.#nowMs);
  });
  readonly #counts = emptyCounts();
  #waiting = 0;
  #nowMs = 0;

  /** A second in which so many requests got this status or error. */
  second(outcomes: { readonly [outcome: string]: number }, waiting = 0): this {
    const counts = this.#counts as {
      mirrored: number;
      statuses: Record<string, number>;
      errors: Record<string, number>;
    };
    for (const [outcome, count] of Object.entries(outcomes)) {
      const isStatus = /^\d/.test(outcome);
      const into = isStatus ? counts.statuses : counts.errors;
      into[outcome] = (into[outcome] ?? 0) + count;
      if (!isStatus) continue;
      counts.mirrored += count;
      this.#counts.latency.sumMs += 10 * count;
    }
    this.#waiting = waiting;
    this.#nowMs += OBSERVE_MS;
    this.health.observe(this.stats(), this.#nowMs);
    return this;
  }

  stats(): DestinationStats {
    const rest = { queued: 0, queuedBytes: 0, inFlight: this.#waiting, connections: 1 };
    return { destination: 'http://m', ...rest, ...this.#counts };
  }
}

describe('a destination of the mirror', () => {
  test('that nobody is at is said at the first request, and is not ready', () => {
    const watched = new Watched().second({ 'connect-refused': 1 }).second({ 'connect-refused': 4 });
    assert.deepEqual(watched.lines, ['http://m fails: 1 of 1 requests (connect-refused 1)']);
    assert.equal(watched.health.unready, 'http://m fails: 5 of 5 requests (connect-refused 5)');
  });

  test('that answers again is one line with what the outage cost', () => {
    const watched = new Watched().second({ 200: 50 });
    for (let i = 0; i < 5; i++) watched.second({ 'connect-refused': 8, timeout: 2 });
    watched.second({ 200: 10 }).second({ 200: 10 });
    assert.deepEqual(watched.lines, [
      'http://m fails: 10 of 10 requests (connect-refused 8, timeout 2)',
      'http://m answers again; in 5 s it failed 50 of 60 requests (connect-refused 40, timeout 10)',
    ]);
    assert.equal(watched.health.unready, undefined);
  });

  test('that answers everything with 5xx fails, and is not ready', () => {
    const watched = new Watched().second({ 200: 5 }).second({ 503: 9, 500: 1 });
    assert.deepEqual(watched.lines, ['http://m fails: 10 of 10 requests (503 9, 500 1)']);
    assert.match(watched.health.unready ?? '', /fails: 10 of 10/);
  });

  test('that fails one request in a hundred, or one at all, is no outage', () => {
    const watched = new Watched();
    for (let i = 0; i < 20; i++) watched.second({ 200: 99, reset: 1 });
    watched.second({ 200: 1 }).second({ reset: 1 });
    assert.deepEqual(watched.lines, []);
    assert.equal(watched.health.unready, undefined);
  });

  test('that fails every other request is one line, not one for each, and stays ready', () => {
    const watched = new Watched();
    for (let i = 0; i < 200; i++) watched.second({ 200: 1, timeout: 1 });
    assert.equal(watched.lines.length, 1);
    assert.equal(watched.health.unready, undefined);
  });

  test('that comes and goes is said less and less often', () => {
    const watched = new Watched();
    for (let i = 0; i < 100; i++) watched.second({ 200: 4 }).second({ reset: 4 }).second({ 200: 4 });
    assert.ok(watched.lines.length <= 16, `${watched.lines.length} lines`);
  });

  test('that takes requests and answers none is said and not ready, until it answers', () => {
    const watched = new Watched().second({ 200: 20 }).second({}, 10).second({}, 30).second({}, 50);
    assert.deepEqual(watched.lines, ['http://m answers nothing: 50 requests wait']);
    assert.equal(watched.health.unready, 'http://m answers nothing, 50 requests wait');
    watched.second({ 200: 50 });
    assert.equal(watched.lines[1], 'http://m answers again; in 1 s up to 50 requests waited');
    assert.equal(watched.health.unready, undefined);
  });

  test('that nobody asks anything is ready, and what the agent dropped says nothing about it', () => {
    const watched = new Watched().second({ 200: 20 });
    for (let i = 0; i < 10; i++)
      watched.second({ 'dropped-queue-full': 10, 'skipped-truncated': 1, 'invalid-path': 3 });
    assert.deepEqual(watched.lines, ['the queue for http://m is full: 10 of 14 requests dropped']);
    assert.equal(watched.health.unready, undefined);
  });

  test('counters that went back, as those of a worker that died do, are no failures', () => {
    const watched = new Watched().second({ 200: 20, reset: 2 });
    watched.health.observe({ ...emptyStats(), mirrored: 3, statuses: { 200: 3 } }, 2_000);
    assert.deepEqual(watched.lines, []);
  });
});

function emptyStats(): DestinationStats {
  return { destination: 'http://m', queued: 0, queuedBytes: 0, inFlight: 0, connections: 0, ...emptyCounts() };
}

type Second = readonly [outcomes: { readonly [outcome: string]: number }, waiting?: number];

/** What a mirror does in its bad seconds; in the others it answers. */
const TROUBLES: { readonly [kind: string]: Second } = {
  'times out': [{ timeout: 60 }, 60],
  'times out every other request': [{ 200: 30, timeout: 30 }, 30],
  resets: [{ reset: 60 }],
  'answers 503': [{ 503: 60 }],
  'answers nothing': [{}, 60],
  'is too slow for the queue': [{ 200: 30, 'dropped-queue-full': 30 }, 64],
  'refuses, and the queue is full': [{ 'connect-refused': 30, 'dropped-queue-full': 30 }],
};
const GOOD: Second = [{ 200: 60 }, 3];
const TROUBLE: Second = [{ reset: 60 }];
const PERIODS_S = [1, 2, 5, 11, 30, 120, 400];
const HOUR_S = 3600;

/** The most lines within any 60 seconds. */
function mostInAMinute(saidMs: readonly number[]): number {
  return Math.max(0, ...saidMs.map((from) => saidMs.filter((at) => at >= from && at < from + 60_000).length));
}

describe('a destination that comes and goes', () => {
  for (const [kind, trouble] of Object.entries(TROUBLES)) {
    test(`and ${kind} in between: few lines, whatever its period, as many begins as ends`, () => {
      for (const bad of PERIODS_S) {
        for (const good of PERIODS_S) {
          const watched = new Watched();
          for (let second = 0; second < HOUR_S; second++)
            watched.second(...(second % (bad + good) < good ? GOOD : trouble));
          for (let second = 0; second < 400; second++) watched.second(...GOOD);
          const what = `${bad} s of trouble, ${good} s without:\n${watched.lines.join('\n')}`;
          assert.ok(mostInAMinute(watched.saidMs) <= 12, what);
          assert.ok(watched.lines.length <= 110, what);
          const begun = (begin: RegExp, end: RegExp) =>
            [begin, end].map((words) => watched.lines.filter((line) => words.test(line)).length);
          const [drops, dropsEnd] = begun(/ is full: /, / drops no more; /);
          assert.equal(drops, dropsEnd, what);
          const [begins = 0, ends = 0] = begun(/ fails: | answers nothing: /, / answers again; /);
          // Who answers nothing may come to fail: both are over at once.
          const [silent = 0] = begun(/ answers nothing: /, /^$/);
          assert.ok(ends >= 1 || begins === 0, what);
          assert.ok(begins >= ends && begins - ends <= silent, what);
          assert.match(watched.lines.at(-1) ?? '; ', /; /, what);
        }
      }
    });
  }

  test('whatever it does, a minute has at most a dozen lines and an hour a hundred', () => {
    const kinds = fc.constantFrom(GOOD, ...Object.values(TROUBLES));
    const script = fc.array(fc.tuple(kinds, fc.integer({ min: 1, max: 90 })), { minLength: 10, maxLength: 80 });
    fc.assert(
      fc.property(script, (parts) => {
        const watched = new Watched();
        for (const [second, times] of parts) for (let i = 0; i < times; i++) watched.second(...second);
        assert.ok(mostInAMinute(watched.saidMs) <= 12, watched.lines.join('\n'));
        assert.ok(watched.lines.length <= 100, watched.lines.join('\n'));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('is told apart from another one', () => {
    const lines: string[] = [];
    const health = new MirrorHealth((line) => lines.push(line));
    const [flapping, sound] = [new Watched(), new Watched()];
    for (let second = 0; second < HOUR_S; second++) {
      flapping.second(...(second % 4 < 2 ? GOOD : TROUBLE));
      sound.second(...GOOD);
      const destinations = [flapping.stats(), { ...sound.stats(), destination: 'http://other' }];
      const all = {
        received: 0,
        taken: 0,
        filtered: 0,
        sampledOut: 0,
        queued: 0,
        queuedBytes: 0,
        inFlight: 0,
        connections: 0,
      };
      health.observe({ ...all, ...addCounts(destinations), destinations }, second * OBSERVE_MS);
    }
    assert.deepEqual(lines, flapping.lines);
  });
});

describe('the queue for a destination', () => {
  test('that drops is said when it begins and when it is over, with counts', () => {
    const watched = new Watched().second({ 200: 30 });
    watched.second({ 200: 10, 'dropped-queue-full': 5 }).second({ 200: 10, 'dropped-queue-full': 20 });
    for (let i = 0; i < 12; i++) watched.second({ 200: 10 });
    assert.deepEqual(watched.lines, [
      'the queue for http://m is full: 5 of 15 requests dropped',
      'the queue for http://m drops no more; in 11 s 25 of 145 requests were dropped',
    ]);
    assert.equal(watched.health.unready, undefined);
  });
});

describe('an address', () => {
  test('behind which nothing of production is is said once', () => {
    const watched = new Watched().second({ 404: 12, 302: 3 }).second({ 404: 9 }).second({ 404: 50 });
    assert.deepEqual(watched.lines, [
      'http://m answered none of the first 24 requests with 2xx (404 21, 302 3): check the path of -u, --host-header and credentials',
    ]);
  });

  test('that answers some requests is right', () => {
    assert.deepEqual(new Watched().second({ 404: 30, 200: 1 }).second({ 404: 50 }).lines, []);
    assert.deepEqual(new Watched().second({ 304: 30 }).lines, []);
  });
});
