import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAck, writeAck, writeAckAbort } from '../../src/spop/ack.ts';
import {
  type Action,
  readActions,
  setVarAction,
  unsetVarAction,
  VariableScope,
  writeActions,
} from '../../src/spop/actions.ts';
import { SpopStatus } from '../../src/spop/errors.ts';
import { FrameFlag, readFrameHeader } from '../../src/spop/frame-header.ts';
import { KvList } from '../../src/spop/kv-list.ts';
import { type Message, readMessages, writeMessages } from '../../src/spop/messages.ts';
import { binaryData, int64Data, nullData, stringData } from '../../src/spop/values.ts';
import { assertSpopError, hex, readPayload, readStream, testBothWays, unhex, written } from './streams.ts';

const NAMES = ['ip', '', 'ip', 'a'.repeat(300), 'caf\u00e9'];
const MESSAGES: readonly Message[] = [
  { name: 'first', args: KvList.of(NAMES.map((name) => [name, stringData(name)])) },
  { name: 'none', args: KvList.of([]) },
];
const ENCODED = written((writer) => writeMessages(writer, MESSAGES));

function plain(messages: readonly Message[]) {
  return messages.map(({ name, args }) => [name, [...args].map(([key, data]) => [key, data.type, data.value])]);
}

testBothWays('messages come back with their arguments in order: repeated, unnamed and long names too', (cut) => {
  assert.deepEqual(plain(readPayload(ENCODED, cut, readMessages)), plain(MESSAGES));
});

testBothWays('an empty payload holds no messages', (cut) => {
  assert.deepEqual(readPayload(Buffer.alloc(0), cut, readMessages), []);
});

testBothWays('255 arguments are read, a 256th cannot be written', (cut) => {
  const args = (count: number) => KvList.of(Array.from({ length: count }, (_, i) => [`a${i}`, int64Data(i)] as const));
  const bytes = written((writer) => writeMessages(writer, [{ name: 'm', args: args(255) }]));
  assert.equal(readPayload(bytes, cut, readMessages)[0]?.args.get('a254')?.value, 254);
  assert.throws(() => written((writer) => writeMessages(writer, [{ name: 'm', args: args(256) }])), RangeError);
});

testBothWays('1024 messages are read, more are too many, however small', (cut) => {
  const bytes = (count: number) => Buffer.alloc(2 * count);
  assert.equal(readPayload(bytes(1024), cut, readMessages).length, 1024);
  assertSpopError(() => readPayload(bytes(1025), cut, readMessages), SpopStatus.resourceAllocation, /more than 1024/);
});

testBothWays('messages cut at every byte are an invalid frame, unless they end there', (cut) => {
  const first = written((writer) => writeMessages(writer, MESSAGES.slice(0, 1)));
  for (let length = 1; length < ENCODED.length; length++) {
    const read = () => readPayload(ENCODED.subarray(0, length), cut, readMessages);
    if (length === first.length) assert.equal(read().length, 1);
    else assertSpopError(read, SpopStatus.invalidFrame);
  }
});

const ACTIONS: readonly Action[] = [
  setVarAction(VariableScope.process, 'score', int64Data(42)),
  setVarAction(VariableScope.session, 'empty', nullData()),
  setVarAction(VariableScope.transaction, 'body', binaryData(Buffer.alloc(300, 1))),
  unsetVarAction(VariableScope.request, 'gone'),
  unsetVarAction(VariableScope.response, ''),
];

testBothWays('actions come back in every scope', (cut) => {
  const bytes = written((writer) => writeActions(writer, ACTIONS));
  const read = readPayload(bytes, cut, readActions);
  assert.deepEqual(
    written((writer) => writeActions(writer, read)),
    bytes,
  );
  assert.deepEqual(
    read.map(({ type, scope, name }) => [type, scope, name]),
    ACTIONS.map(({ type, scope, name }) => [type, scope, name]),
  );
});

test('set-var and unset-var have the bytes of the specification', () => {
  const score = setVarAction(VariableScope.transaction, 'score', int64Data(42));
  assert.equal(hex(written((writer) => writeActions(writer, [score]))), '0103020573636f7265042a');
  const gone = unsetVarAction(VariableScope.response, 'gone');
  assert.equal(hex(written((writer) => writeActions(writer, [gone]))), '02020404676f6e65');
});

const REFUSED: readonly (readonly [what: string, bytes: string])[] = [
  ['of an unknown type', '09 03 02 0178 03 05'],
  ['cut in its name', '01 03 02 20 78'],
  ['without a value', '01 03 02 01 78'],
  ['set-var with two arguments', '01 02 02 01 78 00'],
  ['unset-var with three arguments', '02 03 02 01 78 00'],
  ['with an unknown scope', '02 02 05 01 78'],
  ['of one byte', '01'],
];

for (const [what, bytes] of REFUSED) {
  testBothWays(`an action ${what} is an invalid frame`, (cut) => {
    assertSpopError(() => readPayload(unhex(bytes), cut, readActions), SpopStatus.invalidFrame);
  });
}

testBothWays('an ACK has the ids of its NOTIFY, 64 bits wide, and may abort', (cut) => {
  const frameId = 2n ** 64n - 1n;
  const bytes = written((writer) => {
    writeAck(writer, 300, frameId, ACTIONS);
    writeAckAbort(writer, 300, frameId);
  });
  const flags: number[] = [];
  readStream(bytes, cut, (frame) => {
    const header = readFrameHeader(frame);
    assert.deepEqual([header.type, header.streamId, header.frameId], [103, 300, frameId]);
    assert.equal(readAck(frame).length, flags.length === 0 ? ACTIONS.length : 0);
    flags.push(header.flags);
  });
  assert.deepEqual(flags, [FrameFlag.fin, FrameFlag.fin | FrameFlag.abort]);
});
