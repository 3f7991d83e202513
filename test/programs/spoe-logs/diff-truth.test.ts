/** Seeded traffic whose truth is known, with every bucket and trap in it: the report has to find all of it, exactly. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compare } from '../../../bench/diff/check-truth.ts';
import { generateFiles } from '../../../bench/diff/generate.ts';
import { MIRROR_FORMATS } from '../../../bench/diff/mirror-lines.ts';
import type { DataSettings } from '../../../bench/diff/settings.ts';
import { spoeLogs } from './one-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-truth-'));
after(() => rmSync(folder, { recursive: true }));

const SPOE = ['inline', 'separate', 'none'] as const;

function generate(name: string, settings: Partial<DataSettings>): string {
  const out = join(folder, name);
  generateFiles(out, { requests: 2000, traps: true, ...settings });
  return out;
}

/** Empty when the report says what the truth says. */
function mismatches(report: string, data: string): readonly string[] {
  return compare(JSON.parse(report), JSON.parse(readFileSync(join(data, 'truth.json'), 'utf8')));
}

for (const [i, mirror] of MIRROR_FORMATS.entries()) {
  for (const [j, spoe] of SPOE.entries()) {
    test(`the mirror's side is ${mirror}, SPOE lines are ${spoe}`, async () => {
      const broken = { broken: 'GET /orders/{id}', brokenRate: 0.3 };
      const data = generate(`${mirror}-${spoe}`, { seed: 10 * i + j + 1, mirror, spoe, ...broken });
      const separate = spoe === 'separate' ? ['--spoe', join(data, 'spoe.log')] : [];
      const sides = ['--production', join(data, 'production.log'), '--mirror', join(data, 'mirror.log')];
      const { code, stdout } = await spoeLogs(['diff', ...sides, ...separate, '--format', 'json']);
      assert.equal(code, 1);
      assert.deepEqual(mismatches(stdout, data), []);
    });
  }
}

test('each way of counting retried requests', async () => {
  const data = generate('retries', { seed: 77 });
  for (const policy of ['last', 'worst', 'first']) {
    const sides = ['--production', join(data, 'production.log'), '--mirror', join(data, 'mirror.log')];
    const { stdout } = await spoeLogs(['diff', ...sides, '--mirror-duplicates', policy, '--format', 'json']);
    assert.deepEqual(mismatches(stdout, data), [], policy);
  }
});

test('lines in any order give the same bytes', async () => {
  const data = generate('order', { seed: 5 });
  const sides = ['--production', join(data, 'production.log'), '--mirror', join(data, 'mirror.log')];
  const first = await spoeLogs(['diff', ...sides, '--format', 'json']);
  for (const side of ['production.log', 'mirror.log']) {
    const lines = readFileSync(join(data, side), 'latin1').trimEnd().split('\n');
    // A step that has no divisor in common with their number visits each line once.
    const step = [7919, 7907, 7901].find((prime) => lines.length % prime !== 0) as number;
    const shuffled = lines.map((_, i) => lines[(i * step) % lines.length]);
    writeFileSync(join(data, side), `${shuffled.join('\n')}\n`, 'latin1');
  }
  const second = await spoeLogs(['diff', ...sides, '--format', 'json']);
  assert.equal(second.stdout, first.stdout);
});
