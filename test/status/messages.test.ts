import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeMessage, levelOfEvent } from '../../src/status/messages.ts';

test('each message of the filter has a meaning, a level and a next step', () => {
  const levels = [
    ['failed to create SPOE applet', 'emerg'],
    ['failed to create SPOE context', 'emerg'],
    ['internal error while execute spoe-send-group', 'err'],
    ['failed to process messages: code=1', 'warning'],
  ] as const;
  for (const [text, level] of levels) {
    const { name, meaning, next, ...rest } = describeMessage(text);
    assert.equal(rest.level, level);
    assert.notEqual(name, 'unknown');
    assert.ok(meaning.length > 20 && next.length > 20);
  }
});

test('a code of a message means what it means as st', () => {
  const { status, next } = describeMessage('failed to process messages: code=257');
  assert.equal(status?.name, 'io-error');
  assert.equal(next, status?.next);
});

test('what no version writes is called unknown', () => {
  for (const text of ['failed to create SPOE', 'failed to process messages: code=x', ''])
    assert.equal(describeMessage(text).name, 'unknown');
});

test('events that went well are notices, others warnings', () => {
  assert.deepEqual([0, 1, 257].map(levelOfEvent), ['notice', 'warning', 'warning']);
});
