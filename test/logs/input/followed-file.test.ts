import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FollowedFile } from '../../../src/logs/input/followed-file.ts';
import { eventLine, Reading, TemporaryFolder } from '../reading.ts';

let folder: TemporaryFolder;
let reading: Reading;
let path: string;
let file: FollowedFile;
let beginnings: number;
let nowMs: number;
let givenUp: number;

const QUIET_MS = 5000;

beforeEach(() => {
  folder = new TemporaryFolder();
  reading = new Reading();
  path = folder.file('lb.log');
  beginnings = 0;
  nowMs = 0;
  givenUp = 0;
  file = new FollowedFile(path, () => reading.feed(), {
    onEnter: (_file, isAnew) => {
      if (isAnew) beginnings += 1;
    },
    onGivenUp: () => {
      givenUp += 1;
    },
    now: () => nowMs,
  });
});

afterEach(() => {
  file.close();
  folder.remove();
});

const append = (...sids: number[]) => appendFileSync(path, sids.map((sid) => `${eventLine(sid)}\n`).join(''));

/** Polls until there is nothing more at once. */
function pollAll(): void {
  while (file.poll());
}

describe('a followed file', () => {
  test('is read from its beginning, then as it grows', () => {
    append(1, 2);
    pollAll();
    assert.deepEqual(reading.sids, [1, 2]);
    append(3);
    pollAll();
    pollAll();
    assert.deepEqual(reading.sids, [1, 2, 3]);
    assert.equal(beginnings, 1);
  });

  test('is read in the same turn in which it is opened, and in which it takes the place of another one', () => {
    append(1);
    assert.equal(file.poll(), false);
    assert.deepEqual(reading.sids, [1]);
    renameSync(path, `${path}.1`);
    append(2);
    assert.equal(file.poll(), false);
    assert.deepEqual(reading.sids, [1, 2]);
  });

  test('gives a line when it is complete, not before', () => {
    const line = eventLine(1);
    appendFileSync(path, line.slice(0, 50));
    pollAll();
    assert.deepEqual(reading.sids, []);
    appendFileSync(path, `${line.slice(50)}\n`);
    pollAll();
    assert.deepEqual(reading.sids, [1]);
    assert.equal(reading.tally.lines, 1);
  });

  test('counts an unfinished line when the following ends', () => {
    appendFileSync(path, eventLine(1));
    pollAll();
    file.close();
    assert.deepEqual(reading.sids, [1]);
  });

  test('may come later', () => {
    pollAll();
    assert.equal(file.isAwaited, true);
    append(1);
    pollAll();
    assert.equal(file.isAwaited, false);
    assert.deepEqual(reading.sids, [1]);
  });

  test('that is renamed is read to its end, then the new one', () => {
    append(1);
    pollAll();
    append(2);
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, `${eventLine(3)}\n`);
    append(4);
    pollAll();
    assert.deepEqual(reading.sids, [1, 2, 3, 4]);
    assert.equal(beginnings, 2);
  });

  test('that is renamed with a torn line does not glue it to the new file', () => {
    appendFileSync(path, eventLine(1).slice(0, 60));
    pollAll();
    renameSync(path, `${path}.1`);
    append(2);
    pollAll();
    nowMs += QUIET_MS;
    pollAll();
    assert.deepEqual(reading.sids, [2]);
    assert.equal(reading.tally.malformed, 1);
  });

  test('may be missing for a while, and is written to meanwhile', () => {
    append(1);
    pollAll();
    renameSync(path, `${path}.1`);
    pollAll();
    appendFileSync(`${path}.1`, `${eventLine(2)}\n`);
    pollAll();
    assert.deepEqual(reading.sids, [1, 2]);
    append(3);
    pollAll();
    assert.deepEqual(reading.sids, [1, 2, 3]);
  });

  describe('that is renamed while its writer goes on', () => {
    const appendOld = (sid: number, name = `${path}.1`) => appendFileSync(name, `${eventLine(sid)}\n`);

    /** The old file is open still, the new one is there and empty. */
    beforeEach(() => {
      append(1);
      pollAll();
      renameSync(path, `${path}.1`);
      append();
      pollAll();
    });

    test('is read on while the new one is empty, however long that takes', () => {
      for (let sid = 2; sid < 5; sid++) {
        nowMs += 10 * QUIET_MS;
        pollAll();
        appendOld(sid);
        pollAll();
      }
      append(5);
      pollAll();
      assert.deepEqual(reading.sids, [1, 2, 3, 4, 5]);
    });

    test('is read on beside the new one until it is quiet, its lines whole and in front', () => {
      append(2);
      pollAll();
      appendFileSync(`${path}.1`, eventLine(3).slice(0, 60));
      pollAll();
      append(4);
      appendFileSync(`${path}.1`, `${eventLine(3).slice(60)}\n`);
      pollAll();
      nowMs += QUIET_MS - 1;
      appendOld(5);
      pollAll();
      nowMs += QUIET_MS - 1;
      pollAll();
      appendOld(6);
      append(7);
      pollAll();
      assert.deepEqual(reading.sids, [1, 2, 3, 4, 5, 6, 7]);
      assert.equal(reading.tally.malformed, 0);
      nowMs += QUIET_MS;
      pollAll();
      appendOld(8);
      pollAll();
      assert.deepEqual(reading.sids, [1, 2, 3, 4, 5, 6, 7]);
    });

    test('is read on through further rotations; of many, the one that was quiet longest is given up', () => {
      for (let i = 2; i < 9; i++) {
        nowMs += 1;
        renameSync(path, `${path}.${i}`);
        append();
        pollAll();
        appendOld(i);
        pollAll();
      }
      assert.deepEqual(reading.sids, [1, 2, 3, 4, 5, 6, 7, 8]);
      assert.equal(givenUp, 0);
    });

    test('is given up, and that is said, when more than four that hold lines are open', () => {
      for (let i = 2; i < 6; i++) {
        append(i);
        pollAll();
        renameSync(path, `${path}.${i}`);
        append();
        nowMs += 1;
        pollAll();
      }
      assert.equal(givenUp, 1);
      appendOld(6);
      appendOld(7, `${path}.2`);
      pollAll();
      assert.deepEqual(reading.sids, [1, 2, 3, 4, 5, 7]);
    });

    test('has an unfinished line that counts when the following ends', () => {
      append(2);
      appendFileSync(`${path}.1`, eventLine(3));
      pollAll();
      file.close();
      assert.deepEqual(reading.sids, [1, 2, 3]);
    });
  });

  test('that is replaced twice between two looks goes on with the last one', () => {
    append(1);
    pollAll();
    renameSync(path, `${path}.2`);
    append(2);
    renameSync(path, `${path}.1`);
    append(3);
    pollAll();
    assert.deepEqual(reading.sids, [1, 3]);
  });

  test('that is deleted and made anew is another file', () => {
    append(1);
    pollAll();
    rmSync(path);
    append(2);
    pollAll();
    assert.deepEqual(reading.sids, [1, 2]);
  });

  test('that is truncated begins anew, and a torn line is not glued', () => {
    append(1);
    appendFileSync(path, eventLine(2).slice(0, 60));
    pollAll();
    truncateSync(path);
    append(3);
    pollAll();
    assert.deepEqual(reading.sids, [1, 3]);
    assert.equal(reading.tally.malformed, 1);
    assert.equal(beginnings, 2);
  });

  test('that is truncated and has grown beyond its old length begins anew too', () => {
    append(1);
    appendFileSync(path, eventLine(2).slice(0, 60));
    pollAll();
    truncateSync(path);
    append(3, 4, 5, 6);
    pollAll();
    assert.deepEqual(reading.sids, [1, 3, 4, 5, 6]);
    assert.equal(reading.tally.malformed, 1);
  });

  test('that is truncated and has grown to just its old length begins anew too', () => {
    append(1);
    pollAll();
    truncateSync(path);
    append(2);
    pollAll();
    pollAll();
    assert.deepEqual(reading.sids, [1, 2]);
  });

  test('that is truncated under a writer who does not append has a hole of NULs', () => {
    append(1);
    appendFileSync(path, eventLine(2).slice(0, 60));
    pollAll();
    const old = eventLine(1).length + 61;
    writeFileSync(path, Buffer.concat([Buffer.alloc(old), Buffer.from(`${eventLine(3)}\n`)]));
    pollAll();
    assert.deepEqual(reading.sids, [1, 3]);
    assert.equal(reading.tally.malformed, 1);
  });

  test('is read in turns when it is large', () => {
    writeFileSync(path, `${eventLine(1)}\n`.repeat(200_000));
    assert.equal(file.poll(), true);
    pollAll();
    assert.equal(reading.sids.length, 200_000);
  });
});

describe('what cannot be followed', () => {
  const failsWith = (code: string) => (error: unknown) => (error as { code?: string }).code === code;

  test('is a directory', () => {
    mkdirSync(path);
    assert.throws(() => file.poll(), failsWith('is-directory'));
  });

  test('is a device', () => {
    assert.throws(() => new FollowedFile('/dev/null', () => reading.feed()).poll(), failsWith('not-followable'));
  });

  test('is compressed data', () => {
    writeFileSync(path, gzipSync('text'));
    assert.throws(() => file.poll(), failsWith('not-followable'));
  });

  test('is a binary, also when it takes the place of a log', () => {
    append(1);
    pollAll();
    rmSync(path);
    writeFileSync(path, Buffer.from('LPKSHHRH'));
    assert.throws(() => pollAll(), failsWith('binary'));
    assert.deepEqual(reading.sids, [1]);
  });

  test('is a path below a file', () => {
    append(1);
    assert.throws(() => new FollowedFile(`${path}/x`, () => reading.feed()).poll(), failsWith('not-found'));
  });
});
