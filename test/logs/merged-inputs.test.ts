import assert from 'node:assert/strict';
import { appendFileSync, renameSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { LineFeed } from '../../src/logs/line-feed.ts';
import { type MergedInput, MergedInputs } from '../../src/logs/merged-inputs.ts';
import { PlainScanner } from '../../src/logs/plain-scanner.ts';
import { LineTally } from '../../src/logs/tally.ts';
import { TimeResolver } from '../../src/logs/time.ts';
import { parseZone } from '../../src/logs/zone.ts';
import { TemporaryFolder } from './reading.ts';

const NOON = Date.UTC(2026, 10, 22, 12);

interface Input extends MergedInput {
  readonly name: string;
}

let folder: TemporaryFolder;
/** `NAME SID` of each line, in the order in which they were taken. */
let taken: string[];
let merged: MergedInputs<number, Input>;

beforeEach(() => {
  folder = new TemporaryFolder();
  taken = [];
  merged = new MergedInputs();
});

afterEach(() => folder.remove());

/** A line of this second, whose sid is the same. */
function lineAt(second: number): string {
  const time = new Date(NOON + second * 1000).toISOString().slice(11, 19);
  return `Nov 22 ${time} lb1 haproxy[713]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${second} st=0 0/0/0/1/1 1/1 0/0 0/1\n`;
}

const append = (name: string, ...seconds: number[]) => appendFileSync(folder.file(name), seconds.map(lineAt).join(''));

function inputOf(name: string): Input {
  const times = new TimeResolver({ zone: parseZone('UTC'), referenceMs: NOON });
  const tally = new LineTally();
  const scanner = new PlainScanner(tally, times, ({ parsed, timeMs = Number.NaN }) => {
    if (parsed.kind === 'event') merged.keep(Number(parsed.event.sid), timeMs);
  });
  const nothing = () => undefined;
  const createFeed = () => new LineFeed(scanner, tally, times);
  return { name, path: folder.file(name), createFeed, onEnter: nothing, onRead: nothing };
}

/** Follows the files; after each round with nothing more to read one step is taken, after the last one comes the signal. */
async function follow(names: readonly string[], steps: readonly (() => void)[]): Promise<void> {
  const stopping = new AbortController();
  const left = [...steps];
  await merged.follow(names.map(inputOf), {
    signal: stopping.signal,
    order: { aheadMs: () => 0, isFirst: () => false },
    take: (sid, { name }) => taken.push(`${name} ${sid}`),
    onRound: (hasMore) => {
      if (hasMore) return;
      const step = left.shift();
      step?.();
      if (left.length === 0) setImmediate(() => stopping.abort());
    },
    onAwaited: (path) => taken.push(`waits for ${path.slice(folder.path.length + 1)}`),
    onGivenUp: () => undefined,
  });
}

describe('files that are followed together', () => {
  test('give their lines in the order of their times, also where one holds far more than is read at once', async () => {
    const seconds = Array.from({ length: 10_000 }, (_, i) => i);
    const [odd, even] = [1, 0].map((rest) => seconds.filter((second) => second % 2 === rest));
    append('odd', ...(odd ?? []).slice(0, 3));
    append('even', ...(even ?? []));
    append('odd', ...(odd ?? []).slice(3));
    await follow(['odd', 'even'], []);
    assert.deepEqual(
      taken,
      seconds.map((second) => `${second % 2 === 0 ? 'even' : 'odd'} ${second}`),
    );
  });

  test('are read on through a rotation, and wait for no line that may still come', async () => {
    append('a', 1, 4);
    append('b', 2);
    await follow(
      ['a', 'b'],
      [
        () => append('b', 3),
        () => {
          append('a', 5);
          renameSync(folder.file('a'), folder.file('a.1'));
          append('a', 7);
          append('b', 6);
        },
      ],
    );
    assert.deepEqual(taken, ['a 1', 'b 2', 'a 4', 'b 3', 'a 5', 'b 6', 'a 7']);
  });

  test('may come later, and end without a newline', async () => {
    append('a', 2);
    const last = () => {
      append('b', 1);
      appendFileSync(folder.file('a'), lineAt(3).trimEnd());
    };
    await follow(['a', 'b'], [last]);
    assert.deepEqual(taken, ['a 2', 'waits for b', 'b 1', 'a 3']);
    assert.deepEqual([merged.awaited, merged.isOpen], [[], true]);
  });

  test('that cannot be followed leave the others, with what was read of them', async () => {
    append('a', 1);
    append('b', 2);
    const toBinary = () => {
      renameSync(folder.file('a'), folder.file('a.1'));
      appendFileSync(folder.file('a.1'), lineAt(3).trimEnd());
      folder.write('a', 'LPKSHHRH');
    };
    await follow(['a', 'b'], [toBinary, () => append('b', 4)]);
    assert.deepEqual(taken, ['a 1', 'b 2', 'a 3', 'b 4']);
    assert.deepEqual(
      merged.problems.map(({ code }) => code),
      ['binary'],
    );
  });
});
