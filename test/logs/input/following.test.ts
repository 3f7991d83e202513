import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type FollowedInput, Following } from '../../../src/logs/input/following.ts';
import { eventLine, Reading, TemporaryFolder } from '../reading.ts';

let folder: TemporaryFolder;
let reading: Reading;
let awaited: string[];
let problems: string[];

beforeEach(() => {
  folder = new TemporaryFolder();
  reading = new Reading();
  awaited = [];
  problems = [];
});

afterEach(() => folder.remove());

const append = (name: string, ...sids: number[]) =>
  appendFileSync(folder.file(name), sids.map((sid) => `${eventLine(sid)}\n`).join(''));

function inputOf(name: string, pollBytes?: number): FollowedInput {
  return { path: folder.file(name), createFeed: () => reading.feed(), pollBytes };
}

/** Follows the inputs; after each round one step is taken, after the last one, while it waits, comes the signal. */
async function follow(inputs: readonly FollowedInput[], steps: readonly (() => void)[]): Promise<boolean> {
  const stopping = new AbortController();
  const left = [...steps];
  return await new Following(inputs).run({
    signal: stopping.signal,
    onPolled: () => undefined,
    onRound: () => {
      const step = left.shift();
      step?.();
      if (left.length === 0) setImmediate(() => stopping.abort());
    },
    onAwaited: ({ path }) => awaited.push(path),
    onProblem: ({ code }) => problems.push(code),
  });
}

describe('following', () => {
  test('reads what the files hold, then what comes, until the signal, and what had come by then', async () => {
    append('a.log', 1);
    append('b.log', 2);
    const hasMore = await follow(
      [inputOf('a.log'), inputOf('b.log')],
      [() => append('b.log', 3), () => append('a.log', 4)],
    );
    assert.deepEqual([reading.sids, hasMore], [[1, 2, 3, 4], false]);
  });

  test('goes through a rename, a truncation in place, and two replacements at once', async () => {
    const path = folder.file('lb.log');
    const rotate = (to: string) => renameSync(path, folder.file(to));
    append('lb.log', 1);
    await follow(
      [inputOf('lb.log')],
      [
        () => {
          append('lb.log', 2);
          rotate('lb.log.1');
          append('lb.log', 3);
        },
        () => {
          truncateSync(path);
          append('lb.log', 4);
        },
        () => {
          rotate('lb.log.3');
          append('lb.log', 5);
          rotate('lb.log.2');
          append('lb.log', 6);
        },
        () => rmSync(path),
        () => append('lb.log', 7),
      ],
    );
    // The one between two looks was never seen at its path.
    assert.deepEqual(reading.sids, [1, 2, 3, 4, 6, 7]);
  });

  test('says once that a file is not there yet, and reads it when it comes', async () => {
    append('a.log', 1);
    const nothing = () => undefined;
    await follow([inputOf('later.log'), inputOf('a.log')], [nothing, nothing, () => append('later.log', 2)]);
    assert.deepEqual(reading.sids, [1, 2]);
    assert.deepEqual(awaited, [folder.file('later.log')]);
  });

  test('goes on with the other files when one cannot be followed, and ends when none can', async () => {
    mkdirSync(folder.file('folder'));
    append('a.log', 1);
    await follow([inputOf('folder'), inputOf('a.log')], [() => append('a.log', 2)]);
    assert.deepEqual([reading.sids, problems], [[1, 2], ['is-directory']]);
    // Without a signal.
    const { signal } = new AbortController();
    const onProblem = ({ code }: { code: string }) => problems.push(code);
    const following = new Following([inputOf('folder')]);
    await following.run({ signal, onPolled: () => undefined, onAwaited: () => undefined, onProblem });
    assert.deepEqual([problems, following.isOpen], [['is-directory', 'is-directory'], false]);
  });

  test('counts a line without an end at the end', async () => {
    appendFileSync(folder.file('a.log'), eventLine(1));
    await follow([inputOf('a.log')], []);
    assert.deepEqual(reading.sids, [1]);
  });

  test('tells when it was stopped before all was read', async () => {
    append('a.log', ...Array.from({ length: 100 }, (_, i) => i));
    assert.equal(await follow([inputOf('a.log', 200)], []), true);
    assert.ok(reading.sids.length < 10, `${reading.sids.length}`);
  });

  test('does not read an input that is not due', async () => {
    append('a.log', 1);
    append('b.log', 2);
    const stopping = new AbortController();
    const polled: string[] = [];
    await new Following([inputOf('a.log'), inputOf('b.log')]).run({
      signal: stopping.signal,
      isDue: ({ path }) => path.endsWith('b.log'),
      onPolled: ({ path }) => {
        polled.push(path.slice(-5));
        stopping.abort();
      },
      onAwaited: ({ path }) => awaited.push(path),
      onProblem: () => undefined,
    });
    assert.deepEqual(reading.sids, [2]);
    // Both are left at the end.
    assert.deepEqual(polled, ['b.log', 'a.log', 'b.log']);
  });
});
