/** What is counted of differences: where they are, whose they are, and within which bounds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_RULES } from '../../../src/diff/responses/difference-rules.ts';
import { FieldBudget, ResponseTally } from '../../../src/diff/responses/response-tally.ts';
import { CONTEXT, type CountedAnswers, tallyOf } from './counted.ts';

function field(tally: ResponseTally, key: string) {
  const { mirror, mirrorOnly, noiseOnly, both } = tally.fields.get(key) ?? {};
  return { mirror, mirrorOnly, noiseOnly, both };
}

test('a difference is the mirror’s, the noise’s, or in both of the same request', () => {
  const tally = tallyOf([
    { mirror: ['value $.a'], noise: [], times: 3 },
    { mirror: [], noise: ['value $.a'], times: 2 },
    { mirror: ['value $.a'], noise: ['value $.a'], times: 4 },
    { mirror: ['value $.a'], noise: undefined },
    { mirror: ['missing $.a'], noise: ['value $.b'] },
  ]);
  assert.deepEqual(field(tally, 'value $.a'), { mirror: 8, mirrorOnly: 3, noiseOnly: 2, both: 4 });
  assert.deepEqual(field(tally, 'missing $.a'), { mirror: 1, mirrorOnly: 1, noiseOnly: 0, both: 0 });
  assert.deepEqual([tally.all.pairs, tally.withNoise.pairs], [11, 10]);
});

test('a difference that the other answer could not have shown is held against nothing', () => {
  for (const noiseBody of ['not-whole', 'unasked', 'other-status', 'none'] as const) {
    const tally = tallyOf([{ mirror: ['value $.a', 'value header x'], noise: [], noiseBody, times: 9 }]);
    assert.deepEqual(field(tally, 'value $.a'), { mirror: 9, mirrorOnly: 0, noiseOnly: 0, both: 0 }, noiseBody);
    const mirrorOnly = noiseBody === 'other-status' ? 0 : 9;
    assert.deepEqual(field(tally, 'value header x'), { mirror: 9, mirrorOnly, noiseOnly: 0, both: 0 }, noiseBody);
    assert.deepEqual(tally.withNoise, { pairs: 9, bodies: 0 });
    const turned = tallyOf([{ mirror: [], body: noiseBody, noise: ['value $.a'], times: 9 }]);
    assert.equal(turned.fields.get('value $.a'), undefined);
    assert.deepEqual(turned.withNoise, { pairs: 9, bodies: 0 });
  }
  const gone = tallyOf([{ mirror: ['body-state body: none → body'], noise: [], noiseBody: 'none', times: 9 }]);
  assert.equal(gone.fields.get('body-state body')?.mirrorOnly, 9);
  // Heads say it of bodies that nobody asked for.
  for (const what of ['body-state body: body → none', 'length length']) {
    const unasked = tallyOf([{ mirror: [what], body: 'unasked', noise: [], noiseBody: 'unasked', times: 9 }]);
    assert.deepEqual(
      [...unasked.fields.values()].map(({ mirrorOnly }) => mirrorOnly),
      [9],
    );
    const noise = tallyOf([{ mirror: [], body: 'unasked', noise: [what], noiseBody: 'unasked', times: 9 }]);
    assert.deepEqual(
      [...noise.fields.values()].map(({ noiseOnly }) => noiseOnly),
      [9],
    );
  }
});

test('a pair in which a place is of another type and there another number of times is one pair without what is below', () => {
  const tally = tallyOf([
    { mirror: ['type $.a', 'count $.a'], times: 3 },
    { mirror: ['missing $.a'], times: 2 },
    { mirror: ['extra $.a'] },
  ]);
  assert.equal(tally.pairsWithout({ place: '$.a.b', kind: 'value' }), 6);
});

test('what follows from another difference of the pair is not counted besides', () => {
  const tally = tallyOf([
    { mirror: ['value $.a', 'value header etag', 'missing header x'], noise: ['value header etag'] },
    { mirror: ['status status: 200 → 404', 'missing header x'], noise: [] },
  ]);
  assert.deepEqual([...tally.fields.keys()].sort(), [
    'missing header x',
    'status status',
    'value $.a',
    'value header etag',
  ]);
  assert.equal(tally.fields.get('missing header x')?.mirror, 1);
  assert.deepEqual(field(tally, 'value header etag'), { mirror: 0, mirrorOnly: 0, noiseOnly: 1, both: 0 });
});

test('what rules suppress is counted by rule, place and kind, and nowhere else', () => {
  const rule = { by: 'rule', name: '$.a' } as const;
  const rules = { ...NO_RULES, classify: ({ place }: { place: string }) => (place === '$.a' ? rule : undefined) };
  const pairs = [{ mirror: ['value $.a', 'type $.a', 'value $.b'], noise: ['value $.a'], times: 2 }];
  const tally = tallyOf(pairs, rules);
  assert.deepEqual([...tally.fields.keys()], ['value $.b']);
  assert.deepEqual(
    [...(tally.suppressed.get(rule) ?? [])],
    [
      ['value $.a', 2],
      ['type $.a', 2],
    ],
  );
});

test('what a description says of a field is said of one that the noise shows in every pair as well', () => {
  const rules = { ...NO_RULES, declaredOf: () => 'undeclared' as const };
  const tally = tallyOf([{ mirror: ['value $.a', 'value $.b'], noise: ['value $.a'], times: 3 }], rules);
  const merged = new ResponseTally();
  merged.merge(tally);
  for (const each of [tally, merged]) {
    assert.deepEqual(
      ['value $.a', 'value $.b'].map((key) => [each.fields.get(key)?.declared, each.fields.get(key)?.examples.length]),
      [
        ['undeclared', 0],
        ['undeclared', 3],
      ],
    );
  }
});

test('examples are those of the lowest rank in which only the mirror differs, whatever the order', () => {
  const pairs: CountedAnswers[] = [7, 3, 9, 1, 5].map((rank) => ({
    mirror: ['value $.a'],
    noise: [],
    rank,
    id: `r${rank}`,
  }));
  pairs.push({ mirror: ['value $.a'], noise: ['value $.a'], rank: 0, id: 'noise' });
  const ids = (all: readonly CountedAnswers[]) =>
    tallyOf(all)
      .fields.get('value $.a')
      ?.examples.map(({ id }) => id);
  assert.deepEqual(ids(pairs), ['r1', 'r3', 'r5']);
  assert.deepEqual(ids([...pairs].reverse()), ['r1', 'r3', 'r5']);
});

test('two tallies add up to what one would have counted', () => {
  const all: CountedAnswers[] = [
    { mirror: ['type $.a: number → string'], noise: [], times: 3 },
    { mirror: ['type $.a: number → null'], noise: ['value $.b'], times: 2 },
    { mirror: [], noise: undefined, times: 4 },
  ];
  const sum = new ResponseTally();
  sum.merge(tallyOf(all));
  sum.merge(tallyOf(all));
  const twice = tallyOf([...all, ...all]);
  assert.deepEqual([sum.all, sum.withNoise, sum.beyond], [twice.all, twice.withNoise, 0]);
  for (const [key, counts] of twice.fields) {
    assert.deepEqual(field(sum, key), field(twice, key));
    assert.deepEqual([...(sum.fields.get(key)?.shapes ?? [])], [...counts.shapes]);
  }
});

test('places beyond the bound of a route, and of all routes, are counted and not told apart', () => {
  const budget = new FieldBudget();
  const tallies = Array.from({ length: 21 }, () => new ResponseTally());
  for (const tally of tallies) {
    const differences = Array.from({ length: 1200 }, (_, i) => ({ place: `$.p${i}`, kind: 'value' }) as const);
    const states = { production: 'whole', mirror: 'whole' } as const;
    const pair = { context: CONTEXT, example: () => ({ id: '', rank: 0 }) };
    tally.add({ differences, body: 'compared', noise: undefined, states }, pair, NO_RULES, budget);
  }
  assert.deepEqual([tallies[0]?.fields.size, tallies[0]?.beyond], [1000, 200]);
  assert.deepEqual([tallies[20]?.fields.size, tallies[20]?.beyond], [0, 1200]);
});

test('shapes are bounded: what is beyond is counted as the difference it is', () => {
  const pairs = Array.from({ length: 40 }, (_, i) => ({ mirror: [`content-type content-type: a/b → a/c${i}`] }));
  const counts = tallyOf(pairs).fields.get('content-type content-type');
  assert.equal(counts?.mirror, 40);
  assert.equal(counts?.shapes.size, 16);
});

test('what is known of a place below a list of another length depends on what is asked', () => {
  const tally = tallyOf([
    { mirror: ['length $.items'], times: 3 },
    { mirror: ['missing $.items'], times: 2 },
  ]);
  const without = (kind: 'value' | 'type' | 'missing') => tally.pairsWithout({ place: '$.items[*].price', kind });
  assert.deepEqual([without('value'), without('type'), without('missing')], [5, 2, 2]);
});
