import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { divide } from '../../src/logs/regions.ts';
import { eventLine, TemporaryFolder } from './reading.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());

const MIB = 1024 * 1024;
const LINE = 1000;

/** Lines of 1000 bytes. */
function lines(bytes: number): Buffer {
  const text = Buffer.alloc(Math.ceil(bytes / LINE) * LINE, 'x');
  for (let end = LINE; end <= text.length; end += LINE) text[end - 1] = 0x0a;
  return text;
}

const large = folder.write('large.log', lines(50 * MIB));
const whole = (...paths: string[]) => [paths.map((path) => ({ path }))];

describe('a large file', () => {
  test('is cut at line ends, into parts that follow each other to its end', () => {
    const parts = divide([large], 3, 0);
    assert.deepEqual(
      parts.map(({ length }) => length),
      [1, 1, 1],
    );
    const ranges = parts.map(([region]) => region?.range);
    let end: number | undefined = 0;
    for (const range of ranges) {
      assert.equal(range?.start, end);
      assert.equal((end ?? 0) % LINE, 0);
      end = range?.end;
    }
    assert.equal(end, undefined);
  });

  test('has a larger first part by what is read while the others start', () => {
    const [first, second] = divide([large], 2, 10 * MIB).map(([region]) => region?.range);
    assert.ok(Math.abs((first?.end ?? 0) - 30 * MIB) <= LINE, `${first?.end}`);
    assert.equal(second?.start, first?.end);
  });

  test('has no more parts than threads, and none that is not worth one', () => {
    assert.equal(divide([large], 2, 0).length, 2);
    assert.deepEqual(divide([large], 2, 0, 30 * MIB), whole(large));
    assert.equal(divide([large], 64, 0).length, 3);
    assert.deepEqual(divide([large], 1, 0), whole(large));
  });
});

describe('several files', () => {
  test('are divided as if they were one', () => {
    const other = folder.write('other.log', lines(20 * MIB));
    const parts = divide([other, large], 2, 0);
    assert.deepEqual(
      parts.map((regions) => regions.map(({ path }) => path)),
      [[other, large], [large]],
    );
  });

  test('one of which is missing are still divided: reading it tells why', () => {
    const missing = folder.file('none.log');
    assert.ok(
      divide([missing, large], 2, 0)
        .flat()
        .some(({ path }) => path === missing),
    );
  });
});

describe('what can only be read from its start', () => {
  for (const [what, content] of [
    ['compressed data', gzipSync('text')],
    ['frames', `129 <133>${eventLine(1)}\n`],
  ] as const) {
    test(`is not divided, nor are files beside it: ${what}`, () => {
      const path = folder.write('other', content);
      assert.deepEqual(divide([large, path], 2, 0), whole(large, path));
    });
  }

  test('is not divided: a device', () =>
    assert.deepEqual(divide([large, '/dev/null'], 2, 0), whole(large, '/dev/null')));
});
