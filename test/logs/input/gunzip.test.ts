import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { InputError } from '../../../src/logs/input-errors.ts';
import { eventLine, Reading, TemporaryFolder } from '../reading.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());

const LINES = Array.from({ length: 2000 }, (_, sid) => `${eventLine((sid * 7919) % 100_003)}\n`).join('');

/** What could be read of these bytes, and the code of the error after it. */
async function readGzip(bytes: Uint8Array) {
  const reading = new Reading();
  let code: string | undefined;
  try {
    await reading.read(folder.write('log', bytes));
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    code = error.code;
  }
  return { ...reading.counts, code };
}

/** The whole lines that zcat gives of these bytes; undefined where there is no zcat. */
function zcatLines(bytes: Uint8Array): number | undefined {
  const { error, stdout } = spawnSync('zcat', { input: bytes, maxBuffer: 1e8 });
  return error === undefined ? stdout.toString('latin1').split('\n').length - 1 : undefined;
}

describe('gzip data', () => {
  test('is known by its magic, not by its name', async () => {
    assert.deepEqual(await readGzip(gzipSync(LINES)), {
      lines: 2000,
      events: 2000,
      overlong: 0,
      malformed: 0,
      bytes: LINES.length,
      code: undefined,
    });
    const { counts } = await new Reading().read(folder.write('text.gz', LINES));
    assert.equal(counts.events, 2000);
  });

  test('may consist of several members, also empty ones', async () => {
    const members = [gzipSync(LINES), gzipSync(''), gzipSync(`${eventLine(1)}\n`)];
    const { events, code } = await readGzip(Buffer.concat(members));
    assert.deepEqual({ events, code }, { events: 2001, code: undefined });
  });

  test('may be followed by something else, which is ignored', async () => {
    const { events, code } = await readGzip(Buffer.concat([gzipSync(LINES), Buffer.alloc(5000)]));
    assert.deepEqual({ events, code }, { events: 2000, code: undefined });
  });

  test('may be followed by lines that were appended, which are read', async () => {
    for (const text of [LINES, `${eventLine(1)}\n`, `${eventLine(1)}`]) {
      const bytes = Buffer.concat([gzipSync(LINES), gzipSync(LINES), Buffer.from(text)]);
      const { events, malformed, code } = await readGzip(bytes);
      const appended = text === LINES ? 2000 : 1;
      assert.deepEqual({ events, malformed, code }, { events: 4000 + appended, malformed: 0, code: undefined });
    }
  });

  test('may be followed by data that is no text: that is damage', async () => {
    const { events, code } = await readGzip(Buffer.concat([gzipSync(LINES), Buffer.from('BZh91AY&SY')]));
    assert.deepEqual({ events, code }, { events: 2000, code: 'gzip-damaged' });
  });

  test('that is stored, not compressed, is read too', async () => {
    assert.equal((await readGzip(gzipSync(LINES, { level: 0 }))).events, 2000);
  });

  test('may hold nothing', async () => {
    const { lines, code } = await readGzip(gzipSync(''));
    assert.deepEqual({ lines, code }, { lines: 0, code: undefined });
  });

  test('that holds no text is refused', async () => {
    assert.equal((await readGzip(gzipSync(Buffer.from(LINES, 'utf16le')))).code, 'utf-16');
  });
});

describe('gzip data that is truncated', () => {
  const whole = gzipSync(LINES);
  for (const share of [0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999]) {
    test(`at ${share * 100} % is read as far as zcat reads it`, async () => {
      const bytes = whole.subarray(0, Math.max(3, Math.floor(whole.length * share)));
      const { lines, code } = await readGzip(bytes);
      assert.equal(code, 'gzip-truncated');
      const expected = zcatLines(bytes);
      if (expected !== undefined) assert.ok(lines >= expected, `${lines} lines, zcat: ${expected}`);
    });
  }

  test('inside its trailer keeps all its lines', async () => {
    for (let missing = 1; missing <= 8; missing += 1) {
      const { events, code } = await readGzip(whole.subarray(0, -missing));
      assert.deepEqual({ events, code }, { events: 2000, code: 'gzip-truncated' }, `${missing} bytes missing`);
    }
  });

  test('in the second member keeps the first', async () => {
    for (const kept of [1, 2, 5, 12, 30]) {
      const { events } = await readGzip(Buffer.concat([whole, gzipSync(LINES).subarray(0, kept)]));
      assert.ok(events >= 2000, `${kept} bytes of the second member`);
    }
  });
});

describe('gzip data that is damaged', () => {
  const whole = gzipSync(LINES);

  test('in its checksum keeps all its lines', async () => {
    const bytes = Buffer.from(whole);
    bytes[bytes.length - 6] = (bytes[bytes.length - 6] as number) ^ 0xff;
    const { events, code } = await readGzip(bytes);
    assert.deepEqual({ events, code }, { events: 2000, code: 'gzip-damaged' });
  });

  test('in its checksum, before another member, loses little', async () => {
    const bytes = Buffer.concat([whole, whole]);
    bytes[whole.length - 6] = (bytes[whole.length - 6] as number) ^ 0xff;
    const { lines, code } = await readGzip(bytes);
    assert.equal(code, 'gzip-damaged');
    assert.ok(lines >= 1800, `${lines} lines`);
  });

  for (const share of [0.2, 0.4, 0.6, 0.8]) {
    test(`at ${share * 100} % is read up to there, as zcat does`, async () => {
      const bytes = Buffer.from(whole);
      bytes.fill(0xff, Math.floor(bytes.length * share), Math.floor(bytes.length * share) + 64);
      const { lines, code } = await readGzip(bytes);
      assert.equal(code, 'gzip-damaged');
      const expected = zcatLines(bytes);
      if (expected !== undefined) assert.ok(lines >= expected, `${lines} lines, zcat: ${expected}`);
    });
  }
});
