/** What is said besides the verdict. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMutatingPairs } from '../../src/diff/report-warnings.ts';
import type { Comparisons } from '../../src/diff/route-order.ts';

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
