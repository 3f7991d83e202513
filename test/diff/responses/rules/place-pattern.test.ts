import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PatternError, PlacePattern } from '../../../../src/diff/responses/rules/place-pattern.ts';

const TEXTS = [
  '',
  'a',
  'ab',
  'aab',
  'abab',
  'b',
  '$.created_at',
  '$.items[*].price',
  "$['a/b']",
  'header x-request-id',
  '$.sessions.{…}.since',
  '$.naïve.😀',
  '\n',
  'A1-_',
];

for (const source of [
  '',
  'a',
  '.',
  '^a',
  'a$',
  '^$',
  '^a$|b',
  'a|b|',
  '(a|ab)(b|ab)$',
  '(?:ab)*$',
  '^(ab)+$',
  'a?b',
  '^a{2}b$',
  '^a{1,}b$',
  '^(?:a|b){2,3}$',
  '^(?:a|b){0}$',
  'a+?b',
  '_at$',
  String.raw`^\$\.items\[\*\]`,
  '[a-c]{2}',
  '[^$][.]',
  String.raw`[\]\/]`,
  String.raw`\d-`,
  String.raw`\w\s\w`,
  String.raw`\p{L}\.\u{1F600}`,
  String.raw`\x61b`,
  '^.$',
  '(^|b)a',
  '(?:)*',
  '(?:a*)*b',
  '(?:a|$)+',
  'x-.*-id',
  '…',
]) {
  test(`/${source}/ matches what JavaScript says`, () => {
    const [ours, theirs] = [new PlacePattern(source), new RegExp(source, 'su')];
    for (const text of TEXTS) assert.equal(ours.test(text), theirs.test(text), JSON.stringify(text));
    const [other, others] = [new PlacePattern(source, 'i'), new RegExp(source, 'sui')];
    for (const text of TEXTS) assert.equal(other.test(text.toUpperCase()), others.test(text.toUpperCase()));
  });
}

// V8 of Node 26 says that this does not match a text that ends with a character beyond U+FFFF.
test('a class that excludes matches any other character at the end', () => {
  const pattern = new PlacePattern('[^$]$');
  assert.deepEqual(
    ['$.a', '$.naïve.😀', '$.a$', ''].map((text) => pattern.test(text)),
    [true, true, false, false],
  );
});

test('patterns over which JavaScript takes for ever are done at once', () => {
  const text = `${'a'.repeat(250)}!`;
  for (const source of ['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '^(.*a){12}$', '.*.*.*.*=', '(?:(?:){999}){999}b'])
    assert.equal(new PlacePattern(source).test(text), false, source);
});

test('what cannot be said is refused with the reason', () => {
  for (const [source, reason] of [
    ['a)', /closes nothing/],
    ['(a', /not closed/],
    ['(?<n>a)', /other than/],
    ['(?!a)', /other than/],
    ['a**', /\* cannot be used there/],
    ['{', /cannot be used there/],
    [String.raw`\1`, /cannot be used there/],
    [String.raw`\b`, /cannot be used there/],
    ['[b-a]', /cannot be read/],
    ['[', /cannot be used there/],
    [String.raw`\p{Nonsense}`, /cannot be read/],
    ['a{2,1}', /out of order/],
    ['(a{90}){90}', /too large/],
    ['a'.repeat(600), /longer than/],
  ] as const) {
    assert.throws(
      () => new PlacePattern(source),
      (error) => error instanceof PatternError && reason.test(error.message),
      source,
    );
  }
});
