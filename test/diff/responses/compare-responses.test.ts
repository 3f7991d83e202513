/** Which of the counted differences are the release's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldDifference } from '../../../src/diff/model.ts';
import { NO_RULES } from '../../../src/diff/responses/difference-rules.ts';
import { levelAt } from '../../../src/diff/responses/field-tests.ts';
import { FieldBudget, type ResponseTally } from '../../../src/diff/responses/response-tally.ts';
import { CONTEXT, type CountedAnswers, compared, difference, tallyOf } from './counted.ts';

function short({ route, kind, place, regressed, hint }: FieldDifference): string {
  return `${route ?? '*'} ${kind} ${place}${regressed ? ' regressed' : hint ? ' hint' : ''}`;
}

function found(pairs: readonly CountedAnswers[]): string[] {
  return compared({ r: tallyOf(pairs) }).report.fields.map(short);
}

const same = (times: number): CountedAnswers => ({ mirror: [], noise: [], times });

test('what only the mirror does, and production’s version never, needs few pairs', () => {
  assert.deepEqual(found([{ mirror: ['missing $.a'], noise: [], times: 6 }, same(194)]), ['r missing $.a regressed']);
  assert.deepEqual(found([{ mirror: ['missing $.a'], noise: [], times: 4 }, same(196)]), ['r missing $.a hint']);
});

test('of many places that differ as seldom, one in which it was the mirror each time is chance', () => {
  const one = { mirror: ['value $.one'], noise: [], times: 5 };
  const others = Array.from({ length: 40 }, (_, i) => [
    { mirror: [`value $.p${i}`], noise: [], times: 3 },
    { mirror: [], noise: [`value $.p${i}`], times: 2 },
  ]);
  assert.ok(found([one, ...others.flat(), same(200)]).includes('r value $.one hint'));
  assert.ok(found([one, same(200)]).includes('r value $.one regressed'));
});

test('what the noise does as often is nothing, and a change of how often is found', () => {
  const jitter = (mirror: number, noise: number) => [
    { mirror: ['value $.a'], noise: [], times: mirror },
    { mirror: [], noise: ['value $.a'], times: noise },
    { mirror: ['value $.a'], noise: ['value $.a'], times: 100 },
    same(1000 - mirror - noise - 100),
  ];
  assert.deepEqual(found(jitter(200, 190)), ['r value $.a']);
  assert.deepEqual(found(jitter(300, 190)), ['r value $.a regressed']);
  assert.deepEqual(found(jitter(190, 300)), ['r value $.a']);
});

test('a rise that is significant and too small to count is none', () => {
  const pairs = [{ mirror: ['missing $.a'], noise: [], times: 40 }, same(99_960)];
  assert.deepEqual(found(pairs), ['r missing $.a hint']);
});

test('the level falls with the pairs, as there is power to spare', () => {
  const settings = { alpha: 0.05, anytime: false };
  assert.deepEqual(
    [100, 500, 1000, 5000].map((pairs) => levelAt(pairs, settings).toFixed(4)),
    ['0.0250', '0.0250', '0.0125', '0.0025'],
  );
});

test('a header that is gone everywhere is one finding of the whole, not one of each route', () => {
  const routes = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [`r${i}`, tallyOf([{ mirror: ['missing header x'], noise: [], times: 40 }])]),
  );
  const { fields } = compared(routes).report;
  assert.deepEqual(fields.map(short), ['* missing header x regressed']);
  assert.deepEqual([fields[0]?.routes, fields[0]?.n], [8, 320]);
});

test('what is in one route alone is that route’s, whether others have it now and then or not', () => {
  const bad = tallyOf([{ mirror: ['missing header x'], noise: [], times: 60 }, same(60)]);
  const good = tallyOf([
    { mirror: ['missing header x'], noise: [] },
    { mirror: [], noise: ['missing header x'] },
    same(118),
  ]);
  assert.deepEqual(compared({ bad, good }).report.fields.map(short), ['bad missing header x regressed']);
});

test('a route’s change that is lost in the noise of all others is found by itself', () => {
  const noisy = [
    { mirror: ['value header x'], noise: [], times: 4000 },
    { mirror: [], noise: ['value header x'], times: 4000 },
    same(2000),
  ];
  const quiet = [{ mirror: ['value header x'], noise: [], times: 60 }, same(60)];
  const { fields } = compared({ noisy: tallyOf(noisy), quiet: tallyOf(quiet) }).report;
  assert.deepEqual(fields.map(short), ['quiet value header x regressed']);
});

test('without noise a field that comes and goes is nothing, and one that only goes is', () => {
  const random = [
    { mirror: ['missing $.a'], times: 30 },
    { mirror: ['extra $.a'], times: 28 },
    { mirror: ['type $.b: number → null'], times: 25 },
    { mirror: ['type $.b: null → number'], times: 31 },
    { mirror: ['value $.c'], times: 86 },
    { mirror: ['body-state body: body → none'], times: 20 },
    { mirror: ['body-state body: none → body'], times: 20 },
  ];
  assert.deepEqual(
    found([...random, { times: 0 }]).filter((text) => text.includes('regressed')),
    [],
  );
  const changed = [...random, { mirror: ['missing $.d', 'type $.e: number → string'], times: 50 }, { times: 100 }];
  assert.deepEqual(
    found(changed).filter((text) => text.includes('regressed')),
    ['r missing $.d regressed', 'r type $.e regressed'],
  );
  const gone = [{ mirror: ['body-state body: body → none'], times: 50 }, { times: 100 }];
  assert.deepEqual(
    found(gone).filter((text) => text.includes('regressed')),
    ['r body-state body regressed'],
  );
});

test('without noise values are not judged, however many differ', () => {
  const { fields } = compared({ r: tallyOf([{ mirror: ['value $.a', 'order $.b'], times: 500 }]) }).report;
  for (const { p, regressed, hint, noise } of fields)
    assert.deepEqual([p, regressed, hint, noise], [null, false, false, null]);
});

function withOtherNoise(
  pairs: readonly CountedAnswers[],
  noise: readonly (readonly [text: string, times: number])[],
): ResponseTally {
  const tally = tallyOf(pairs);
  const budget = new FieldBudget();
  for (const [text, times] of noise) {
    const differences = text === '' ? [] : [difference(text)];
    for (let i = 0; i < times; i++) tally.addNoise({ differences, body: 'compared' }, CONTEXT, NO_RULES, budget);
  }
  return tally;
}

test('noise of other requests is held against by shares', () => {
  const pairs = [{ mirror: ['value $.a'], times: 300 }, { mirror: ['value $.b'], times: 300 }, { times: 400 }];
  const tally = withOtherNoise(pairs, [
    ['value $.a', 150],
    ['value $.b', 100],
    ['', 250],
  ]);
  const { fields, noise } = compared({ r: tally }).report;
  assert.deepEqual(fields.map(short), ['r value $.b regressed', 'r value $.a']);
  assert.deepEqual(
    fields.map((field) => field.noise),
    [200, 300],
  );
  assert.equal(noise.sameRequests, false);
});

test('noise of few of the requests is held against by shares, and what it could not show is not said to be seen', () => {
  const few = (mirror: string[], noise: string[]) => [
    { mirror, noise, times: 3 },
    { mirror, times: 137 },
  ];
  assert.deepEqual(found(few(['type $.a: number → string'], [])), ['r type $.a regressed']);
  assert.deepEqual(found(few(['value $.a'], ['value $.a'])), ['r value $.a']);
  const { report } = compared({ r: tallyOf([{ mirror: [], noise: [], times: 3 }, { times: 237 }]) });
  assert.deepEqual([report.noise.sameRequests, report.noise.pairs], [false, 3]);
  assert.ok((report.detectable.bodies ?? 1) > 0.5, String(report.detectable.bodies));
});

test('what differs in most pairs of a route and cannot be tested is open', () => {
  const route = tallyOf([{ mirror: ['value $.b'], times: 40 }]);
  const known = tallyOf([{ mirror: ['value $.a'], noise: ['value $.a'], times: 100 }]);
  const open = (all: Parameters<typeof compared>[0], anytime = false) =>
    compared(all, {}, anytime)
      .report.fields.filter((each) => each.open)
      .map((each) => `${each.route} ${each.place}`);
  assert.deepEqual(open({ route, known }), ['route $.b']);
  const shared = tallyOf([{ mirror: ['value $.a'], times: 40 }]);
  assert.deepEqual(open({ shared, known }), ['shared $.a']);
  assert.deepEqual(open({ small: withOtherNoise([{ mirror: ['value $.b'], times: 6 }], [['', 1]]), known }), [
    'small $.b',
  ]);
  assert.deepEqual(open({ rare: tallyOf([{ mirror: ['value $.b'], noise: [], times: 4 }, same(9)]), known }), []);
  const other = (noise: string) => withOtherNoise([{ mirror: ['value $.a'], times: 500 }], [[noise, 500]]);
  assert.deepEqual([open({ r: other('') }, true), open({ r: other('value $.a') }, true)], [['r $.a'], []]);
});

test('looked at as often as one likes, it takes more, and noise of other requests decides nothing', () => {
  const few = { r: tallyOf([{ mirror: ['missing $.a'], noise: [], times: 6 }, same(194)]) };
  assert.deepEqual(compared(few, {}, true).report.fields.map(short), ['r missing $.a hint']);
  const many = { r: tallyOf([{ mirror: ['missing $.a'], noise: [], times: 12 }, same(188)]) };
  assert.deepEqual(compared(many, {}, true).report.fields.map(short), ['r missing $.a regressed']);
  const other = { r: withOtherNoise([{ mirror: ['value $.a'], times: 500 }], [['', 500]]) };
  const { fields } = compared(other, {}, true).report;
  assert.deepEqual([fields.map(short), fields[0]?.p], [['r value $.a hint'], null]);
});

test('what so many pairs would have shown is said, and shown', () => {
  const pairs = 400;
  const { detectable } = compared({ r: tallyOf([same(pairs)]) }).report;
  const share = detectable.heads ?? 0;
  assert.ok(share > 0.005 && share < 0.05, String(share));
  const times = Math.ceil(share * pairs) + 2;
  assert.deepEqual(found([{ mirror: ['missing header x'], noise: [], times }, same(pairs - times)]), [
    'r missing header x regressed',
  ]);
  assert.equal(compared({ r: tallyOf([same(2)]) }).report.detectable.heads, null);
});

test('of a place below an array of another length the pairs are those in which it could be compared', () => {
  const { fields } = compared({
    r: tallyOf([
      { mirror: ['length $.a'], noise: [], times: 20 },
      { mirror: ['value $.a[*].b'], noise: [], times: 30 },
      same(50),
    ]),
  }).report;
  assert.deepEqual(
    fields.map(({ place, n }) => [place, n]),
    [
      ['$.a[*].b', 80],
      ['$.a', 100],
    ],
  );
});

test('what rules and the noise took out is told with counts', () => {
  const rule = { by: 'built-in', name: 'set-cookie' } as const;
  const rules = {
    ...NO_RULES,
    classify: ({ place }: { place: string }) => (place === 'header set-cookie' ? rule : undefined),
  };
  const pairs = [{ mirror: ['value header set-cookie', 'value $.a'], noise: ['value $.a'], times: 7 }];
  const { suppressed } = compared({ r: tallyOf(pairs, rules) }, { noise: { source: 'file', name: 'aa.jsonl' } }).report;
  assert.deepEqual(suppressed, [
    { by: 'built-in', name: 'set-cookie', fields: 1, differences: 7 },
    { by: 'noise', name: 'aa.jsonl', fields: 1, differences: 7 },
  ]);
});
