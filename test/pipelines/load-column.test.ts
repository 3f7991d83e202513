/** The column `load` of docs/pipelines.md: each cell is what `load` does with lines of that kind. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EVENT, LINE_EXAMPLES } from '../logs/framing/examples.ts';
import { fixture } from '../programs/spoe-logs/run.ts';
import { type LoadingOptions, loadEvents } from '../tables/loading.ts';
import { MemoryTarget } from '../tables/memory-target.ts';

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-load-column-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const HEADER = 'Nov 22 06:57:13 lb1 haproxy[1]: ';
const SHORT_EVENT = 'SPOE: [mirror] <GROUP:checks> sid=3 st=0 12 1/3';
/** Framings that say when. */
const TIMED = LINE_EXAMPLES.filter(({ yields }) => 'time' in yields).map(({ example }) => example + EVENT);
const formats = (...names: readonly string[]) =>
  names.map((name) => fixture(`logs/formats/haproxy-2.6.12--${name}.log`));

interface Found {
  /** How many events the rows stand for. */
  readonly events: number;
  readonly hosts: readonly unknown[];
  readonly years: readonly number[];
  readonly counts: Awaited<ReturnType<typeof loadEvents>>['counts'];
}

async function loadPaths(
  paths: readonly string[],
  again = paths.slice(0, 0),
  options: LoadingOptions = {},
): Promise<Found> {
  const target = new MemoryTarget();
  const { counts } = await loadEvents(target, paths, options);
  if (again.length > 0) await loadEvents(target, again, options);
  const rows = target.rows('spoe_events');
  return {
    events: rows.reduce((sum, { times }) => sum + Number(times), 0),
    hosts: [...new Set(rows.map(({ host }) => host))],
    years: [...new Set(rows.map(({ time }) => new Date(Number(time)).getUTCFullYear()))],
    counts,
  };
}

let files = 0;
function write(lines: readonly string[]): string {
  files++;
  const path = join(folder, `${files}.log`);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

const loadLines = (...lines: readonly string[]) => loadPaths([write(lines)]);

/** By the first cell of a row: what `load` must have said in the second one, once it has been seen. */
const CELLS: { readonly [what: string]: readonly [cell: string, see: () => Promise<void>] } = {
  'both shapes of the line, events and groups': [
    'all',
    async () => assert.equal((await loadLines(HEADER + EVENT, HEADER + SHORT_EVENT)).events, 2),
  ],
  'RFC 3164 with `host tag[pid]:` or `::`, ISO (rsyslog FileFormat)': [
    'all',
    () => sameOf(formats('rsyslog-traditional', 'rsyslog-hapee-doublecolon', 'rsyslog-fileformat-iso')),
  ],
  "HAProxy's `local`, `timed`, `iso`; RFC 5424": [
    'all',
    () => sameOf(formats('stdout-local', 'stdout-timed', 'stdout-iso', 'stdout-rfc5424')),
  ],
  "HAProxy's `raw`, `short`, `priority`: no time": [
    'none: counted as without a time',
    async () => {
      for (const path of formats('stdout-raw', 'stdout-short', 'stdout-priority')) {
        const { events, counts } = await loadPaths([path]);
        assert.equal(events, 0, path);
        assert.ok(counts.untimed > 0, path);
      }
    },
  ],
  'most other framings of [LOGS.md](LOGS.md)': [
    'all that have a time',
    async () => {
      assert.ok(TIMED.length > 10);
      for (const line of TIMED) assert.equal((await loadLines(line)).events, 1, line);
    },
  ],
  'JSON of a shipper around the line': [
    'all',
    async () => {
      const { events, hosts } = await loadLines(
        JSON.stringify({ host: 'lb7', message: HEADER.replace('lb1', 'lb7') + EVENT }),
      );
      assert.deepEqual([events, hosts], [1, ['lb7']]);
    },
  ],
  '`message repeated 3 times: [ … ]`': [
    '1, and 2 duplicates',
    async () => {
      const { events, counts } = await loadLines(`${HEADER}message repeated 3 times: [ ${EVENT}]`);
      assert.deepEqual([events, counts.duplicates], [1, 2]);
    },
  ],
  'a torn line, glued to a whole one': [
    '1, and 1 malformed is counted',
    async () => {
      const { events, counts } = await loadLines(`${HEADER}SPOE: [mirror] <EVENT:on-front${HEADER}${EVENT}`);
      assert.deepEqual([events, counts.malformed], [1, 1]);
    },
  ],
  'SPOE text that a client sent': [
    '0, counted as spoofed',
    async () => {
      const { events, counts } = await loadLines(
        `${HEADER}10.0.0.1 - - [22/Nov/2026:07:20:40 +0000] "GET / HTTP/1.1" 200 5 "-" "${EVENT}"`,
      );
      assert.deepEqual([events, counts.spoofed], [0, 1]);
    },
  ],
  'a torn line': [
    '0, counted as malformed',
    async () => {
      for (const end of [' sid=', ' 0/0 1/3']) {
        const { events, counts } = await loadLines(HEADER + EVENT.slice(0, EVENT.indexOf(end)));
        assert.deepEqual([events, counts.malformed], [0, 1], end);
      }
    },
  ],
  'numbers beyond 32 bits (`sid=4294967296`)': [
    '0, malformed',
    async () => {
      const { events, counts } = await loadLines(HEADER + EVENT.replace('sid=3', 'sid=4294967296'));
      assert.deepEqual([events, counts.malformed], [0, 1]);
    },
  ],
  'an event that two log targets wrote': [
    '1',
    async () => {
      const line = HEADER + EVENT;
      assert.equal((await loadLines(line, line)).events, 1);
      assert.equal((await loadPaths([write([line, HEADER + SHORT_EVENT]), write([line])])).events, 2);
    },
  ],
  'the same file read twice': [
    '1',
    async () => {
      const path = write([HEADER + EVENT]);
      assert.equal((await loadPaths([path], [path])).events, 1);
    },
  ],
  'the year of an RFC 3164 time': [
    'worked out, `--year`',
    async () => {
      const { years } = await loadLines(
        `Dec 31 23:59:59 lb1 haproxy[1]: ${EVENT}`,
        `Jan  1 00:00:01 lb1 haproxy[1]: ${SHORT_EVENT}`,
      );
      assert.deepEqual(years, [2026, 2027]);
    },
  ],
  'NULs that copytruncate leaves': [
    'removed',
    async () => assert.equal((await loadLines(`\0\0\0${HEADER}${EVENT}`)).events, 1),
  ],
};

/** The same traffic in each of them: as many events as lines of SPOE. */
async function sameOf(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const lines = readFileSync(path, 'utf8').split('\n');
    const { events } = await loadPaths([path]);
    assert.ok(events > 0, path);
    assert.equal(events, lines.filter((line) => line.includes('SPOE: [') && / st=\d+ /.test(line)).length, path);
  }
}

const document = readFileSync(fileURLToPath(new URL('../../docs/pipelines.md', import.meta.url)), 'utf8');
const table = /\n\| \| `load` \|.*\n\|---.*\n((?:\|.*\n)+)/.exec(document)?.[1] ?? '';
const rows = table
  .trimEnd()
  .split('\n')
  .map((row) => row.split(' | ').map((cell) => cell.replace(/^\| /, '')));

test('every row of the table is seen', () => {
  assert.deepEqual(
    rows.map(([what]) => what),
    Object.keys(CELLS),
  );
});

for (const [what, [cell, see]] of Object.entries(CELLS))
  test(what, async () => {
    await see();
    assert.equal(rows.find(([name]) => name === what)?.[1], cell);
  });
