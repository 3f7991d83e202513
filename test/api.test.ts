/** docs/api.md shows every export of the library, as it is declared. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readExports, withSignatures } from '../scripts/api-signatures.ts';

const DOCUMENT = fileURLToPath(new URL('../docs/api.md', import.meta.url));
const document = readFileSync(DOCUMENT, 'utf8');

test('the signatures are those of the declarations: npm run api writes them', () => {
  assert.equal(document, withSignatures(document).text);
});

test('every export is shown once', () => {
  const { shown } = withSignatures(document);
  assert.deepEqual([...shown].sort(), [...readExports().keys()].sort());
});

test('what is exported as a value is there', async () => {
  const library: object = await import('spoe-logs');
  for (const name of Object.keys(library)) assert.ok(readExports().has(name), name);
});

test('links lead somewhere', () => {
  const headings = [...document.matchAll(/^#+ (.*)$/gm)].map(
    ([, title = '']) =>
      `#${title
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-')}`,
  );
  for (const [, target = ''] of document.matchAll(/\]\(([^)]+)\)/g)) {
    if (target.startsWith('https:')) continue;
    if (target.startsWith('#')) assert.ok(headings.includes(target), target);
    else assert.ok(existsSync(path.join(path.dirname(DOCUMENT), target.replace(/#.*/, ''))), target);
  }
});
