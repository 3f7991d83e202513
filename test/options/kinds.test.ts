/** What values are taken, and how they are written again. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OptionError } from '../../src/options/errors.ts';
import {
  type AnyKind,
  agentTime,
  choice,
  count,
  duration,
  type Kind,
  list,
  MODE,
  RATIO,
  SIZE,
  someOf,
} from '../../src/options/kinds.ts';
import { writeDefault } from '../../src/options/option.ts';

const SECOND = 1000;

interface Case {
  readonly kind: AnyKind;
  /** Text → value. */
  readonly taken: { readonly [text: string]: unknown };
  readonly refused: readonly string[];
  /** The text that a value is written as. */
  readonly written: readonly string[];
}

const CASES: { readonly [name: string]: Case } = {
  'a count': {
    kind: count('N', { least: 1, most: 1e9 }),
    taken: { 1: 1, 64: 64, '1e6': 1_000_000, '1E+3': 1000, '2.5e1': 25 },
    refused: ['0', '-1', '+1', '1.5', ' 1', '1 ', '0x10', '1e-1', '٣', 'x', '9999999999', '1e99'],
    written: ['1', '64'],
  },
  'a duration': {
    kind: duration({ least: SECOND }),
    taken: { '1s': 1000, '1.5s': 1500, ' 2m ': 120_000 },
    refused: ['999ms', '0', '30', '1y', '-1s', ''],
    written: ['1500ms', '2m'],
  },
  'a duration that may be none': {
    kind: duration(),
    taken: { 0: 0, '0s': 0 },
    refused: ['1', '00'],
    written: ['30s'],
  },
  "a time of the C agent's": {
    kind: agentTime(0, SECOND),
    taken: { 10: 10, '1s': 1000, ' +5': 5, '250us': 0.25 },
    refused: ['1001', '5 ', '', '1 s', '-1'],
    written: ['0', '250ms'],
  },
  'a size': {
    kind: SIZE,
    taken: { 65536: 65_536, '64k': 65_536, '2M': 2_097_152, '1gb': 1_073_741_824 },
    refused: ['0', '1t', '1.5m', '-1', 'k', ''],
    written: ['64m', '1g', '1001'],
  },
  'a ratio': {
    kind: RATIO,
    taken: { '10%': 0.1, '0.5 %': 0.005, '.25': 0.25, 1: 1, '100%': 1, 0: 0 },
    refused: ['101%', '1.1', '-1%', '%', '10pp', ''],
    written: ['10%', '0.1%'],
  },
  'a mode': { kind: MODE, taken: { '0640': 0o640, 600: 0o600 }, refused: ['1640', 'rw', '9'], written: ['0640'] },
  'a choice': {
    kind: choice('WHICH', ['newest', 'oldest']),
    taken: { oldest: 'oldest', OLDEST: 'oldest' },
    refused: ['old', ''],
    written: ['newest'],
  },
  'a list': {
    kind: list('LIST', count('N')),
    taken: { 1: [1], '1, 2,,3': [1, 2, 3], '': [] },
    refused: ['1,x'],
    written: ['1,2'],
  },
  'some of several': {
    kind: someOf('KEYS', ['agent', 'event', 'host']),
    taken: { 'host,agent,host': ['agent', 'host'] },
    refused: ['', ',', 'agent,x'],
    written: ['agent,event'],
  },
};

for (const [name, { kind, taken, refused, written }] of Object.entries(CASES)) {
  describe(name, () => {
    for (const [text, value] of Object.entries(taken))
      test(`takes ${JSON.stringify(text)}`, () => assert.deepEqual(kind.parse(text, 'name'), value));
    for (const text of refused)
      test(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => kind.parse(text, 'name'), OptionError));
    for (const text of written)
      test(`is written as it is taken: ${text}`, () =>
        assert.equal(writeDefault(kind, kind.parse(text, 'name')), text));
  });
}

test('an item that is wrong is told from its list, with what was meant', () => {
  assert.throws(
    () => someOf('KEYS', ['agent', 'event']).parse('event,agnet', 'by'),
    (error: OptionError) => error.part === 'agnet' && error.hint === 'did you mean agent? choose from agent, event',
  );
});

test('what the C agent says of another word is said as it says it', () => {
  assert.throws(() => choice('NAME', ['async', 'pipelining'], 'unsupported capability').parse('asynk', 'capability'), {
    message: "unsupported capability 'asynk'",
    hint: 'did you mean async? choose from async, pipelining',
  });
});

test('a kind of one value is none of every value', () => {
  const count1 = count('N', { least: 1 });
  // @ts-expect-error it can write numbers alone
  const any: Kind<unknown> = count1;
  assert.equal(any, count1);
});
