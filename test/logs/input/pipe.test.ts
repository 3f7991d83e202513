import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { readPipe } from '../../../src/logs/input/pipe.ts';
import { LineFeed } from '../../../src/logs/line-feed.ts';
import { openInput, type ReadControl } from '../../../src/logs/read.ts';
import { LineTally } from '../../../src/logs/tally.ts';
import { TimeResolver } from '../../../src/logs/time.ts';
import { parseZone } from '../../../src/logs/zone.ts';
import { eventLine, feedPieces, Reading, TemporaryFolder } from '../reading.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());

/** What is read at one go, and what a read of a fast writer has at least (src/logs/input/pipe.ts). */
const AT_ONCE_BYTES = 1024 * 1024;
const FAST_BYTES = 32 * 1024;
/** What fits into a pipe of Linux. */
const PIPE_BYTES = 64 * 1024;

/** A pipe with both its ends here: when its writer writes is the test's to say. */
class Pipe {
  readonly reader: number;
  readonly #writer: number;
  #isOpen = true;

  constructor(name: string) {
    const path = folder.file(name);
    assert.equal(spawnSync('mkfifo', [path]).status, 0);
    this.reader = openInput(path);
    this.#writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  }

  /** Writes as much as there is room for, nothing once it is closed; gives how much that was. */
  write(bytes: Uint8Array): number {
    try {
      return bytes.length === 0 || !this.#isOpen ? 0 : writeSync(this.#writer, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }

  close(): void {
    if (this.#isOpen) closeSync(this.#writer);
    this.#isOpen = false;
  }
}

/** Tells of each read, behind it. */
function watch(feed: LineFeed, onFilled: (count: number) => void): LineFeed {
  const filled = feed.filled.bind(feed);
  feed.filled = (count) => {
    filled(count);
    onFilled(count);
  };
  return feed;
}

/** A feed whose lines nobody looks at: what counts is how it is filled. */
function idleFeed(): LineFeed {
  const times = new TimeResolver({ zone: parseZone('UTC'), referenceMs: 0 });
  const scanner = { input: Buffer.alloc(4 * AT_ONCE_BYTES), scan: () => undefined, setTimes: () => undefined };
  return new LineFeed(scanner, new LineTally(), times);
}

function read(pipe: Pipe, feed: LineFeed, control: Partial<ReadControl> = {}): Promise<void> {
  const { signal } = new AbortController();
  const silent = { signal, onTurn: () => undefined, onSample: () => undefined };
  return readPipe({ fd: pipe.reader, name: 'a pipe', feed, control: { ...silent, ...control } });
}

const FULL = Buffer.alloc(PIPE_BYTES, `${'x'.repeat(63)}\n`);
const log = Buffer.from(Array.from({ length: 10_500 }, (_, i) => `${eventLine(i)}\n`).join(''));

describe('a pipe', { skip: process.platform !== 'linux' && 'pipes hold another number of bytes elsewhere' }, () => {
  let count = 0;
  const create = () => new Pipe(`pipe${count++}`);

  const short = log.subarray(0, 3000);
  const large = [FAST_BYTES - 1, FAST_BYTES, FAST_BYTES + 1, PIPE_BYTES, AT_ONCE_BYTES];
  const cases: readonly (readonly [string, Uint8Array, number])[] = [
    ...[1, 5, 6, 7].map((size) => [`${size} bytes at a time`, short, size] as const),
    ...large.map((size) => [`${size} bytes at a time`, log, size] as const),
    ['ending within a line', log.subarray(0, log.length - 20), PIPE_BYTES],
    ['ending within the first line', log.subarray(0, 20), PIPE_BYTES],
    ['ending with the first read', log.subarray(0, PIPE_BYTES), PIPE_BYTES],
    ['ending with what is read at one go', log.subarray(0, PIPE_BYTES + AT_ONCE_BYTES), AT_ONCE_BYTES],
    ['nothing', Buffer.alloc(0), PIPE_BYTES],
  ];
  for (const [what, bytes, size] of cases)
    for (const isFast of [false, true])
      test(`of a ${isFast ? 'fast' : 'slow'} writer is read whole: ${what}`, async () => {
        const pipe = create();
        const reading = new Reading();
        let at = 0;
        const write = () => {
          at += pipe.write(bytes.subarray(at, at + size));
          if (at === bytes.length) pipe.close();
        };
        // A slow writer writes one piece a turn; of a fast one there is more whenever a piece was taken.
        const feed = watch(reading.feed(), () => {
          if (isFast) write();
        });
        const done = read(pipe, feed);
        for (write(); at < bytes.length; write()) await nextTurn();
        await done;
        feed.end();
        assert.deepEqual({ tally: reading.tally.toState(), sids: reading.sids }, feedPieces([bytes]));
      });

  /** Reads of a writer that writes `size` bytes whenever some were taken; gives the reads of each turn. */
  async function readsOf(size: number, turns: number): Promise<number[][]> {
    const pipe = create();
    const reads: number[][] = [[]];
    // An end, also where no bound holds.
    let left = turns * 4 * AT_ONCE_BYTES;
    const write = () => {
      left -= size;
      if (left > 0) pipe.write(FULL.subarray(0, size));
      else pipe.close();
    };
    const feed = watch(idleFeed(), (bytes) => {
      reads.at(-1)?.push(bytes);
      write();
    });
    const onTurn = () => {
      if (reads.push([]) > turns) pipe.close();
    };
    write();
    await read(pipe, feed, { onTurn });
    return reads.slice(1, turns);
  }

  test('of a fast writer is read at one go up to a bound, and then others have their turn', async () => {
    const turns = await readsOf(PIPE_BYTES, 4);
    assert.equal(turns.length, 3);
    for (const [first, ...more] of turns) {
      assert.equal(first, PIPE_BYTES);
      assert.equal(sum(more), AT_ONCE_BYTES);
    }
    // The last read at one go is no larger than what is left of the bound: these reads do not add up to it by themselves.
    for (const [, ...more] of await readsOf(FAST_BYTES + 1, 3)) assert.equal(sum(more), AT_ONCE_BYTES);
  });

  test('is read on at once from 32 KiB on, and else once a turn', async () => {
    for (const reads of await readsOf(FAST_BYTES - 1, 4)) assert.deepEqual(reads, [FAST_BYTES - 1]);
    for (const reads of await readsOf(FAST_BYTES, 4)) assert.equal(sum(reads), FAST_BYTES + AT_ONCE_BYTES);
  });

  test('waits where a turn takes its time', async () => {
    const pipe = create();
    const reads: number[] = [];
    let go: () => void = () => undefined;
    const onTurn = () =>
      new Promise<void>((resolve) => {
        go = resolve;
      });
    const done = read(
      pipe,
      watch(idleFeed(), (bytes) => reads.push(bytes)),
      { onTurn },
    );
    pipe.write(FULL.subarray(0, 100));
    // What the first bytes are is found out first, and that takes no turn.
    while (reads.length < 1) await nextTurn();
    pipe.write(FULL.subarray(0, 200));
    while (reads.length < 2) await nextTurn();
    pipe.write(FULL.subarray(0, 300));
    for (let i = 0; i < 10; i++) await nextTurn();
    assert.deepEqual(reads, [100, 200]);
    go();
    while (reads.length < 3) await nextTurn();
    pipe.close();
    go();
    await done;
    assert.deepEqual(reads, [100, 200, 300]);
  });

  /** Aborts in the second turn, after which the writer has `waiting` bytes more; gives what was read after that. */
  async function readsAfterAbort(waiting: number): Promise<number> {
    const pipe = create();
    const stopping = new AbortController();
    let turns = 0;
    let after = 0;
    let left = waiting;
    const write = () => {
      left -= pipe.write(FULL.subarray(0, Math.min(FULL.length, left)));
    };
    const feed = watch(idleFeed(), (bytes) => {
      if (!stopping.signal.aborted) return;
      after += bytes;
      write();
    });
    const onTurn = () => {
      turns += 1;
      if (turns === 1) pipe.write(FULL.subarray(0, 10));
      if (turns !== 2) return;
      write();
      stopping.abort();
    };
    pipe.write(FULL.subarray(0, 100));
    await read(pipe, feed, { signal: stopping.signal, onTurn });
    pipe.close();
    return after;
  }

  test('is read after an abort as far as its writer has come, up to a bound', async () => {
    assert.equal(await readsAfterAbort(0), 0);
    assert.equal(await readsAfterAbort(10), 10);
    assert.equal(await readsAfterAbort(3 * PIPE_BYTES), 3 * PIPE_BYTES);
    assert.equal(await readsAfterAbort(4 * AT_ONCE_BYTES), AT_ONCE_BYTES);
  });

  test('whose first bytes are too few to tell what they are ends at an abort with these', async () => {
    const pipe = create();
    const stopping = new AbortController();
    const reads: number[] = [];
    pipe.write(Buffer.from('abc'));
    const done = read(
      pipe,
      watch(idleFeed(), (bytes) => reads.push(bytes)),
      { signal: stopping.signal },
    );
    for (let i = 0; i < 10; i++) await nextTurn();
    pipe.write(Buffer.from('de'));
    stopping.abort();
    await done;
    pipe.close();
    assert.deepEqual(reads, [3]);
  });

  test('of gzip data gives at an abort no compressed byte as text', async () => {
    const pipe = create();
    const stopping = new AbortController();
    const reading = new Reading();
    const compressed = gzipSync(log, { level: 1 });
    let at = pipe.write(compressed.subarray(0, FAST_BYTES));
    const onTurn = () => {
      at += pipe.write(compressed.subarray(at));
      stopping.abort();
    };
    await read(pipe, reading.feed(), { signal: stopping.signal, onTurn });
    pipe.close();
    assert.ok(at > FAST_BYTES && reading.sids.length > 0);
    assert.deepEqual(
      reading.sids,
      reading.sids.map((_, i) => i),
    );
    assert.equal(reading.tally.malformed, 0);
  });

  test('ends with what fails while it is read at one go, and after an abort', async () => {
    for (const isAborted of [false, true]) {
      const pipe = create();
      const stopping = new AbortController();
      let reads = 0;
      const feed = watch(idleFeed(), () => {
        reads += 1;
        if (reads === 3) throw new Error('no more');
        pipe.write(FULL);
      });
      const onTurn = () => {
        if (isAborted && reads === 2) stopping.abort();
      };
      // The first read is no fast one: the third is one of those that follow.
      pipe.write(FULL);
      await assert.rejects(read(pipe, feed, { signal: stopping.signal, onTurn }), /^Error: no more$/);
      assert.equal(reads, 3);
      pipe.close();
    }
  });
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
