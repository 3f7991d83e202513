/** What is kept, by a clock that the test moves on. */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { Kept } from '../../src/serving/kept.ts';

let nowMs: number;
let version: number;
let tookMs: number;
let made: number;
beforeEach(() => {
  [nowMs, version, tookMs, made] = [0, 1, 0, 0];
});

function keep(options: { readonly share?: number; readonly staleMs?: number } = {}): Kept<string> {
  return new Kept({
    version: () => version,
    make: (of) => {
      made++;
      const value = `of ${of}`;
      // What comes while it is made is not in it.
      if (tookMs > 0) version++;
      nowMs += tookMs;
      return value;
    },
    now: () => nowMs,
    ...options,
  });
}

describe('a value that is kept', () => {
  test('bears the version that it was made of, whatever has come since', () => {
    const kept = keep();
    kept.get(1000);
    version = 5;
    nowMs = 999;
    assert.deepEqual([kept.get(1000).value, kept.get(1000).version, kept.versionFor(1000)], ['of 1', 1, 1]);
    nowMs = 1000;
    assert.equal(kept.versionFor(1000), 5);
    assert.equal(made, 1, 'asking for the version makes nothing');
    assert.deepEqual([kept.get(1000).value, kept.get(1000).version], ['of 5', 5]);
    assert.equal(made, 2);
  });

  test('is spared for longer the longer it took to make', () => {
    const kept = keep({ share: 0.1 });
    tookMs = 500;
    assert.equal(kept.get(1000).version, 1);
    nowMs = 500 + 4_999;
    assert.deepEqual([kept.get(1000).version, kept.versionFor(1000)], [1, 1]);
    nowMs++;
    assert.deepEqual([kept.versionFor(1000), kept.get(1000).version], [2, 2]);
  });

  test('is kept for as long as nothing grows, or until it is stale', () => {
    const [forever, stale] = [keep(), keep({ staleMs: 2000 })];
    for (const each of [forever, stale]) each.get(1000);
    nowMs = 1999;
    for (const each of [forever, stale]) each.get(1000);
    assert.equal(made, 2);
    nowMs = 2000;
    stale.get(1000);
    assert.equal(made, 3);
    nowMs = 1e9;
    forever.get(1000);
    assert.equal(made, 3);
  });
});
