/** Conditions of `.if`: what is known is as HAProxy has it, and the rest is said to be not known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from '../../../src/operate/configuration/condition.ts';
import { Environment } from '../../../src/operate/configuration/environment.ts';
import { parseVersion } from '../../../src/operate/version.ts';

const CASES: readonly (readonly [condition: string, truth: boolean | undefined])[] = [
  ['', false],
  ['0', false],
  ['1', true],
  ['01', true],
  ['-1', true],
  ['!0', true],
  ['!!1', true],
  ['1 && 0 || 1', true],
  ['0 || 0 && 1', false],
  ['(1 || 0) && !0', true],
  ['streq(a,a)', true],
  ['streq(a b,a b)', true],
  ['streq(,)', true],
  ['strneq(a,a)', false],
  ['strstr(abc,b)', true],
  ['defined(SET)', true],
  ['defined(NOT_SET_HERE)', undefined],
  ['version_atleast(3.0)', true],
  ['version_atleast(3.2.5)', undefined],
  ['version_before(3.3-dev1)', true],
  ['feature(OPENSSL)', undefined],
  ['feature(OPENSSL) && 0', false],
  ['feature(OPENSSL) || 1', true],
  ['!feature(OPENSSL)', undefined],
  ['streq("a,b",x)', undefined],
  ['nonsense', undefined],
  ['1 1', undefined],
  ['(1', undefined],
  [`${'('.repeat(1000)}1${')'.repeat(1000)}`, undefined],
  ['0||'.repeat(10_000), undefined],
];

for (const [condition, truth] of CASES) {
  test(`${condition.slice(0, 40)} is ${truth ?? 'not known'}`, () => {
    const circumstances = { environment: new Environment({ SET: '' }), version: parseVersion('3.2') };
    assert.equal(evaluate(condition, circumstances), truth);
  });
}

test('without --for a version decides nothing', () => {
  assert.equal(evaluate('version_atleast(1.0)', { environment: new Environment({}) }), undefined);
});
