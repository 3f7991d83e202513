/** DuckDB as package and as program: the same answers, and nothing that stays behind. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openDuckDb } from '../../src/engines/duckdb.ts';
import { type Engine, readObjects } from '../../src/engines/engine.ts';
import type { EngineError } from '../../src/engines/errors.ts';
import { openParquetTarget } from '../../src/engines/parquet.ts';
import { fixture } from '../programs/spoe-logs/run.ts';
import { loadEvents } from '../tables/loading.ts';
import { DUCKDB_ENV, DUCKDB_PROGRAM_ENV, SKIP_DUCKDB, SKIP_DUCKDB_PROGRAM } from './engines.ts';

const base = mkdtempSync(path.join(tmpdir(), 'spoe-logs-duckdb-test-'));
after(() => rmSync(base, { recursive: true, force: true }));
// What a pattern is made of, in the name of the folder.
const folder = path.join(base, "it's [1] *");
const location = { engine: 'parquet', folder, shown: 'parquet:x' } as const;

before(async () => {
  const target = await openParquetTarget(location);
  await loadEvents(target, [fixture('demo/2.6.12--ok-load--first-1203-lines.log')]);
  await target.close();
});

const FORMS = [
  ['the package', DUCKDB_ENV, SKIP_DUCKDB],
  ['the program', DUCKDB_PROGRAM_ENV, SKIP_DUCKDB_PROGRAM],
] as const;

for (const [form, env, skip] of FORMS) {
  describe(form, { skip }, () => {
    let engine: Engine;
    before(async () => {
      engine = await openDuckDb({ location, env });
    });
    after(() => engine?.close());

    test('gives values of all kinds', async () => {
      const sql = `SELECT 18446744073709551615::UBIGINT AS big, 3::HUGEINT AS huge, [1, 2] AS list, map([1], [2]) AS map, {'a': [NULL, 1]} AS struct,
        'nan'::DOUBLE AS none, '-inf'::DOUBLE AS least, 1.50 AS decimal, NULL AS absent, '' AS empty, true AS yes, TIMESTAMP '2026-11-22 06:56:47' AS time, $text AS text -- a comment`;
      const text = 'a\'\\\n\t"b",{x}';
      assert.deepEqual(await readObjects(engine, sql, { text }), [
        {
          big: 18446744073709551615n,
          huge: 3,
          list: [1, 2],
          map: { '1': 2 },
          struct: { a: [null, 1] },
          none: Number.NaN,
          least: Number.NEGATIVE_INFINITY,
          decimal: 1.5,
          absent: null,
          empty: '',
          yes: true,
          time: '2026-11-22 06:56:47.000',
          text,
        },
      ]);
    });

    test('answers several questions at once', async () => {
      const answers = await Promise.all(
        [1, 2, 3].map((n) => readObjects(engine, `SELECT count(*) + ${n} AS n FROM spoe_events`)),
      );
      assert.deepEqual(answers, [[{ n: 604 }], [{ n: 605 }], [{ n: 606 }]]);
    });

    test('keeps a table that a statement makes for the next question', async () => {
      await engine.run('CREATE OR REPLACE TABLE routes AS SELECT 7 AS route');
      assert.deepEqual(await readObjects(engine, 'SELECT route FROM routes'), [{ route: 7 }]);
    });

    test('gives rows in their order, and stops where nobody takes them', async () => {
      const { rows } = await engine.query('SELECT range AS n FROM range(1000000) ORDER BY n DESC');
      for await (const [n] of rows) {
        assert.equal(n, 999_999);
        break;
      }
    });

    test('says in one line what is wrong', async () => {
      await assert.rejects(readObjects(engine, 'SELECT * FROM nowhere'), (error: EngineError) => {
        assert.equal(error.code, 'engine-refused');
        assert.match(error.message, /^parquet:x: Catalog Error: Table with name nowhere does not exist!/);
        return !error.message.includes('\n');
      });
    });

    test('fails where memory ends, with what helps', async () => {
      const small = await openDuckDb({ location, env, memory: '20MB' });
      const sql = 'SELECT length(list(md5(range::VARCHAR))) AS n FROM range(3000000)';
      await assert.rejects(readObjects(small, sql), (error: EngineError) => /--memory/.test(error.hint ?? ''));
      await small.close();
    });
  });
}

// Two that share one write into each other's files: a sort then fails, or the program does.
test('programs that run at one time have a folder each for what memory does not hold', {
  skip: SKIP_DUCKDB_PROGRAM,
}, async () => {
  const engine = await openDuckDb({ location, env: DUCKDB_PROGRAM_ENV });
  const ask = () => readObjects(engine, "SELECT current_setting('temp_directory') AS folder");
  const folders = (await Promise.all([ask(), ask()])).flat().map(({ folder }) => String(folder));
  assert.equal(new Set(folders).size, 2);
  for (const folder of folders) {
    assert.match(folder, /spoe-logs-duckdb-/);
    assert.equal(existsSync(folder), false, 'left behind');
  }
  await engine.close();
});

describe('DuckDB', { skip: SKIP_DUCKDB }, () => {
  // In a folder of its own: other tests and programs come and go in the machine's.
  test('leaves nothing in the folder of temporary files', async (t) => {
    const temporary = path.join(base, 'temporary');
    mkdirSync(temporary);
    const { TMPDIR } = process.env;
    process.env.TMPDIR = temporary;
    t.after(() => {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
    });
    const engine = await openDuckDb({ location, env: DUCKDB_ENV });
    assert.equal(readdirSync(temporary).length, 1);
    await engine.close();
    assert.deepEqual(readdirSync(temporary), []);
  });
});
