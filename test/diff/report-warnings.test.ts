import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMirroringGap, findMutatingPairs } from '../../src/diff/report-warnings.ts';
import type { Comparisons } from '../../src/diff/route-order.ts';
import { TimeProfile } from '../../src/diff/time-profile.ts';

const START = Date.UTC(2026, 10, 26, 9);

/** Ten requests a second; `isMirrored` says what becomes of each. */
function profile(seconds: number, isMirrored: (second: number, i: number) => boolean): TimeProfile {
  const made = new TimeProfile();
  for (let i = 0; i < 10 * seconds; i++)
    made.add(isMirrored(Math.floor(i / 10), i) ? 'pairs' : 'notMirrored', START + 100 * i);
  return made;
}

test('a filter that was removed in the midst of a comparison', () => {
  const gap = findMirroringGap(profile(150, (second) => second < 120));
  assert.deepEqual(gap, { fromMs: START + 120_000, toMs: START + 150_000, requests: 300, shareElsewhere: 1 });
});

test('mirroring that was off for a while, and sampled otherwise', () => {
  const gap = findMirroringGap(profile(200, (second, i) => (second < 60 || second >= 120) && i % 10 === 3));
  assert.deepEqual([gap?.fromMs, gap?.requests], [START + 60_000, 600]);
});

test('what sampling and selection leave out is no gap', () => {
  assert.equal(findMirroringGap(profile(200, (_second, i) => i % 97 === 0)), undefined);
  assert.equal(findMirroringGap(profile(200, () => true)), undefined);
  assert.equal(findMirroringGap(profile(200, () => false)), undefined);
  assert.equal(findMirroringGap(new TimeProfile()), undefined);
});

function routes(counts: { readonly [route: string]: number }): Pick<Comparisons, 'routes'> {
  const all = Object.entries(counts).map(([route, n]) => ({ route, errors: { n } }));
  return { routes: all } as unknown as Pick<Comparisons, 'routes'>;
}

test('pairs of requests that change something are told by the methods of their routes, most pairs first', () => {
  const counts = { 'GET /a': 9, 'DELETE /a': 2, 'POST /a': 3, 'POST /b/{…}': 4, 'OPTIONS /a': 1, '(other)': 5 };
  assert.deepEqual(findMutatingPairs(routes(counts)), { pairs: 9, methods: ['POST', 'DELETE'] });
});

test('what looks like such a method, and routes without pairs, are none', () => {
  assert.equal(findMutatingPairs(routes({ 'POSTAL /a': 1, 'GET /POST x': 1, 'PUT /a': 0, POST: 1 })), undefined);
});
