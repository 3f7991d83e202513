/** An option that no document names is one that nobody finds; one that a document lists and no program has misleads. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { OptionTable } from '../../src/options/option.ts';
import { OPTIONS } from '../../src/programs/spoa-mirror/option-table.ts';
import { COMMANDS, GLOBAL_OPTIONS } from '../../src/programs/spoe-logs/command-list.ts';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');
/** Options as they are named anywhere in a document: `--by`, `--mirror-url=URL`. */
const named = (text: string) => new Set([...text.matchAll(/--([a-z][a-z0-9-]*)/g)].map(([, name]) => name));
/** Options that a row of a table is about. */
const listed = (text: string) =>
  [...text.matchAll(/^\| *(`-[^|]*) *\|/gm)].flatMap(([, cell = '']) => [...named(cell)]).map(String);

/** Beside CLI.md, which is about them all. */
const OWN_DOCUMENT: Readonly<Partial<Record<keyof typeof COMMANDS, string>>> = {
  ...{ diff: 'diff', config: 'config', mirroring: 'mirroring', doctor: 'doctor', export: 'otel', serve: 'serve' },
};

const tables = await Promise.all(
  Object.entries(COMMANDS).map(async ([name, { load }]) => {
    const { command } = await load();
    const options: OptionTable = { ...command.options, ...GLOBAL_OPTIONS };
    return { name: name as keyof typeof COMMANDS, options };
  }),
);

for (const { name, options } of tables) {
  test(`each option of ${name} is in its document`, () => {
    const own = OWN_DOCUMENT[name];
    const there = named(read('CLI') + (own === undefined ? '' : read(own)));
    const shown = Object.entries(options).filter(([, { hidden }]) => hidden !== true);
    assert.ok(shown.length > 1);
    assert.deepEqual(
      shown.map(([option]) => option).filter((option) => !there.has(option)),
      [],
    );
  });
}

test('each option of the agent is in docs/agent.md', () => {
  const there = named(read('agent'));
  assert.deepEqual(
    OPTIONS.map(({ long }) => long).filter((option) => !there.has(option)),
    [],
  );
});

test('no table of a document is about an option that there is not', () => {
  const all = new Set([
    ...tables.flatMap(({ options }) => Object.keys(options)),
    ...OPTIONS.flatMap(({ long, also }) => [long, also]),
  ]);
  for (const document of ['CLI', 'agent', ...Object.values(OWN_DOCUMENT)]) {
    const gone = listed(read(document)).filter((option) => !all.has(option) && !all.has(option.replace(/^no-/, '')));
    assert.deepEqual(gone, [], document);
  }
});
