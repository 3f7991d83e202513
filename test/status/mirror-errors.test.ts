import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutcomeCode } from '../../src/mirror/record.ts';
import { describeMirrorError, isNeverSent, MIRROR_ERRORS } from '../../src/status/mirror-errors.ts';

/** Neither compiles when the agent has a code that is not here, or the other way round. */
const ALL: Readonly<Record<OutcomeCode, unknown>> = MIRROR_ERRORS;
const HAS_NONE_MORE: [Exclude<keyof typeof MIRROR_ERRORS, OutcomeCode>] extends [never] ? true : false = true;

test('every error of the record has a meaning and a next step, and there are no others', () => {
  assert.ok(HAS_NONE_MORE);
  for (const code of Object.keys(ALL)) {
    const known = describeMirrorError(code);
    assert.match(known?.meaning ?? '', /^\S.{8,}[^.]$/, code);
    assert.match(known?.next ?? '', /^[A-Z].{8,}\.$/, code);
  }
});

test('what was never sent is told from what the mirror did not answer', () => {
  assert.deepEqual(
    ['dropped-queue-full', 'shutdown', 'connect-refused', 'timeout', 'constructor', ''].map(isNeverSent),
    [true, true, false, false, false, false],
  );
});
