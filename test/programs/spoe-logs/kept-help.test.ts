/** Help that the build keeps as a text: the words of the parser, without loading it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMMANDS } from '../../../src/programs/spoe-logs/command-list.ts';
import { helpOf } from '../../../src/programs/spoe-logs/manual.ts';
import { spoeLogs } from './one-process.ts';

for (const name of ['', ...Object.keys(COMMANDS)]) {
  test(`spoe-logs ${name} --help is what the parser writes`, async () => {
    const args = name === '' ? [] : [name];
    const { stdout, code } = await spoeLogs([...args, '-h']);
    assert.equal(code, 0);
    assert.equal(stdout, `${await helpOf(args)}\n`);
    assert.equal(
      readFileSync(new URL(`../../../dist/help/${name || 'spoe-logs'}.txt`, import.meta.url), 'utf8'),
      stdout,
    );
  });
}
