/** What is said of answers: nothing is fine that was not judged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAtPlace, findInBodies, findInHeads } from '../../../src/diff/responses/response-findings.ts';
import { type CountedAnswers, compared, tallyOf } from './counted.ts';

interface Asked {
  readonly anytime?: boolean;
  readonly noise?: { readonly source: 'file' | 'none' };
}

function found(routes: { readonly [route: string]: readonly CountedAnswers[] }, { anytime, noise }: Asked = {}) {
  const tallies = Object.fromEntries(Object.entries(routes).map(([route, pairs]) => [route, tallyOf(pairs)]));
  const responses = compared(tallies, noise && { noise }, anytime);
  return { responses, paired: responses.report.pairs, settings: { minPairs: 200 } };
}

const JITTER = [{ mirror: ['value $.took_ms'], times: 222 }, { times: 18 }];

test('who asks for a place whose values cannot be judged is told so, and whoever asks for none what was not judged', () => {
  const [asked] = findAtPlace(found({ r: JITTER }), '$.took_ms');
  assert.equal(asked?.state, 'open');
  assert.equal(
    asked?.title,
    'whether $.took_ms changed is not known: r: $.took_ms has another value in 92.5 % of 240 pairs (noise unknown), which could not be tested',
  );
  const [bodies] = findInBodies(found({ r: JITTER }));
  assert.deepEqual(
    [bodies?.state, bodies?.reason],
    ['fine', 'no field is missing, new or of another type beyond chance in 240 pairs; values were not judged'],
  );
  const known = found({ r: JITTER.map((each) => ({ ...each, noise: each.mirror ?? [] })) });
  assert.deepEqual(
    [findAtPlace(known, '$.took_ms'), findInBodies(known)].map(([finding]) => finding?.reason),
    ['$.took_ms did not change beyond the noise', 'no field changed beyond the noise in 240 pairs'],
  );
});

test('a route without A/A beside one that has it is not said to be the same', () => {
  const known = [{ mirror: [], noise: [], times: 200 }];
  const of = (...mirror: string[]) => found({ known, other: [{ mirror, times: 100 }] });
  const reason = 'other: $.a has another value in 100 % of 100 pairs (noise unknown), which could not be tested';
  const [open] = findInBodies(of('value $.a'));
  assert.deepEqual([open?.state, open?.reason], ['open', reason]);
  assert.equal(findInHeads(of('value $.a'), false)[0]?.state, 'fine');
  assert.equal(findAtPlace(of('value $.a'), '$.a')[0]?.state, 'open');
  assert.equal(findAtPlace(of('value $.a'), '$.b')[0]?.state, 'fine');
  assert.match(findInBodies(of('value $.a', 'order $.b'))[0]?.reason ?? '', /, nor could 1 other difference$/);
  assert.equal(findInHeads(of('value header x'), false)[0]?.state, 'open');
  const some = found({
    known: [{ mirror: ['value $.a'], noise: [], times: 1 }, ...known],
    other: [{ mirror: ['value $.a'], times: 10 }, { times: 90 }],
  });
  assert.deepEqual(
    [findInBodies(some), findAtPlace(some, '$.a')].map(([finding]) => finding?.state),
    ['fine', 'open'],
  );
});

test('the pairs of a finding are those whose noise is known', () => {
  const most = [{ mirror: [], noise: [], times: 160 }, { times: 80 }];
  assert.equal(findInBodies(found({ r: most }))[0]?.reason, 'no field changed beyond the noise in 160 pairs');
});
