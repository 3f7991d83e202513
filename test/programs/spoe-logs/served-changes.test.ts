/** Pages that are open show the last lines at the next tell: by a clock that the test moves on. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { readLogOptions } from '../../../src/programs/spoe-logs/log-options.ts';
import { type Changing, changeTeller } from '../../../src/programs/spoe-logs/served-changes.ts';
import { ServedLogs } from '../../../src/programs/spoe-logs/served-logs.ts';
import { makePages } from '../../../src/programs/spoe-logs/served-pages.ts';
import { EventStreams } from '../../../src/serving/event-streams.ts';
import { Kept } from '../../../src/serving/kept.ts';
import type { Asked } from '../../../src/serving/web-server.ts';
import { until } from '../../until.ts';
import { Logs, requests } from './served-lines.ts';

const TELL_MS = 1_000;

/** A browser with the page open: it asks when it is told of another version than it knows. */
class Reader {
  readonly size = 1;
  known = '';
  shown = '';
  readonly #page: string;
  readonly #fetch: () => string;

  constructor(page: string, fetch: () => string) {
    this.#page = page;
    this.#fetch = fetch;
    this.shown = fetch();
  }

  tell(_event: string, data: string): void {
    const version = String(JSON.parse(data)[this.#page]);
    if (version === this.known) return;
    this.known = version;
    this.shown = this.#fetch();
  }
}

/** Something that grows and takes its time to be made. */
class Growing implements Changing {
  version = 1;
  readonly kept: Kept<string>;
  constructor(clock: { nowMs: number }, tookMs: number) {
    this.kept = new Kept({
      version: () => this.version,
      make: (version) => {
        clock.nowMs += tookMs;
        return String(version);
      },
      share: 0.1,
      now: () => clock.nowMs,
    });
  }
  get servedVersion(): number {
    return this.kept.versionFor(1000);
  }
}

describe('a page that is open', () => {
  for (const tookMs of [0, 20, 400]) {
    test(`has the last line as soon as it is served, where an answer takes ${tookMs} ms`, () => {
      const clock = { nowMs: 0 };
      const source = new Growing(clock, tookMs);
      const reader = new Reader('Summary', () => source.kept.get(1000).value);
      const tell = changeTeller({ Summary: source }, reader, () => clock.nowMs);
      for (let i = 0; i < 10; i++) {
        tell();
        // A line that comes at once after the answer, and is the last one.
        if (i < 4) source.version++;
        clock.nowMs += TELL_MS / 2;
        if (i < 4) source.version++;
        clock.nowMs += TELL_MS / 2;
      }
      assert.equal(reader.shown, String(source.version));
    });
  }

  test('is told of what others have asked for', () => {
    const clock = { nowMs: 0 };
    const source = new Growing(clock, 0);
    const reader = new Reader('Summary', () => source.kept.get(1000).value);
    const tell = changeTeller({ Summary: source }, reader, () => clock.nowMs);
    tell();
    source.version++;
    clock.nowMs += TELL_MS;
    assert.equal(source.kept.get(1000).version, 2, 'somebody else asks just before');
    tell();
    assert.equal(reader.shown, '2');
  });

  test('is told of silence, and not more often than that', () => {
    const clock = { nowMs: 0 };
    const source = new Growing(clock, 0);
    let asked = 0;
    const reader = new Reader('Summary', () => {
      asked++;
      return source.kept.get(1000).value;
    });
    const tell = changeTeller({ Summary: source }, reader, () => clock.nowMs);
    for (let i = 0; i < 31; i++) {
      tell();
      clock.nowMs += TELL_MS;
    }
    assert.equal(asked, 1 + 1 + 3, 'the page itself, the first word, and each ten seconds');
  });

  test('of real logs bears the version of its figures, and has the last ones at the next tell', async (t: TestContext) => {
    const clock = { nowMs: 0 };
    const now = () => clock.nowMs;
    const files = new Logs(t);
    files.both(requests('first', 5, Date.now()));
    const options = readLogOptions(
      { follow: true, tz: 'UTC' } as unknown as Parameters<typeof readLogOptions>[0],
      Date.now(),
    );
    const logs = new ServedLogs({ ...options, files: [files.log], record: [], by: ['agent'] }, now);
    const ending = new AbortController();
    const end = logs.follow(ending.signal);
    const counts = { requests: 0, connectionsCut: 0, hostsRefused: 0, unauthorized: 0 };
    const dropped = { streamsRefused: 0, streamsLeft: 0, eventsDropped: 0 };
    const streams = new EventStreams(1, dropped);
    t.after(async () => {
      streams.end();
      ending.abort();
      await end;
    });
    const pages = makePages(
      {
        ...{ logs, comparison: undefined, streams, counts: { ...counts, ...dropped } },
        ...{ version: '0', command: [], isEnding: () => false },
      },
      now,
    );
    const events = () => {
      clock.nowMs += 10_000;
      return logs.summary().total.count;
    };
    const fetchPage = () => {
      const answer = pages.get('/')?.answer({ query: new URLSearchParams() } as Asked);
      assert.ok(answer !== undefined && 'body' in answer);
      return String(answer.body);
    };
    const versionOf = (page: string) => Number(/data-version="(\d+)"/.exec(page)?.[1]);
    await until('the first lines are read', () => events() === 5);
    const before = fetchPage();
    const told = logs.made().version;
    assert.equal(versionOf(before), told);
    const reader = new Reader('Summary', fetchPage);
    const tell = changeTeller({ Summary: logs }, reader, now);
    tell();
    files.production(requests('last', 37, Date.now()));
    // The clock stands still: who asks gets the page as it was, with its own version.
    await until('the last lines are read', () => logs.version > told);
    assert.equal(versionOf(fetchPage()), logs.made().version);
    clock.nowMs += TELL_MS;
    tell();
    assert.equal(versionOf(reader.shown), logs.made().version);
    // The title alone: moments and hashes of the page have any number in them.
    const titleOf = (page: string) => /<title>(.*)<\/title>/.exec(page)?.[1];
    assert.equal(titleOf(before), 'HEALTHY — none of 5 events failed');
    assert.equal(titleOf(reader.shown), 'HEALTHY — none of 42 events failed');
  });
});
