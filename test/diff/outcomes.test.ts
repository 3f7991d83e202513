import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REQUEST_KINDS } from '../../src/diff/request-line.ts';
import type { AccessRecord } from '../../src/logs/access-record.ts';
import { analyse, joinedAt, pairs, report } from './records.ts';

function kindOf(before: Partial<AccessRecord>, after: Partial<AccessRecord>, settings = {}): string | undefined {
  return joinedAt(analyse(pairs([before, after, 1]), settings), 0).kind;
}

const KINDS: readonly (readonly [Partial<AccessRecord>, Partial<AccessRecord>, kind: string])[] = [
  [{ status: 200 }, { status: 200 }, 'same'],
  [{ status: 404 }, { status: 404 }, 'same'],
  [{ status: 200 }, { status: 500 }, 'new_error'],
  [{ status: 404 }, { status: 503 }, 'new_error'],
  [{ status: 200 }, { status: 999 }, 'new_error'],
  [{ status: 200 }, { status: -1, error: 'timeout' }, 'new_error'],
  [{ status: 200 }, { status: 200, error: 'reset' }, 'new_error'],
  [{ status: 200 }, { status: -1 }, 'new_error'],
  [{ status: 200 }, { status: 200, termination: 'SD--' }, 'new_error'],
  [{ status: 502 }, { status: 200 }, 'fixed_error'],
  [{ status: 502 }, { status: 404 }, 'fixed_error'],
  [{ status: 200, termination: 'SD--' }, { status: 200 }, 'fixed_error'],
  [{ status: -1, termination: 'sH--' }, { status: 200 }, 'fixed_error'],
  [{ status: 500 }, { status: 503 }, 'both_error'],
  [{ status: 200, termination: 'SD--' }, { status: -1, error: 'reset' }, 'both_error'],
  [{ status: 200 }, { status: 404 }, 'new_4xx'],
  [{ status: 302 }, { status: 405 }, 'new_4xx'],
  [{ status: 404 }, { status: 200 }, 'fixed_4xx'],
  [{ status: 404 }, { status: 410 }, 'changed'],
  [{ status: 200 }, { status: 204 }, 'changed'],
  [{ status: 301 }, { status: 302 }, 'changed'],
];

for (const [before, after, kind] of KINDS) {
  test(`${JSON.stringify(before)} and ${JSON.stringify(after)} is ${kind}`, () => {
    assert.equal(kindOf(before, after), kind);
  });
}

test('--error says which statuses are errors, terminations and recorded errors are ones in any case', () => {
  const settings = { errors: ['409'] };
  assert.equal(kindOf({ status: 201 }, { status: 409 }, settings), 'new_error');
  assert.equal(kindOf({ status: 200 }, { status: 500 }, settings), 'changed');
  assert.equal(kindOf({ status: 200 }, { error: 'timeout' }, settings), 'new_error');
  assert.equal(kindOf({ status: 200, termination: 'SC--' }, {}, settings), 'fixed_error');
});

test('every kind of request line is one that a pair can be', () => {
  assert.deepEqual([...REQUEST_KINDS].sort(), [...new Set([...KINDS.map(([, , kind]) => kind), 'ignored'])].sort());
});

test('the four cells add up to the pairs, 4xx and other changes are among the fine ones', () => {
  const { errors } = report(
    pairs(
      [{}, {}, 5],
      [{}, { status: 500 }, 4],
      [{ status: 500 }, {}, 3],
      [{ status: 500 }, { status: 500 }, 2],
      [{}, { status: 404 }, 1],
      [{ status: 404 }, {}, 2],
      [{}, { status: 204 }, 3],
    ),
  );
  assert.equal(errors.n, 20);
  assert.deepEqual([errors.bothOk, errors.newError, errors.fixedError, errors.bothError], [11, 4, 3, 2]);
  assert.deepEqual([errors.new4xx, errors.fixed4xx, errors.statusChanged], [1, 2, 6]);
  assert.deepEqual([errors.productionRate, errors.mirrorRate, errors.difference], [5 / 20, 6 / 20, 1 / 20]);
});

const WANTED = pairs(
  [{ method: 'POST', target: '/orders?x=1', status: 201 }, { status: 409 }, 3],
  [{ method: 'POST', target: '/orders', status: 201 }, { status: 201 }, 2],
  [{ method: 'PUT', target: '/orders/17', status: 200 }, { status: 500 }, 1],
);

function ignoring(...ignore: string[]): number[] {
  const { errors } = report(WANTED, { settings: { ignore } });
  return [errors.ignored, errors.n, errors.new4xx, errors.newError];
}

test('a wanted change is neither a match nor a change', () => {
  assert.deepEqual(ignoring(), [0, 6, 3, 1]);
  assert.deepEqual(ignoring('POST /orders 201->409'), [3, 3, 0, 1]);
  assert.deepEqual(ignoring('POST /orders 201->409', 'PUT /orders/{…} *->5xx'), [4, 2, 0, 0]);
});

test('a wanted change is named by route or by path, in the method that is given', () => {
  assert.equal(ignoring('/orders/17 200->500')[0], 1);
  assert.equal(ignoring('/orders/18 200->500')[0], 0);
  assert.equal(ignoring('GET /orders 201->409')[0], 0);
  assert.equal(ignoring('/orders 2xx->4xx')[0], 3);
  assert.equal(ignoring('*->*')[0], 4);
});

test('what did not change is compared, whatever is wanted', () => {
  assert.deepEqual(ignoring('201->201'), [0, 6, 3, 1]);
});

test('wanted changes alone are no pairs, and no pass', () => {
  const { errors, verdict, coverage } = report(pairs([{ status: 201 }, { status: 409 }, 300]), {
    settings: { ignore: ['201->409'] },
  });
  assert.deepEqual([errors.n, errors.ignored, coverage.paired], [0, 300, 300]);
  assert.equal(verdict.status, 'inconclusive');
});

test('an error of the mirror is named in the transitions, most frequent first', () => {
  const { transitions } = report(
    pairs(
      [{}, { status: -1, error: 'connect-refused' }, 2],
      [{}, { status: -1 }, 1],
      [{ status: -1 }, {}, 3],
      [{}, {}, 4],
    ),
  );
  assert.deepEqual(transitions, [
    { production: '200', mirror: '200', count: 4 },
    { production: 'none', mirror: '200', count: 3 },
    { production: '200', mirror: 'connect-refused', count: 2 },
    { production: '200', mirror: 'no-status', count: 1 },
  ]);
});

test('more transitions than anyone reads are one, the last, in any order of lines', () => {
  const kinds = Array.from({ length: 2100 }, (_, i) => [{}, { error: `e${i}`, status: -1 }, i < 3 ? 2 : 1] as const);
  const { transitions } = report(pairs(...kinds));
  assert.equal(transitions.length, 2001);
  assert.deepEqual(transitions.at(-1), { production: '(other)', mirror: '(other)', count: 100 });
  assert.deepEqual(report(pairs(...[...kinds].reverse())).transitions, transitions);
});

test('routes that only the mirror does not know are not forward-compatible', () => {
  const { routes } = report(
    pairs(
      [{ target: '/new' }, { status: 404 }, 3],
      [{ target: '/new', status: 302 }, { status: 405 }, 2],
      [{ target: '/long' }, { status: 414 }, 1],
      [{ target: '/old', status: 404 }, { status: 404 }, 1],
      [{ target: '/gone', status: 410 }, { status: 404 }, 1],
      [{ target: '/none', status: -1 }, { status: 404 }, 1],
      [{ target: '/forbidden' }, { status: 403 }, 1],
    ),
  );
  const found = routes
    .filter((route) => route.notForwardCompatible)
    .map((route) => [route.route, route.notForwardCompatible]);
  assert.deepEqual(found, [
    ['GET /new', { 404: 3, 405: 2 }],
    ['GET /long', { 414: 1 }],
  ]);
});

test('so they are where 404 counts as an error', () => {
  const { routes } = report(pairs([{ target: '/new' }, { status: 404 }, 3]), { settings: { errors: ['5xx', '404'] } });
  assert.deepEqual(routes[0]?.notForwardCompatible, { 404: 3 });
});
