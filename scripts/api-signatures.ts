/**
 * The signatures in docs/api.md, from the declarations that are published:
 *
 *   npm run api     writes them into the document (test/api.test.ts says when that is needed)
 *
 * A line `<!-- api: name, name -->` in the document is followed by a block with the declarations of these exports.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Comment, type Declaration, type ModuleExportName, parseSync } from 'oxc-parser';
import { isMain, main, ROOT } from './project.mjs';

const DOCUMENT = join(ROOT, 'docs/api.md');
const SURFACE = join(ROOT, 'dist/lib/index.d.ts');
const MARK = /<!-- api: ([^>]*) -->\n(?:```ts\n[\s\S]*?```\n)?/g;

interface Place {
  readonly file: string;
  /** Its name there. */
  readonly name: string;
}

/** Where each export is declared, by its name in the library. */
export function readExports(): ReadonlyMap<string, Place> {
  const { program } = parseSync(SURFACE, readFileSync(SURFACE, 'utf8'));
  const exports = new Map<string, Place>();
  for (const statement of program.body) {
    if (statement.type !== 'ExportNamedDeclaration' || statement.source === null) continue;
    const file = join(dirname(SURFACE), statement.source.value).replace(/\.[jt]s$/, '.d.ts');
    for (const { exported, local } of statement.specifiers)
      exports.set(textOf(exported), { file, name: textOf(local) });
  }
  return exports;
}

function textOf(name: ModuleExportName): string {
  return 'name' in name ? name.name : name.value;
}

/** A type, a function, a class, or constants. */
function namesOf(declaration: Declaration): string[] {
  if ('declarations' in declaration)
    return declaration.declarations.flatMap(({ id }) => ('name' in id ? [id.name] : []));
  return 'id' in declaration && declaration.id !== null && 'name' in declaration.id ? [declaration.id.name] : [];
}

/** What a file declares under a name; a constant and its type have one name. */
function declarationsOf({ file, name }: Place, exported: string): string[] {
  const text = readFileSync(file, 'utf8');
  const { program, comments } = parseSync(file, text);
  const found = program.body.flatMap((statement) => {
    if (statement.type !== 'ExportNamedDeclaration' || statement.declaration === null) return [];
    const { start, end } = statement;
    return namesOf(statement.declaration).includes(name)
      ? [{ comment: commentBefore(text, comments, start), code: text.slice(start, end) }]
      : [];
  });
  if (found.length === 0) throw new Error(`${file} does not declare ${name}`);
  return found.map(({ comment, code }) => {
    const declaration = code
      .replace(/^export (declare )?/, '')
      .replace(new RegExp(`^(function|const|class) ${name}\\b`), `$1 ${exported}`)
      .replace(/^ {4,}/gm, (indent) => ' '.repeat(indent.length / 2))
      .replace(/^ +#private;\n/gm, '');
    return `${comment}${declaration}`;
  });
}

/** What stands right before a declaration and says what it is. */
function commentBefore(text: string, comments: readonly Comment[], start: number): string {
  const last = comments.findLast(({ end }) => end <= start);
  return last !== undefined && text.slice(last.end, start) === '\n' ? text.slice(last.start, start) : '';
}

/** Single lines stand together. */
function joined(blocks: readonly string[]): string {
  return blocks.reduce((all, block, i) => {
    const isApart = i > 0 && (block.includes('\n') || blocks[i - 1]?.includes('\n'));
    return `${all}${isApart ? '\n' : ''}${block}\n`;
  }, '');
}

/** The document with the blocks as they have to be, and the names that are in them. */
export function withSignatures(document: string): { readonly text: string; readonly shown: readonly string[] } {
  const exports = readExports();
  const shown: string[] = [];
  const text = document.replace(MARK, (_, list: string) => {
    const names = list.split(',').map((name) => name.trim());
    shown.push(...names);
    const blocks = names.flatMap((name) => {
      const where = exports.get(name);
      if (where === undefined) throw new Error(`docs/api.md shows ${name}, which is not exported`);
      return declarationsOf(where, name);
    });
    return `<!-- api: ${names.join(', ')} -->\n\`\`\`ts\n${joined(blocks)}\`\`\`\n`;
  });
  return { text, shown };
}

// Of import.meta the url alone stays that of this file in the bundle of a test.
if (isMain({ url: import.meta.url })) {
  await main(async () => {
    const before = readFileSync(DOCUMENT, 'utf8');
    const { text } = withSignatures(before);
    if (text !== before) writeFileSync(DOCUMENT, text);
    console.log(text === before ? 'docs/api.md is up to date' : 'wrote docs/api.md');
  });
}
