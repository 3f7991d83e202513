import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LineQueue, type MergeOrder, takeInOrder } from '../../../src/logs/input/merge.ts';

interface Source {
  readonly name: string;
  readonly queue: LineQueue<string>;
  hasMore: boolean;
}

/** A file `a` with lines at 1 and 4: its lines are `a1` and `a4`. */
function source(name: string, times: readonly number[], hasMore = false): Source {
  const queue = new LineQueue<string>();
  for (const timeMs of times) queue.add(`${name}${timeMs}`, timeMs);
  return { name, queue, hasMore };
}

const BY_TIME: MergeOrder<Source> = { aheadMs: () => 0, isFirst: () => false };

function taken(sources: readonly Source[], order: Partial<MergeOrder<Source>> = {}): string[] {
  const lines: string[] = [];
  takeInOrder(sources, { ...BY_TIME, ...order }, (line: string) => lines.push(line));
  return lines;
}

describe('lines of several files', () => {
  test('are taken in the order of their times, and of files where times are the same', () => {
    const files = [source('a', [1, 4, 5]), source('b', [2, 4, 9]), source('c', [])];
    assert.deepEqual(taken(files), ['a1', 'b2', 'a4', 'b4', 'a5', 'b9']);
  });

  test('wait for a file that has to be read first', () => {
    const [a, b] = [source('a', [1, 4]), source('b', [2], true)];
    assert.deepEqual(taken([a, b]), ['a1', 'b2']);
    b.queue.add('b3', 3);
    b.hasMore = false;
    assert.deepEqual(taken([a, b]), ['b3', 'a4']);
    assert.deepEqual(taken([a, b, source('c', [], true)]), []);
  });

  test('keep the order of their file whatever their times are', () => {
    const times = [5, Number.NaN, 3, 6];
    assert.deepEqual(taken([source('a', times), source('b', [4, 5.5])]), ['b4', 'a5', 'aNaN', 'a3', 'b5.5', 'a6']);
    assert.deepEqual(taken([source('b', [0]), source('a', [Number.NaN, 1])]), ['aNaN', 'b0', 'a1']);
  });

  test('are compared by clocks that are apart', () => {
    const files = [source('a', [100, 200]), source('b', [1150, 1250])];
    assert.deepEqual(taken(files, { aheadMs: ({ name }) => (name === 'b' ? 1000 : 0) }), [
      'a100',
      'b1150',
      'a200',
      'b1250',
    ]);
  });

  test('come first where that is asked for, line by line', () => {
    const files = [source('a', [1, 2, 3]), source('b', [7, 8, 9])];
    let count = 0;
    assert.deepEqual(taken(files, { isFirst: ({ name }) => name === 'b' && count++ < 2 }), [
      'b7',
      'b8',
      'a1',
      'a2',
      'a3',
      'b9',
    ]);
  });

  test('are all taken once, as if sorted by time, for any files', () => {
    const times = fc.array(fc.array(fc.nat(50)), { maxLength: 5 });
    fc.assert(
      fc.property(times, (lists) => {
        const sorted = lists.map((list) => [...list].sort((x, y) => x - y));
        const merged = taken(sorted.map((list) => source('', list))).map(Number);
        assert.deepEqual(
          merged,
          sorted.flat().sort((x, y) => x - y),
        );
      }),
    );
  });
});
