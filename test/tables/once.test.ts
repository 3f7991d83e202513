/** Whatever happens to logs and to whoever loads them: each event is in the tables once. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { fuzzAsync } from '../attack/fuzzing.ts';
import { loadEvents } from './loading.ts';
import { MemoryTarget, type Row } from './memory-target.ts';

/** The n-th event, as one of HAProxy's log targets has it. */
function eventLine(n: number, facility: number): string {
  const second = String(Math.floor(n / 3) % 60).padStart(2, '0');
  const minute = String(Math.floor(n / 180) % 60).padStart(2, '0');
  return `<${facility}>Nov 22 06:${minute}:${second} lb1 haproxy[77]: SPOE: [mirror] <EVENT:on-request> sid=${n} st=${n % 5 === 0 ? 264 : 0} 0/1/2/0/${n % 40} 1/1 0/0 0/${n}\n`;
}

/** A request's line before the n-th event. */
function requestLine(n: number, facility: number): string {
  return `<${facility}>Nov 22 06:56:47 lb1 haproxy[77]: 127.0.0.1:${40_000 + n} [22/Nov/2026:06:56:47.524] fe be/s 0/0/0/0/0 200 1 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"\n`;
}

/** What happens, one after the other. */
type Step =
  | { readonly do: 'grow'; readonly file: 'a' | 'b'; readonly events: number; readonly cutsLine: boolean }
  | { readonly do: 'rotate'; readonly file: 'a' | 'b'; readonly compress: boolean }
  | {
      readonly do: 'load';
      /** Logs of which some events are in another one are named together. */
      readonly backwards: boolean;
      readonly follow: boolean;
      readonly rows: number;
      readonly turnBytes: number;
      readonly failsAt: number;
      readonly failsAfter: boolean;
      readonly minutesOnly: boolean;
      readonly turns: number;
    };

const FILE = fc.constantFrom<'a' | 'b'>('a', 'b');
const GROW = fc.record({
  do: fc.constant('grow' as const),
  file: FILE,
  events: fc.integer({ min: 1, max: 40 }),
  cutsLine: fc.boolean(),
});
const ROTATE = fc.record({ do: fc.constant('rotate' as const), file: FILE, compress: fc.boolean() });
const LOAD = fc.record({
  do: fc.constant('load' as const),
  backwards: fc.boolean(),
  follow: fc.boolean(),
  rows: fc.integer({ min: 1, max: 60 }),
  turnBytes: fc.integer({ min: 100, max: 4000 }),
  failsAt: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(1_000_000)),
  failsAfter: fc.boolean(),
  minutesOnly: fc.boolean(),
  turns: fc.integer({ min: 1, max: 40 }),
});

/** Two logs that two log targets of one HAProxy write: most events are in both. */
class Logs {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'spoe-tables-'));
  readonly events = new Set<number>();
  readonly #next = { a: 0, b: 0 };
  readonly #pending = { a: '', b: '' };
  readonly #old = { a: [] as string[], b: [] as string[] };

  path(file: 'a' | 'b'): string {
    return path.join(this.folder, `${file}.log`);
  }

  /** All files that there are, the older ones first. */
  get all(): string[] {
    return [...this.#old.a, this.path('a'), ...this.#old.b, this.path('b')].filter((each) => existsSync(each));
  }

  grow(file: 'a' | 'b', events: number, cutsLine: boolean): void {
    let text = this.#pending[file];
    for (let i = 0; i < events; i++) {
      const n = this.#next[file]++;
      // Each misses some that the other one has.
      if (n % 17 === (file === 'a' ? 3 : 5)) continue;
      this.events.add(n);
      const facility = file === 'a' ? 134 : 142;
      text += n % 4 === 0 ? requestLine(n, facility) : '';
      text += eventLine(n, facility);
      // One file may be given to two targets, too.
      if (n % 11 === 0) text += eventLine(n, 150);
    }
    const cut = cutsLine ? Math.max(0, text.length - 25) : text.length;
    this.#pending[file] = text.slice(cut);
    appendFileSync(this.path(file), text.slice(0, cut));
  }

  finish(): void {
    for (const file of ['a', 'b'] as const) this.grow(file, 0, false);
  }

  rotate(file: 'a' | 'b', compress: boolean): void {
    if (!existsSync(this.path(file))) return;
    // The writer ends its line first.
    this.grow(file, 0, false);
    const old = path.join(this.folder, `${file}.log.${this.#old[file].length}${compress ? '.gz' : ''}`);
    if (compress) {
      writeFileSync(old, gzipSync(readFileSync(this.path(file))));
      rmSync(this.path(file));
    } else renameSync(this.path(file), old);
    this.#old[file].push(old);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

async function load(target: MemoryTarget, logs: Logs, step: Step & { do: 'load' }): Promise<void> {
  const paths = step.backwards ? logs.all.reverse() : logs.all;
  const { turnBytes, rows, minutesOnly } = step;
  const follow = step.follow && !paths.some((each) => each.endsWith('.gz'));
  const ending = new AbortController();
  target.failsAt = target.writes + step.failsAt;
  target.failsAfter = step.failsAfter;
  const options = { follow, turnBytes, limits: { rows, ageMs: 1000 }, signal: ending.signal };
  const loading = loadEvents(target, paths, { ...options, ...(minutesOnly && { tables: ['spoe_minutes'] }) });
  if (follow) {
    for (let turn = 0; turn < step.turns; turn++) await nextTurn();
    ending.abort();
  }
  const { fault, problems, inputs } = await loading;
  assert.deepEqual(problems, []);
  assert.deepEqual(inputs.problems, []);
  if (fault !== undefined) assert.equal((fault as { code?: string }).code, 'killed');
  target.failsAt = Number.POSITIVE_INFINITY;
}

function sidsOf(rows: readonly Row[]): number[] {
  return rows.map(({ sid }) => Number(sid)).sort((a, b) => a - b);
}

function countsOf(rows: readonly Row[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { minute, count } of rows) counts.set(Number(minute), (counts.get(Number(minute)) ?? 0) + Number(count));
  return new Map([...counts].sort(([a], [b]) => a - b));
}

const LOADED: Step & { readonly do: 'load' } = {
  ...{ do: 'load', backwards: false, follow: false, rows: 1, turnBytes: 100, failsAt: 1_000_000 },
  ...{ failsAfter: false, minutesOnly: false, turns: 1 },
};

/** Cases that failed once. */
const EXAMPLES: [Step[]][] = [
  [
    [
      { do: 'grow', file: 'a', events: 2, cutsLine: true },
      { ...LOADED, failsAt: 3 },
    ],
  ],
  [
    [
      LOADED,
      { do: 'grow', file: 'a', events: 4, cutsLine: false },
      { ...LOADED, follow: true, turnBytes: 1031, failsAt: 2 },
    ],
  ],
];

for (const replaces of [false, true])
  test(`each event is loaded once into a store that ${replaces ? 'replaces' : 'keeps'} what has a known token`, async () => {
    const property = fc.asyncProperty(
      fc.array(
        fc.oneof({ arbitrary: GROW, weight: 4 }, { arbitrary: LOAD, weight: 5 }, { arbitrary: ROTATE, weight: 1 }),
        {
          minLength: 1,
          maxLength: 14,
        },
      ),
      async (steps) => {
        const logs = new Logs();
        const target = new MemoryTarget(replaces);
        try {
          logs.grow('a', 3, false);
          logs.grow('b', 5, false);
          for (const step of steps) {
            if (step.do === 'grow') logs.grow(step.file, step.events, step.cutsLine);
            else if (step.do === 'rotate') logs.rotate(step.file, step.compress);
            else await load(target, logs, step);
          }
          logs.finish();
          const last = await loadEvents(target, logs.all);
          assert.equal(last.fault, undefined);
          assert.deepEqual(last.problems, []);
          const events = target.rows('spoe_events');
          assert.deepEqual(
            sidsOf(events),
            [...logs.events].sort((a, b) => a - b),
          );
          const again = await loadEvents(target, logs.all);
          assert.deepEqual([again.counts.loaded, again.counts.parts], [0, 0]);
          assert.equal(again.counts.already, logs.events.size);
          const minutes = new Map<number, number>();
          for (const { time } of events) {
            const minute = Math.floor(Number(time) / 60_000) * 60_000;
            minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
          }
          assert.deepEqual(countsOf(target.rows('spoe_minutes')), new Map([...minutes].sort(([a], [b]) => a - b)));
        } finally {
          logs.remove();
        }
      },
    );
    await fuzzAsync(property, 60, EXAMPLES);
  });
