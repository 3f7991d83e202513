/** How many files one load tells apart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fingerprint } from '../../src/tables/fingerprint.ts';
import { KnownParts } from '../../src/tables/known-parts.ts';
import { MemoryTarget } from './memory-target.ts';

const of = (text: string) => new Fingerprint('events', Buffer.from(`${text}\n`));

test('files beyond the bound end the load, and do not become one another', async () => {
  const known = new KnownParts(new MemoryTarget(), 3);
  const first = await known.find(of('one'), 'a.log');
  assert.notEqual((await known.find(of('one'), 'copy.log')).loadId, first.loadId);
  // What the first is not any more still has to be known.
  known.isAnother(first.loadId, 'a.log');
  assert.notEqual((await known.find(of('one'), 'a.log')).loadId, first.loadId);
  await assert.rejects(known.find(of('two'), 'b.log'), { code: 'too-many-files' });
});
