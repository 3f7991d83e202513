import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { InputError, type InputErrorCode } from '../../../src/logs/input-errors.ts';
import { eventLine, Reading, TemporaryFolder } from '../reading.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());

function failsWith(code: InputErrorCode, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof InputError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.notEqual(error.hint, '');
    return true;
  };
}

describe('reading a file', () => {
  test('counts its lines, events and bytes', async () => {
    const text = `${eventLine(1)}\n${eventLine(2)}\n`;
    const { counts } = await new Reading().read(folder.write('two.log', text));
    assert.deepEqual(counts, { lines: 2, events: 2, overlong: 0, malformed: 0, bytes: text.length });
  });

  test('that is empty is no error', async () => {
    const { counts } = await new Reading().read(folder.write('empty.log', ''));
    assert.deepEqual(counts, { lines: 0, events: 0, overlong: 0, malformed: 0, bytes: 0 });
  });

  test('shows the beginning of a text once', async () => {
    const samples: string[] = [];
    const path = folder.write('sample.log', `${eventLine(1)}\n`.repeat(1000));
    await new Reading().read(path, { onSample: (bytes) => samples.push(Buffer.from(bytes).toString()) });
    assert.equal(samples.length, 1);
    assert.ok(samples[0]?.startsWith(eventLine(1)));
  });

  test('ends when it is told to, and gives turns on the way', async () => {
    const path = folder.write('large.log', `${eventLine(1)}\n`.repeat(300_000));
    const stopping = new AbortController();
    const { counts } = await new Reading().read(path, { signal: stopping.signal, onTurn: () => stopping.abort() });
    assert.ok(counts.events > 0 && counts.events < 300_000, `${counts.events} events`);
  });

  test('that is missing, a directory or not readable says so', async (t) => {
    await assert.rejects(
      new Reading().read(folder.file('none.log')),
      failsWith('not-found', /no such file: .*none\.log/),
    );
    mkdirSync(folder.file('logs'));
    await assert.rejects(new Reading().read(folder.file('logs')), failsWith('is-directory', /is a directory/));
    if (process.getuid?.() === 0) {
      t.diagnostic('root may read everything: permissions are not tested');
      return;
    }
    const path = folder.write('secret.log', eventLine(1));
    chmodSync(path, 0);
    await assert.rejects(new Reading().read(path), failsWith('not-readable', /no permission/));
  });
});

describe('a file that is no text', () => {
  const elf = Buffer.concat([
    Buffer.from('\x7fELF\x02\x01\x01', 'latin1'),
    Buffer.alloc(9),
    Buffer.from(Array.from({ length: 400 }, (_, i) => i % 29)),
  ]);
  const png = Buffer.concat([
    Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
    Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 7) % 256)),
  ]);
  const utf16 = Buffer.from(`${eventLine(1)}\n`, 'utf16le');
  const cases: readonly (readonly [string, Uint8Array, InputErrorCode, RegExp])[] = [
    ['an ELF program', elf, 'binary', /is binary data, not a log/],
    ['a PNG image', png, 'binary', /is binary data, not a log/],
    ['a journal', Buffer.from('LPKSHHRH\0\0\0\0'), 'binary', /is a journal/],
    ['zstd data', Buffer.from('28b52ffd0458', 'hex'), 'compressed', /compressed with zstd/],
    ['xz data', Buffer.from('fd377a585a00', 'hex'), 'compressed', /compressed with xz/],
    ['bzip2 data', Buffer.from('BZh91AY&SY'), 'compressed', /compressed with bzip2/],
    ['lz4 data', Buffer.from('04224d186440', 'hex'), 'compressed', /compressed with lz4/],
    ['a zip archive', Buffer.from('PK\x03\x04\x14\0'), 'compressed', /compressed with zip/],
    ['UTF-16 with a byte order mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), 'utf-16', /is UTF-16 text/],
    [
      'big-endian UTF-16 with one',
      Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()]),
      'utf-16',
      /is UTF-16 text/,
    ],
    ['UTF-16 without a byte order mark', utf16, 'utf-16', /is UTF-16 text/],
    ['lines that end in CR alone', Buffer.from(`${eventLine(1)}\r`.repeat(9)), 'no-newlines', /end in CR alone/],
    ['big-endian UTF-16 without one', Buffer.from(utf16).swap16(), 'utf-16', /is UTF-16 text/],
  ];
  for (const [what, bytes, code, message] of cases) {
    test(`is refused: ${what}`, async () => {
      const reading = new Reading();
      await assert.rejects(reading.read(folder.write('other', bytes)), failsWith(code, message));
      assert.equal(reading.tally.lines, 0);
    });
  }
});

describe('a log that looks odd', () => {
  const logs: readonly (readonly [string, string | Buffer])[] = [
    ['a hole of NULs', `${'\0'.repeat(10_000)}${eventLine(1)}\n`],
    ['an odd number of NULs', `\0${eventLine(1)}\n`],
    [
      'Latin-1 text',
      Buffer.concat([Buffer.from('M\xfcller\n'.repeat(50), 'latin1'), Buffer.from(`${eventLine(1)}\n`)]),
    ],
    ['terminal colours', `\x1b[31mred\x1b[0m\n${eventLine(1)}\n`],
    ['two control characters', `\x01\x02\n${eventLine(1)}\n`],
  ];
  for (const [what, content] of logs) {
    test(`is read: ${what}`, async () => {
      assert.equal((await new Reading().read(folder.write('odd.log', content))).counts.events, 1);
    });
  }
});
