import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseRules } from '../../src/diff/response-rules.ts';
import type { AccessRecord } from '../../src/logs/access-record.ts';
import { pairs, randomOf, report, rulesOf, shuffled } from './records.ts';

const JSON_TYPE = { target: '/orders/1', contentType: 'application/json' };
const HTML = { contentType: 'text/html' };

test('a media type that changed in all pairs of a route fails the comparison and says what became of it', () => {
  const lines = pairs([JSON_TYPE, HTML, 20], [{ ...HTML, target: '/' }, HTML, 300]);
  const { contents, verdict, settings } = report(lines);
  assert.equal(verdict.status, 'fail');
  assert.deepEqual(verdict.reasons, [
    'media type of GET /orders/{…}: application/json → text/html in 100 % of 20 pairs',
  ]);
  assert.deepEqual(contents?.types, {
    n: 320,
    changed: 20,
    changes: [{ production: 'application/json', mirror: 'text/html', count: 20 }],
    regressed: true,
  });
  assert.deepEqual(
    contents.routes.map(({ route, types, examples }) => [route, types?.changed, types?.n, examples.length]),
    [['GET /orders/{…}', 20, 20, 3]],
  );
  assert.ok(settings.gates === undefined || settings.gates.includes('content-type'));
});

test('nothing is said, and no gate is there, where a log names no media types', () => {
  for (const lines of [pairs([JSON_TYPE, {}, 300]), pairs([{}, HTML, 300]), pairs([{}, {}, 300])]) {
    const { contents, verdict } = report(lines);
    assert.equal(contents, undefined);
    assert.ok(!verdict.gates.some(({ gate }) => gate === 'content-type'));
  }
});

test('one that is asked for and cannot be looked at is inconclusive', () => {
  const { verdict } = report(pairs([{}, {}, 300]), { failOn: ['content-type', 'size-ratio>1.5'] });
  const results = verdict.gates.filter(({ gate }) => gate === 'content-type' || gate === 'size-ratio');
  assert.deepEqual(
    results.map(({ status, reason }) => [status, reason]),
    [
      ['inconclusive', 'both logs have to name the media type of answers'],
      ['inconclusive', "sizes have to be of the same on both sides: production's log has none, the mirror's has none"],
    ],
  );
});

test('few changes of many are told and decide nothing; all of a few are inconclusive', () => {
  const few = report(pairs([JSON_TYPE, HTML, 3], [JSON_TYPE, JSON_TYPE, 997]));
  assert.equal(few.verdict.status, 'pass');
  assert.equal(few.contents?.types?.changed, 3);
  assert.equal(few.contents.routes.length, 1);
  const all = report(pairs([JSON_TYPE, HTML, 2], [{ ...HTML, target: '/' }, HTML, 998]));
  assert.equal(all.verdict.status, 'inconclusive');
  assert.match(all.verdict.reasons[0] ?? '', /application\/json → text\/html in 100 % of 2 pairs/);
});

test('a type that is there no more is a change, and one of another status or an error is none', () => {
  const lines = pairs([JSON_TYPE, { contentType: '' }, 50], [JSON_TYPE, JSON_TYPE, 300]);
  assert.deepEqual(report(lines).contents?.types?.changes, [
    { production: 'application/json', mirror: 'none', count: 50 },
  ]);
  const others = pairs(
    [JSON_TYPE, { ...HTML, status: 404 }, 50],
    [JSON_TYPE, { ...HTML, error: 'reset' }, 50],
    [JSON_TYPE, JSON_TYPE, 300],
  );
  assert.deepEqual(report(others).contents?.types, { n: 300, changed: 0, changes: [], regressed: false });
});

test('a rule takes a change out, and the report says how often', () => {
  const lines = pairs([JSON_TYPE, HTML, 100], [{ ...HTML, target: '/' }, HTML, 300]);
  const responses = new ResponseRules({ ignoreField: ['GET /orders/{id} content-type', '$.never'] });
  const { contents, verdict, warnings } = report(lines, { analysis: { rules: { ...rulesOf(), responses } } });
  assert.equal(verdict.status, 'pass');
  assert.deepEqual(contents?.suppressed, [{ by: 'rule', name: 'GET /orders/{id} content-type', differences: 100 }]);
  assert.equal(contents.types?.n, 300);
  assert.deepEqual(
    warnings.filter(({ code }) => code === 'unused-rules').map(({ message }) => message),
    ['no difference was ever covered by --ignore-field "$.never"'],
  );
});

test('a typical answer of another size is said, and decides only where it is asked', () => {
  const lines = pairs(
    [{ responseBytes: 1000, target: '/a' }, { responseBytes: 2000 }, 200],
    [{ responseBytes: 0, target: '/b' }, { responseBytes: 0 }, 250],
  );
  const { contents, verdict, warnings } = report(lines);
  assert.equal(verdict.status, 'pass');
  assert.deepEqual(contents?.sizes, { meaning: 'body', n: 450, ratio: 1, ratioCi: [1, 1], differs: false });
  assert.deepEqual(
    contents.routes.map(({ route, sizes }) => [route, sizes]),
    [['GET /a', { meaning: 'body', n: 200, ratio: 2.01, ratioCi: [2.01, 2.01], differs: true }]],
  );
  assert.deepEqual(
    warnings.filter(({ code }) => code === 'answer-sizes').map(({ message }) => message),
    ['the typical answer has another size (the body alone, mirror / production): GET /a 2.01x (2.01–2.01x, 200 pairs)'],
  );
  const asked = report(pairs([{ responseBytes: 1000 }, { responseBytes: 2000 }, 300]), { failOn: ['size-ratio>1.5'] });
  assert.equal(asked.verdict.status, 'fail');
  assert.match(asked.verdict.reasons[0] ?? '', /^size of the typical answer: observed 2\.01/);
});

test('only bytes of the same are compared, and it is said which there are', () => {
  const lines = pairs([{ sentBytes: 1000, ...HTML }, { responseBytes: 2000, ...HTML }, 300]);
  const { contents } = report(lines);
  assert.equal(contents?.sizes, null);
  assert.equal(
    contents.sizesUnknown,
    "sizes have to be of the same on both sides: production's log has head and body together, the mirror's has the body alone",
  );
  assert.equal(report(pairs([{ sentBytes: 1000 }, { responseBytes: 2000 }, 300])).contents, undefined);
});

test('HEAD, and what the agent has read no further, say nothing about sizes', () => {
  const large = 1024 * 1024;
  const lines = pairs(
    [{ method: 'HEAD', responseBytes: 1000 }, { method: 'HEAD', responseBytes: 0 }, 100],
    [{ responseBytes: 9 * large }, { responseBytes: large + 1 }, 100],
    [{ responseBytes: 9 * large }, { responseBytes: 9 * large }, 50],
    [{ responseBytes: 500 }, { responseBytes: 500 }, 100],
  );
  assert.deepEqual(report(lines).contents?.sizes, {
    meaning: 'body',
    n: 150,
    ratio: 1,
    ratioCi: [1, 1],
    differs: false,
  });
});

test('the order of lines decides nothing', () => {
  const random = randomOf(7);
  const kind = (): Partial<AccessRecord> => ({
    responseBytes: Math.floor(random() * 5000),
    contentType: `text/x-${Math.floor(random() * 3)}`,
  });
  const lines = pairs(...Array.from({ length: 200 }, () => [kind(), kind(), 1] as const));
  const first = report(lines).contents;
  const again = report({
    production: shuffled(lines.production, random),
    mirror: shuffled(lines.mirror, random),
  }).contents;
  assert.deepEqual(again, first);
});
