import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DestinationHealth, OBSERVE_MS } from '../../src/agent/health.ts';
import { type DestinationStats, emptyCounts } from '../../src/mirror/statistics.ts';

/** A destination whose counters a test moves on, observed once a second. */
class Watched {
  readonly lines: string[] = [];
  readonly health = new DestinationHealth('http://m', (line) => this.lines.push(line));
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
    this.health.observe(this.#stats(), this.#nowMs);
    return this;
  }

  #stats(): DestinationStats {
    const rest = { queued: 0, queuedBytes: 0, inFlight: this.#waiting, connections: 1 };
    return { destination: 'http://m', ...rest, ...structuredClone(this.#counts) };
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
    assert.equal(watched.lines[1], 'http://m answers again');
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
