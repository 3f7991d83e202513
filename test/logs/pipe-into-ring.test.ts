/** A pipe that is handed over to a thread: in a process of its own, whose standard input it is. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import fc from 'fast-check';
import { Child } from '../child.ts';
import { cutAt, eventLine, feedPieces, TemporaryFolder } from './reading.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());

const source = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));

/** The thread, which says when it was told to begin, and from then on when it waits for room. */
const THREAD = `
import { writeSync } from 'node:fs';
import { readPipeAhead } from ${source('../../src/logs/pipe-into-ring.ts')};
import { serveReadingThread } from ${source('../../src/logs/reading-threads.ts')};

const { wait } = Atomics;

serveReadingThread({
  pipe: (task, side) => {
    const send = (word, handed) => {
      side.send(word, handed);
      if (word !== 'ready') return;
      // The word that it would wait at for this (src/logs/input/pipe-ring.ts).
      wait(new Int32Array(task.ring, 0, 64), 48, 0);
      writeSync(2, 'ahead ');
      Atomics.wait = (...args) => {
        writeSync(2, 'full ');
        return wait(...args);
      };
    };
    return readPipeAhead(task, { ...side, send });
  },
});
`;

/** Who reads: from SIGUSR2 on it waits, or fails, in its next turn. */
const READER = `
import { writeSync } from 'node:fs';
import { Reading } from ${source('./reading.ts')};

const [program, afterBytes, what] = process.argv.slice(2);
const stopping = new AbortController();
const { signal } = stopping;
let isTold = false;
process.on('SIGUSR2', () => {
  isTold = true;
  writeSync(2, 'told ');
});
process.on('SIGINT', () => stopping.abort());
const onTurn = async () => {
  if (what === 'reset') writeSync(2, 'at ' + reading.tally.bytes + ' ');
  if (!isTold || signal.aborted) return;
  if (what === 'fail') throw new Error('no more');
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
};
// Who closes a socket with something unread resets it.
if (what === 'reset') writeSync(0, '.');
const reading = new Reading();
await reading.read('-', { signal, onTurn, pipeAhead: { program: new URL(program), afterBytes: Number(afterBytes) } });
process.stdout.write(JSON.stringify({ tally: reading.tally.toState(), sids: reading.sids }));
`;

let thread: string;
let reader: string;

before(async () => {
  const bundle = async (name: string, contents: string) => {
    const options = { bundle: true, platform: 'node', format: 'esm', write: false } as const;
    const { outputFiles } = await build({ stdin: { contents, resolveDir: '/' }, ...options });
    return folder.write(name, outputFiles[0]?.text ?? '');
  };
  thread = pathToFileURL(await bundle('thread.mjs', THREAD)).href;
  reader = await bundle('reader.mjs', READER);
});

/** More than any input here. */
const NEVER = 2 ** 40;
const BLOCK_LINES = 2000;
/** Far more than a thread needs to start. */
const MOST_BLOCKS = 2000;

class Piped {
  readonly child: Child;
  readonly #pieces: Buffer[] = [];
  #lines = 0;

  /** @param by `cat`: through a pipe of the kernel; else a socket, which Node makes */
  constructor({ by = 'socket', program = thread, afterBytes = 32 * 1024, what = 'wait' } = {}) {
    const args = [reader, program, String(afterBytes), what];
    this.child =
      by === 'cat'
        ? new Child('sh', ['-c', 'cat | "$0" "$@"', process.execPath, ...args], { stdio: 'pipe' })
        : new Child(process.execPath, args, { stdio: 'pipe' });
    // It may end before it has read all.
    this.child.child.stdin?.on('error', () => undefined);
  }

  /** Writes; waits until the kernel has it, or nobody reads any more. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(Buffer.from(bytes));
    if (this.child.child.stdin?.write(bytes) === false)
      await Promise.race([once(this.child.child.stdin, 'drain').catch(() => undefined), this.child.exit]);
  }

  /** Has the reader do what it was started for in its next turn. */
  async tell(): Promise<void> {
    this.child.child.kill('SIGUSR2');
    await this.child.sees('told');
  }

  /** Writes lines as fast as they are read. */
  async writeBlock(): Promise<void> {
    const lines = Array.from({ length: BLOCK_LINES }, (_, i) => `${eventLine(this.#lines + i)}\n`);
    this.#lines += BLOCK_LINES;
    await this.write(Buffer.from(lines.join('')));
  }

  /** Writes lines until the thread reads. */
  async handOver(): Promise<void> {
    for (let blocks = 0; !this.child.said.includes('ahead'); blocks++) {
      assert.ok(blocks < MOST_BLOCKS && !this.child.isOver, this.child.said);
      await this.writeBlock();
    }
  }

  /** Ends the input, and gives what was read of it. */
  async finish(): Promise<unknown> {
    this.child.child.stdin?.end();
    const code = await this.child.exit;
    assert.equal(code, 0, this.child.stderr);
    return JSON.parse(this.child.stdout);
  }

  get bytes(): number {
    return this.#pieces.reduce((sum, { length }) => sum + length, 0);
  }

  get expected(): unknown {
    return feedPieces(this.#pieces);
  }
}

const tail = Buffer.from(Array.from({ length: 40 }, (_, i) => `${eventLine(1_000_000 + i)}\n`).join(''));

/** Hands a pipe over and writes these pieces then: what is read must be what was written. */
async function checkPieces(pieces: readonly Uint8Array[], by = 'socket'): Promise<void> {
  const piped = new Piped({ by });
  await piped.handOver();
  for (const piece of pieces) await piped.write(piece);
  assert.deepEqual(await piped.finish(), piped.expected);
}

describe('a pipe that a thread reads ahead', () => {
  const long = Buffer.alloc(200_000, 'x');
  const much = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `${eventLine(2_000_000 + i)}\n`).join(''));
  const cases: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ['nothing', []],
    [
      'lines byte by byte',
      cutAt(
        tail,
        Array.from({ length: 600 }, (_, i) => i),
      ),
    ],
    ['the rest of a line that was begun', [tail.subarray(0, 50), tail.subarray(50)]],
    ['an end within a line', [tail.subarray(0, tail.length - 20)]],
    ['a line longer than any that is read', [long, long, Buffer.from('\n'), tail]],
    ['NULs', [Buffer.alloc(300_000), Buffer.from('\n'), tail, Buffer.alloc(10), tail]],
    ['more than the ring holds', [much, tail]],
  ];
  for (const by of ['socket', 'cat'])
    for (const [what, pieces] of cases) test(`is read whole (${by}): ${what}`, () => checkPieces(pieces, by));

  test('is read whole however it is cut', async () => {
    const cuts = fc.uniqueArray(fc.nat(tail.length - 1), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(cuts, fc.constantFrom('socket', 'cat'), (offsets, by) => checkPieces(cutAt(tail, offsets), by)),
      { numRuns: 8 },
    );
  });

  test('is no affair of a thread when it is short, slow to come or compressed', async () => {
    const compressed = gzipSync(Buffer.concat(Array.from({ length: 500 }, () => tail)), { level: 0 });
    for (const [afterBytes, bytes] of [
      [NEVER, tail],
      [32 * 1024, compressed],
    ] as const) {
      const piped = new Piped({ afterBytes });
      for (let i = 0; i < 4; i++) if (bytes === tail) await piped.writeBlock();
      await piped.write(bytes);
      const { sids } = (await piped.finish()) as { sids: number[] };
      assert.equal(sids.length, bytes === tail ? 4 * BLOCK_LINES + 40 : 500 * 40);
      assert.equal(piped.child.stderr, '');
    }
  });

  test('is read without it when it cannot start', async () => {
    const piped = new Piped({ program: pathToFileURL(folder.file('missing.mjs')).href });
    for (let i = 0; i < 20; i++) await piped.writeBlock();
    assert.deepEqual(await piped.finish(), piped.expected);
  });

  test('is read as far as its writer has come at an abort, while the thread waits for more', async () => {
    const piped = new Piped();
    await piped.handOver();
    await piped.write(tail);
    piped.child.child.kill('SIGINT');
    assert.equal(await piped.child.exit, 0, piped.child.stderr);
    assert.deepEqual(JSON.parse(piped.child.stdout), piped.expected);
  });

  test('ends at an abort while the thread waits for room', async () => {
    const piped = new Piped();
    await piped.handOver();
    await piped.tell();
    const writing = piped.write(much);
    await piped.child.sees(/told .*full/s);
    piped.child.child.kill('SIGINT');
    assert.equal(await piped.child.exit, 0, piped.child.stderr);
    await writing;
    const { sids } = JSON.parse(piped.child.stdout);
    const all = (piped.expected as { sids: number[] }).sids;
    assert.deepEqual(sids, all.slice(0, sids.length));
  });

  test('ends with what fails in who scans', async () => {
    const piped = new Piped({ what: 'fail' });
    await piped.handOver();
    await piped.tell();
    await piped.write(tail);
    assert.equal(await piped.child.exit, 1);
    assert.match(piped.child.stderr, /Error: no more/);
  });

  test('ends with what fails while it is read, as without a thread', async () => {
    for (const afterBytes of [32 * 1024, NEVER]) {
      const piped = new Piped({ what: 'reset', afterBytes });
      if (afterBytes === NEVER) await piped.writeBlock();
      else await piped.handOver();
      await piped.write(tail);
      // Of a socket that is closed with bytes in it, libuv takes these for the last ones.
      await piped.child.sees(`at ${piped.bytes} `);
      piped.child.child.stdin?.destroy();
      assert.equal(await piped.child.exit, 1);
      assert.match(piped.child.stderr, /InputError: cannot read standard input: ECONNRESET/);
    }
  });
});
