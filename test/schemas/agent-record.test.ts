/** Lines of the agent's record with answers, held against their schema. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type AnswerPrint, BODY_STATES } from '../../src/answers/answer.ts';
import type { RawAnswer } from '../../src/answers/fingerprint.ts';
import { fingerprinter, jsonAnswer } from '../answers/prints.ts';

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
addFormats.default(ajv);
const schema = JSON.parse(
  readFileSync(new URL('../../docs/schemas/agent-record.schema.json', import.meta.url), 'utf8'),
);
const isRecord = ajv.compile(schema);

const MIRRORED = {
  ts: '2026-01-02T03:04:05.067Z',
  message: 'mirror',
  stream_id: 7,
  frame_id: 1,
  method: 'GET',
  path: '/',
  status: 200,
  latency_ms: 1,
  attempts: 1,
  error: null,
};
const production = (answer: AnswerPrint) => ({
  ts: '2026-01-02T03:04:05.067Z',
  kind: 'production',
  message: 'answer-body',
  unique_id: 'u-1',
  answer,
});

const ODD = {
  list: [1, 'a', true, null, {}, []],
  'a b': { 1001: 1, __proto__: 1 },
  ...Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`f${i}x`, i])),
};
const ANSWERS: readonly RawAnswer[] = [
  jsonAnswer(ODD),
  jsonAnswer('"text"'),
  { status: 101, headers: [], body: undefined },
  { status: 200, headers: [['content-encoding', 'a, b']], body: Buffer.from('x') },
  { status: 200, headers: [['content-encoding', 'gzip']], body: gzipSync('{}') },
  {
    status: 200,
    headers: Array.from({ length: 120 }, () => ['x', 'y'] as const),
    body: Buffer.alloc(70_000),
    ended: true,
  },
  {
    status: 200,
    headers: [
      ['content-type', 'no type'],
      ['__proto__', '1'],
    ],
    body: Buffer.alloc(0),
  },
];

test('what is kept of any answer fits the schema, in lines of both kinds', () => {
  for (const answer of ANSWERS) {
    const print = fingerprinter().print('uid', answer);
    for (const line of [production(print), { ...production(print), engine_id: 'e' }, { ...MIRRORED, answer: print }])
      assert.ok(isRecord(JSON.parse(JSON.stringify(line))), ajv.errorsText(isRecord.errors));
  }
  assert.ok(isRecord(MIRRORED), 'no answer at all');
});

test('a line of production has nothing of a mirrored request, and no other kind exists', () => {
  const answer = fingerprinter().print('uid', jsonAnswer({}));
  const { unique_id: _, ...unnamed } = production(answer);
  const { answer: __, ...empty } = production(answer);
  for (const line of [
    unnamed,
    empty,
    { ...production(answer), kind: 'mirror' },
    { ...production(answer), path: '/' },
    { ...MIRRORED, answer: {} },
    { ...MIRRORED, answer: { ...answer, headers: { 'x-a': 'a value' } } },
    { ...MIRRORED, answer: { ...answer, body: { ...answer.body, text: 'a value' } } },
    { ...MIRRORED, unknown: 1 },
  ])
    assert.ok(!isRecord(line), JSON.stringify(line));
});

test('the schema has the states that there are', () => {
  assert.deepEqual(schema.$defs.answer.properties.body.properties.state.enum, [...BODY_STATES]);
});
