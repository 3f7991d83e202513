import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { RawAnswer } from '../../../src/answers/fingerprint.ts';
import { AnswerValues } from '../../../src/programs/spoa-mirror/answer-values.ts';
import { fingerprinter, jsonAnswer } from '../../answers/prints.ts';

interface Sample {
  readonly unique_id: string;
  readonly destination?: string;
  readonly place: string;
  readonly kind: string;
  readonly production: readonly string[];
  readonly mirror: readonly string[];
}

/** What is written of pairs that are seen one after the other, production's answer first. */
function samplesOf(
  most: number,
  pairs: Iterable<readonly [production: RawAnswer, ...mirrors: readonly RawAnswer[]]>,
  destinations: readonly string[] = [],
): Sample[] {
  const lines: Sample[] = [];
  const values = new AnswerValues(most, Math.max(1, destinations.length), (line) => lines.push(JSON.parse(line)));
  const prints = fingerprinter();
  let number = 0;
  for (const [production, ...mirrors] of pairs) {
    const uid = `u${number++}`;
    values.see('production', uid, production, prints.print(uid, production));
    mirrors.forEach((answer, i) => {
      values.see('mirror', uid, answer, prints.print(uid, answer), destinations[i]);
    });
  }
  return lines;
}

const withHeaders = (value: unknown, headers: RawAnswer['headers']): RawAnswer => {
  const answer = jsonAnswer(value);
  return { ...answer, headers: [...answer.headers, ...headers] };
};

test('a rare place is written although others differ in each pair', () => {
  const pairs = Array.from(
    { length: 100 },
    (_, i) => [jsonAnswer({ at: i, rare: 1 }), jsonAnswer({ at: -i - 1, rare: i === 90 ? 'one' : 1 })] as const,
  );
  const samples = samplesOf(10, pairs);
  assert.deepEqual(
    samples.map(({ place }) => place),
    ['$.at', '$.at', '$.at', '$.rare'],
  );
  assert.deepEqual([samples[3]?.unique_id, samples[3]?.production, samples[3]?.mirror], ['u90', ['1'], ['"one"']]);
});

test('what changes with each answer is not written, but that it is missing', () => {
  const pair = (theirs: RawAnswer['headers']) =>
    [
      withHeaders({}, [
        ['set-cookie', 'a=1'],
        ['x-request-id', '1'],
        ['x-flavour', 'mint'],
      ]),
      withHeaders({}, theirs),
    ] as const;
  const samples = samplesOf(10, [
    pair([
      ['set-cookie', 'a=2'],
      ['x-request-id', '2'],
      ['x-flavour', 'lime'],
    ]),
    pair([
      ['set-cookie', 'a=2'],
      ['x-flavour', 'mint'],
    ]),
  ]);
  assert.deepEqual(
    samples.map(({ place, kind, production, mirror }) => [place, kind, production, mirror]),
    [
      ['header x-flavour', 'value', ['mint'], ['lime']],
      ['header x-request-id', 'missing', ['1'], []],
    ],
  );
});

test('of several mirrors each is held against production, and named', () => {
  const pairs = Array.from(
    { length: 5 },
    () => [jsonAnswer({ a: 1 }), jsonAnswer({ a: 2 }), jsonAnswer({ a: 3 })] as const,
  );
  const samples = samplesOf(50, pairs, ['http://new.example', 'http://current.example']);
  const of = (name: string) => samples.filter(({ destination }) => destination === name).map(({ mirror }) => mirror);
  assert.deepEqual(of('http://new.example'), [['2'], ['2'], ['2']]);
  assert.deepEqual(of('http://current.example'), [['3'], ['3'], ['3']]);
});

test('mirrors may answer before production', () => {
  const lines: Sample[] = [];
  const values = new AnswerValues(5, 2, (line) => lines.push(JSON.parse(line)));
  const prints = fingerprinter();
  const see = (side: 'production' | 'mirror', value: number, destination?: string) => {
    const answer = jsonAnswer({ a: value });
    values.see(side, 'u', answer, prints.print('u', answer), destination);
  };
  see('mirror', 2, 'http://b.example');
  see('production', 1);
  see('mirror', 3, 'http://c.example');
  assert.deepEqual(
    lines.map(({ destination, production, mirror }) => [destination, production, mirror]),
    [
      ['http://b.example', ['1'], ['2']],
      ['http://c.example', ['1'], ['3']],
    ],
  );
});

test('values are read as fingerprints are: codings, marks, UTF-16, large numbers, maps with ids', () => {
  const utf16 = Buffer.from('\ufeff{"a":"ü"}', 'utf16le');
  const zipped = gzipSync('{"a":{"b":1}}');
  const coded: RawAnswer = {
    status: 200,
    headers: [
      ['content-type', 'application/json'],
      ['content-encoding', 'gzip'],
      ['content-length', String(zipped.length)],
    ],
    body: zipped,
  };
  const large = (last: number) => jsonAnswer(`{"${'8'.repeat(9)}":[900719925474099${last},"\\u0001"]}`);
  const samples = samplesOf(20, [
    [jsonAnswer(utf16), jsonAnswer({ a: 'u' })],
    [jsonAnswer('\ufeff{"a":2}'), jsonAnswer('{"a":3}')],
    [coded, withHeaders({ a: null }, [['content-encoding', 'identity']])],
    [large(2), large(3)],
  ]);
  assert.deepEqual(
    samples
      .filter(({ place }) => place.startsWith('$'))
      .map(({ place, production, mirror }) => [place, production, mirror]),
    [
      ['$.a', ['"ü"'], ['"u"']],
      ['$.a', ['2'], ['3']],
      ['$.a', ['{"b":1}'], ['null']],
      ['$.{…}[*]', ['9007199254740992', '"\\u0001"'], ['9007199254740993', '"\\u0001"']],
    ],
  );
});
