/** Answers that wait for each other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AnswerComparisons, AnswerReader, NO_ANSWER } from '../../../src/diff/answer-reader.ts';
import { AnswerJoin, type ComparedAnswers } from '../../../src/diff/join/answer-join.ts';
import { DifferenceTable } from '../../../src/diff/join/difference-table.ts';
import { fuzz } from '../../attack/fuzzing.ts';
import { answer } from '../records.ts';
import { print } from './prints.ts';

const ONE = print({ '$.a': 'n:AAAAAAAA' });
const TYPE = print({ '$.a': 's:AAAAAAAA' });
const TYPE_CHANGE = [{ place: '$.a', kind: 'type', shape: 'number → string' }];

function joined(maxBytes = 1_000_000) {
  const compared = new Map<string, ComparedAnswers[]>();
  const onCompared = (target: string, each: ComparedAnswers) =>
    compared.set(target, [...(compared.get(target) ?? []), each]);
  return { compared, join: new AnswerJoin<string>({ maxBytes, onCompared }) };
}

test('whichever answer comes first, they are compared once both are there', () => {
  for (const isProductionFirst of [true, false]) {
    const { join, compared } = joined();
    if (isProductionFirst) join.addProduction('id', ONE);
    join.addMirror('id', TYPE, 'a');
    join.addMirror('id', ONE, 'b');
    if (!isProductionFirst) join.addProduction('id', ONE);
    const states = { production: 'whole', mirror: 'whole' };
    assert.deepEqual(compared.get('a'), [{ differences: TYPE_CHANGE, body: 'compared', states }]);
    assert.deepEqual(compared.get('b')?.[0]?.differences, []);
    assert.deepEqual([join.alone, join.givenUp], [0, 0]);
  }
});

test('a retry and another destination find production’s answer, which was compared already', () => {
  const { join, compared } = joined();
  join.addMirror('id', ONE, 'first');
  join.addProduction('id', ONE);
  join.addProduction('id', ONE);
  join.addMirror('id', TYPE, 'retry');
  assert.deepEqual([compared.size, compared.get('retry')?.[0]?.differences], [2, TYPE_CHANGE]);
});

test('of two agents that heard the answer, each with its own key, that with the key of the mirror’s counts', () => {
  for (const order of [0, 1]) {
    const { join, compared } = joined();
    const [other, same] = [print({}, { key: 'OTHERKEY' }), ONE];
    const all = [() => join.addProduction('id', other), () => join.addMirror('id', TYPE, 'a')];
    for (const add of order === 0 ? all : all.reverse()) add();
    assert.deepEqual(
      compared.get('a')?.map(({ body }) => body),
      ['other-key'],
    );
    join.addProduction('id', same);
    assert.deepEqual(compared.get('a')?.at(-1)?.differences, TYPE_CHANGE);
    assert.equal(join.alone, 0);
  }
});

test('what is no print meets nothing, and is counted as alone', () => {
  const { join, compared } = joined();
  for (const text of ['{"key":', '{}', '[]', ONE.replace('200', '"200"')]) join.addProduction(`id ${text}`, text);
  for (const text of ['{"key":', '{}', '[]']) join.addMirror(`id ${text}`, ONE, text);
  join.addProduction('__proto__', ONE);
  join.addMirror('__proto__', TYPE, 'proto');
  assert.deepEqual([...compared.keys()], ['proto']);
  assert.equal(join.alone, 7);
});

test('what waits is bounded in bytes: the oldest is given up and counted, and so is what was compared, which counts as nothing', () => {
  const { join, compared } = joined(20_000);
  for (let i = 0; i < 1_000; i++) join.addProduction(`id-${i}`, ONE);
  assert.ok(join.bytes <= 20_000 * (1 + 1 / 16), String(join.bytes));
  assert.equal(join.givenUp + join.alone, 1_000);
  join.addMirror('id-0', ONE, 'late');
  join.addMirror('id-999', ONE, 'in time');
  assert.deepEqual([...compared.keys()], ['in time']);
  const before = join.givenUp;
  for (let i = 1_000; i < 2_000; i++) {
    join.addProduction(`id-${i}`, ONE);
    join.addMirror(`id-${i}`, ONE, `${i}`);
  }
  assert.ok(join.bytes <= 20_000 * (1 + 1 / 16), String(join.bytes));
  assert.ok(join.givenUp - before <= 1, 'compared answers are no loss');
  const many = joined(20_000);
  for (let i = 0; i < 1_000; i++) many.join.addMirror('id', ONE, `${i}`);
  assert.ok(many.join.bytes < 20_000 && many.join.givenUp === 984, String(many.join.givenUp));
});

test('a reader of whole records says the same of each answer as the comparison itself, with few bytes', () => {
  const reader = new AnswerReader();
  const prints = [ONE, TYPE, print({}, { status: 404 }), print({ '$.b': 'n:AAAAAAAA' })];
  const property = fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 20 }), (pairs) => {
    const own = new AnswerReader();
    const numbers = pairs.map(([mirror], i) =>
      own.addMirror(answer({ uniqueId: `${i}`, answer: prints[mirror] as string })),
    );
    pairs.forEach(([, production], i) => {
      own.addProduction({ kind: 'answer', timeMs: 0, uniqueId: `${i}`, answer: prints[production] as string });
    });
    // As a thread hands it over.
    const comparisons = new AnswerComparisons(structuredClone(own.read));
    pairs.forEach(([mirror, production], i) => {
      const { join, compared } = joined();
      join.addProduction('id', prints[production] as string);
      join.addMirror('id', prints[mirror] as string, 'a');
      assert.deepEqual(comparisons.at(numbers[i] as number), compared.get('a')?.[0]);
    });
  });
  fuzz(property, 100);
  assert.deepEqual(
    [reader.addMirror(answer({ uniqueId: 'a' })), reader.addMirror(answer({ answer: ONE }))],
    [NO_ANSWER, NO_ANSWER],
  );
  const number = reader.addMirror(answer({ uniqueId: 'a', answer: ONE }));
  const comparisons = new AnswerComparisons(reader.read);
  assert.deepEqual(
    [comparisons.at(number), comparisons.at(NO_ANSWER), comparisons.unjoined],
    [undefined, undefined, 1],
  );
});

test('differences beyond the bound are not told apart, and counted', () => {
  const table = new DifferenceTable();
  for (let i = 0; i < 40_000; i++) table.numberOf({ place: `$.k${i}`, kind: 'value' });
  assert.equal(table.known.length, 32_000);
  assert.deepEqual(
    [table.numberOf({ place: '$.k7', kind: 'value' }), table.numberOf({ place: '$.new', kind: 'value' })],
    [7, undefined],
  );
});
