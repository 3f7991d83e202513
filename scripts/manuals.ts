/**
 * Writes the manual pages, completions and texts of --help that the tables of options make:
 *
 *   npm run man              into dist/man, dist/completions and dist/help (npm run build does it, too)
 *   … scripts/manuals.ts DIR  below another folder
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bashCompletion, type CompletedProgram, fishCompletion, zshCompletion } from '../src/options/completions.ts';
import { renderManPage } from '../src/options/man-page.ts';
import { COMPLETED_PROGRAM, MAN_PAGE } from '../src/programs/spoa-mirror/manual.ts';
import { COMMANDS } from '../src/programs/spoe-logs/command-list.ts';
import { completedProgram, helpOf, manPages } from '../src/programs/spoe-logs/manual.ts';

/** Under the names that the shells look for. */
function completionFiles(program: CompletedProgram): readonly (readonly [path: string, text: string])[] {
  return [
    [`completions/bash/${program.name}`, bashCompletion(program)],
    [`completions/zsh/_${program.name}`, zshCompletion(program)],
    [`completions/fish/${program.name}.fish`, fishCompletion(program)],
  ];
}

/** The texts of --help, for who has room for all their columns. */
async function helpFiles(): Promise<(readonly [path: string, text: string])[]> {
  const names = Object.keys(COMMANDS);
  const texts = await Promise.all([helpOf([]), ...names.map((name) => helpOf([name]))]);
  return ['spoe-logs', ...names].map((name, i) => [`help/${name}.txt`, `${texts[i]}\n`]);
}

const folder = process.argv[2] ?? 'dist';
const pages = [...(await manPages()), MAN_PAGE];
const files = [
  ...pages.map((page) => [`man/${page.name}.${page.section}`, renderManPage(page)] as const),
  ...(await helpFiles()),
  ...[await completedProgram(), COMPLETED_PROGRAM].flatMap(completionFiles),
];
for (const [path, text] of files) {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}
