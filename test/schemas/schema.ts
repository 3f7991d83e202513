/** Holds what a program has written against a file of docs/schemas. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
addFormats.default(ajv);
const compiled = new Map<string, ValidateFunction>();

/** `summary` → docs/schemas/summary.schema.json. */
export function assertFits(name: string, json: string, what = json): void {
  let fits = compiled.get(name);
  if (fits === undefined) {
    const file = new URL(`../../docs/schemas/${name}.schema.json`, import.meta.url);
    fits = ajv.compile(JSON.parse(readFileSync(file, 'utf8')));
    compiled.set(name, fits);
  }
  assert.ok(fits(JSON.parse(json)), `${what}: ${ajv.errorsText(fits.errors)}`);
}
