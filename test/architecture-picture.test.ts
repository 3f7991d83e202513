/** docs/architecture.svg is what the imports of src/ make of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { drawArchitecture } from '../scripts/architecture.ts';

const picture = readFileSync(new URL('../docs/architecture.svg', import.meta.url), 'utf8');

test('the picture is that of the imports: npm run architecture draws it', () => {
  assert.equal(picture, drawArchitecture());
});

test('it shows an arrow for imports, a dashed one where they are of types alone, and none into a leaf', () => {
  assert.match(picture, /class="arrow" [^>]*><title>spoa imports spop</);
  assert.match(picture, /class="arrow types" [^>]*><title>otel imports types of mirror</);
  assert.doesNotMatch(picture, /<title>\w+ imports (types of )?(status|text)</);
});
