import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutcomeCode } from '../../src/mirror/record.ts';
import { describeMirrorError, isNeverSent, MIRROR_ERRORS } from '../../src/status/mirror-errors.ts';

/** Fails to compile when the agent has a code that is not here, or the other way round. */
const ALL: Record<OutcomeCode, unknown> = MIRROR_ERRORS;
const KNOWN: Record<keyof typeof MIRROR_ERRORS, OutcomeCode> = Object.fromEntries(
  Object.keys(ALL).map((code) => [code, code]),
) as Record<keyof typeof MIRROR_ERRORS, OutcomeCode>;

test('every error of the record has a meaning and a next step', () => {
  for (const code of Object.values(KNOWN)) {
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
