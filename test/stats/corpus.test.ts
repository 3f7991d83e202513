import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { summarizeLog } from './read-log.ts';

const CORPUS = new URL('../../fixtures/logs/corpus/', import.meta.url);
const FORMATS = new URL('../../fixtures/logs/formats/', import.meta.url);

/** Rows of the README's table: file, lines, SPOE lines, st (count), verdict, first cause. */
const ROWS = readFileSync(new URL('README.md', CORPUS), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| haproxy-'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

const logsIn = (folder: URL) => readdirSync(folder).filter((name) => name.endsWith('.log'));

test('every log of the corpus has a row, and every row a log', () => {
  assert.deepEqual(ROWS.map(([, name]) => `${name}.log`).sort(), logsIn(CORPUS).sort());
});

for (const [, name, lines, spoe, statuses, verdict, cause] of ROWS) {
  test(`${name}: ${verdict}, ${cause === '-' ? 'no cause' : cause}`, () => {
    const summary = summarizeLog(readFileSync(new URL(`${name}.log`, CORPUS), 'utf8'));
    const found = [...summary.total.status].sort((a, b) => a.st - b.st).map(({ st, count }) => `${st} (${count})`);
    const { input } = summary;
    assert.equal(String(input.lines), lines);
    assert.equal(String(input.spoe), spoe);
    assert.equal(found.join(', ') || '-', statuses);
    assert.deepEqual([input.malformed, input.spoofed, input.spoeOther, input.overlong], [0, 0, 0, 0]);
    assert.equal(summary.verdict.status, verdict);
    assert.equal(summary.verdict.causes[0]?.code ?? '-', cause);
    for (const { message, next } of summary.verdict.causes) {
      assert.doesNotMatch(`${message}${next}`, /undefined|NaN|null/);
    }
    assert.doesNotMatch(summary.verdict.reasons.join(), /undefined|NaN|null/);
  });
}

for (const version of ['2.6.12', '3.2.26']) {
  test(`all 21 framings of ${version} give the same counts, errors and status table`, () => {
    const names = logsIn(FORMATS).filter((name) => name.startsWith(`haproxy-${version}--`));
    assert.equal(names.length, 21);
    const tables = names.map((name) => {
      const { input, total } = summarizeLog(readFileSync(new URL(name, FORMATS), 'utf8'));
      const status = total.status.map(({ first: _first, last: _last, ...entry }) => entry);
      const { lines, spoe, spoeOther, malformed, spoofed } = input;
      return { lines, spoe, spoeOther, malformed, spoofed, count: total.count, errors: total.errors, status };
    });
    for (const [i, table] of tables.entries()) assert.deepEqual(table, tables[0], names[i]);
    assert.equal(tables[0]?.lines, 25);
    assert.equal(tables[0]?.count, 12);
    assert.equal(tables[0]?.errors, 3);
  });
}
