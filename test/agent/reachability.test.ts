import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reachability } from '../../src/agent/reachability.ts';
import type { MirrorRecord, OutcomeCode } from '../../src/mirror/record.ts';

test('a mirror that goes and comes is a line each, whatever the number of requests', () => {
  const lines: string[] = [];
  const reachability = new Reachability((line) => lines.push(line));
  const see = (error: OutcomeCode | null, destination?: string) =>
    reachability.observe({ status: error === null ? 200 : null, error, destination } as MirrorRecord);
  for (const error of [null, 'connect-refused', 'connect-refused', 'closed', null, null, 'timeout'] as const)
    see(error);
  see('tls', 'https://b');
  see('dropped-queue-full', 'https://c');
  assert.deepEqual(lines, [
    'the mirror does not answer: connect-refused',
    'the mirror answers again',
    'the mirror does not answer: timeout',
    'https://b does not answer: tls',
  ]);
});
