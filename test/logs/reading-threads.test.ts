import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { runReadingThread, type ThreadOptions } from '../../src/logs/reading-threads.ts';

const SOURCE = fileURLToPath(new URL('../../src/logs/reading-threads.ts', import.meta.url));

interface Threads {
  /** Sends so many batches; before each, the first word of `sent` is one more. */
  readonly count: {
    readonly task: { readonly batches: number; readonly sent: Int32Array };
    readonly batch: number;
    readonly result: string;
  };
  /** Reads until it is stopped. */
  readonly read: { readonly task: null; readonly batch: 'begun'; readonly result: 'stopped' };
  readonly fail: { readonly task: null; readonly batch: never; readonly result: never };
  readonly exit: { readonly task: null; readonly batch: never; readonly result: never };
  /** What is left of a buffer that was handed over. */
  readonly hand: { readonly task: null; readonly batch: Uint8Array; readonly result: number };
}

const PROGRAM = `
import { setImmediate as nextTurn } from 'node:timers/promises';
import { serveReadingThread } from ${JSON.stringify(SOURCE)};

serveReadingThread({
  async count({ batches, sent }, { send }) {
    for (let i = 0; i < batches; i++) {
      Atomics.add(sent, 0, 1);
      Atomics.notify(sent, 0);
      send(i, []);
    }
    return { result: 'all', handed: [] };
  },
  async read(task, { signal, send }) {
    send('begun', []);
    while (!signal.aborted) await nextTurn();
    return { result: 'stopped', handed: [] };
  },
  async fail() {
    throw Object.assign(new Error('no such thing'), { code: 'no-thing' });
  },
  async exit() {
    process.exit(3);
  },
  async hand(task, { send }) {
    const bytes = new Uint8Array([1, 2, 3]);
    send(bytes, [bytes.buffer]);
    return { result: bytes.length, handed: [] };
  },
});
`;

let file: URL;

before(async () => {
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: '/' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  file = new URL(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`);
});

function run<Kind extends keyof Threads>(
  kind: Kind,
  task: Threads[Kind]['task'],
  options: Partial<ThreadOptions<Threads[Kind]>> = {},
): Promise<Threads[Kind]['result']> {
  const { signal } = new AbortController();
  return runReadingThread<Threads, Kind>(file, kind, task, { signal, ...options });
}

const counter = () => new Int32Array(new SharedArrayBuffer(4));

describe('a reading thread', () => {
  test('gives its batches in order, then its result', async () => {
    const batches: number[] = [];
    const task = { batches: 100, sent: counter() };
    assert.equal(await run('count', task, { onBatch: (batch) => batches.push(batch) }), 'all');
    assert.deepEqual(
      batches,
      Array.from({ length: 100 }, (_, i) => i),
    );
  });

  test('waits where sixteen batches were not taken yet', async () => {
    const sent = counter();
    let taken = 0;
    let most = 0;
    const onBatch = () => {
      for (let count = 0; taken === 0 && count < 17; count = Atomics.load(sent, 0)) Atomics.wait(sent, 0, count);
      most = Math.max(most, Atomics.load(sent, 0) - taken);
      taken += 1;
    };
    await run('count', { batches: 1000, sent }, { onBatch });
    assert.equal(taken, 1000);
    // One more is about to be sent.
    assert.equal(most, 17);
  });

  test('ends its reading when it is told to, and gives what it has', async () => {
    const stopping = new AbortController();
    const { signal } = stopping;
    assert.equal(await run('read', null, { signal, onBatch: () => stopping.abort() }), 'stopped');
    assert.equal(await run('read', null, { signal }), 'stopped');
  });

  test('that fails rejects with its error, and its code', async () => {
    await assert.rejects(run('fail', null), { message: 'no such thing', code: 'no-thing' });
  });

  test('that ends without a result rejects', async () => {
    await assert.rejects(run('exit', null), /a reading thread ended with code 3/);
  });

  test('is ended, though it waits, by a batch that cannot be taken', async () => {
    const onBatch = () => {
      throw new Error('too many');
    };
    await assert.rejects(run('count', { batches: 1_000_000, sent: counter() }, { onBatch }), /too many/);
  });

  test('hands over what it says, without a copy', async () => {
    const batches: Uint8Array[] = [];
    assert.equal(await run('hand', null, { onBatch: (batch) => batches.push(batch) }), 0);
    assert.deepEqual(batches, [new Uint8Array([1, 2, 3])]);
  });

  test('runs beside many others, all of which hear one signal', async () => {
    const stopping = new AbortController();
    let begun = 0;
    const onBatch = () => {
      begun += 1;
      if (begun === 12) stopping.abort();
    };
    const results = Array.from({ length: 12 }, () => run('read', null, { signal: stopping.signal, onBatch }));
    assert.deepEqual(new Set(await Promise.all(results)), new Set(['stopped']));
  });
});
