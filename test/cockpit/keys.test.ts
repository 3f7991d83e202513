/** The keys of the full screen: one table, its help, and what a terminal sends for them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { helpLines } from '../../src/cockpit/help.ts';
import { type Key, KeyDecoder } from '../../src/cockpit/key-decoder.ts';
import { actionOf, bindingsOf } from '../../src/cockpit/keys.ts';

/** What terminals send for each key of the table that is not its own character. */
const SENT: { readonly [key: string]: readonly string[] } = {
  up: ['\x1b[A', '\x1bOA'],
  down: ['\x1b[B', '\x1bOB'],
  right: ['\x1b[C', '\x1bOC'],
  left: ['\x1b[D', '\x1bOD'],
  home: ['\x1b[H', '\x1b[1~', '\x1bOH'],
  end: ['\x1b[F', '\x1b[4~', '\x1bOF'],
  pgup: ['\x1b[5~'],
  pgdn: ['\x1b[6~'],
  'wheel-up': ['\x1b[<64;10;5M', '\x1b[M`!!'],
  'wheel-down': ['\x1b[<65;10;5M', '\x1b[Ma!!'],
  enter: ['\r', '\n'],
  tab: ['\t'],
  space: [' '],
  backspace: ['\x7f', '\b'],
  'ctrl-c': ['\x03'],
  'ctrl-d': ['\x04'],
  'ctrl-u': ['\x15'],
  'ctrl-f': ['\x06'],
  'ctrl-b': ['\x02'],
  'ctrl-l': ['\f'],
  'ctrl-r': ['\x12'],
  'ctrl-z': ['\x1a'],
};

/** The keys in a text that comes at once, or byte by byte. */
function decode(text: string, bytewise: boolean): Key[] {
  const decoder = new KeyDecoder();
  const bytes = Buffer.from(text);
  const parts = bytewise ? [...bytes].map((byte) => Buffer.from([byte])) : [bytes];
  return [...parts.flatMap((part) => decoder.feed(part)), ...decoder.flush()];
}

describe('the table of keys', () => {
  for (const mode of ['summary', 'comparison'] as const) {
    test(`of a ${mode}: every key is in the help, every line of the help is keys that do something`, () => {
      const lines = helpLines(mode);
      const named = lines.flatMap((line) => line.slice(0, 26).trim().split(', '));
      assert.deepEqual(
        named,
        bindingsOf(mode).flatMap(({ keys }) => keys),
      );
      assert.equal(new Set(named).size, named.length, 'one key does two things');
      for (const key of named) assert.ok(actionOf(key, mode), key);
      for (const line of lines) assert.ok(line.length < 80 && line.length > 28, line);
    });
  }

  test('Ctrl-C of a comparison says the exit code that it ends with', () => {
    const helpOf = (mode: 'summary' | 'comparison') => helpLines(mode).find((line) => line.includes('ctrl-c')) ?? '';
    assert.match(helpOf('summary'), /end as q does, with exit code 130$/);
    assert.match(helpOf('comparison'), /end as q does: exit code 1 for FAIL, otherwise 130$/);
  });

  test('docs/cockpit.md lists them', () => {
    const page = readFileSync(new URL('../../docs/cockpit.md', import.meta.url), 'utf8');
    const rows = bindingsOf('summary').map(
      ({ keys, help }) => `| ${keys.map((key) => `\`${key}\``).join(', ')} | ${help} |`,
    );
    assert.ok(page.includes(`|---|---|\n${rows.join('\n')}\n\n`));
  });

  for (const bytewise of [false, true]) {
    test(`a terminal can send each of them ${bytewise ? 'byte by byte' : 'at once'}`, () => {
      for (const { keys } of bindingsOf('summary'))
        for (const key of keys) {
          if (key === 'esc') continue;
          for (const sent of SENT[key] ?? [key])
            assert.deepEqual(decode(sent, bytewise), [{ name: key }], JSON.stringify(sent));
        }
      assert.deepEqual(decode('\x1b', bytewise), [{ name: 'esc' }]);
    });

    test(`what is no key is taken away whole ${bytewise ? 'byte by byte' : 'at once'}`, () => {
      for (const none of [
        '\x1b[999;9z',
        '\x1b]11;rgb:0/0/0\x07',
        '\x1bPq#0\x1b\\',
        '\x1b[?1;2c',
        '\x1b[<0;3;3M',
        '\x1b[<64;3;3m',
        '\x1bOP',
        '\x1bx',
        '\0',
      ])
        assert.deepEqual(decode(`${none}j`, bytewise), [{ name: 'j' }], JSON.stringify(none));
    });

    test(`a text that is pasted is no keys ${bytewise ? 'byte by byte' : 'at once'}`, () => {
      assert.deepEqual(decode('\x1b[200~q\x1bé\x1b[201~k', bytewise), [{ pasted: 'q\x1bé' }, { name: 'k' }]);
    });
  }

  test('letters of several bytes, and bytes that are none, are text or nothing', () => {
    assert.deepEqual(decode('é主', true), [{ name: 'é' }, { name: '主' }]);
    const decoder = new KeyDecoder();
    assert.deepEqual(decoder.feed(Buffer.from([0xff, 0x80, 0x6a])), [{ name: 'j' }]);
  });

  test('an answer of the terminal that never ends swallows no key for long', () => {
    const decoder = new KeyDecoder();
    assert.deepEqual(decoder.feed(Buffer.from('\x1b]11;never')), []);
    assert.ok(decoder.waits);
    assert.deepEqual(decoder.flush(), []);
    assert.deepEqual(decoder.feed(Buffer.from('j')), [{ name: 'j' }]);
  });

  test('what is kept of a paste and of a sequence is bounded', () => {
    const [key] = decode(`\x1b[200~${'x'.repeat(100_000)}\x1b[201~`, false);
    assert.ok(key !== undefined && 'pasted' in key && key.pasted.length === 4096);
    const decoder = new KeyDecoder();
    decoder.feed(Buffer.from(`\x1b[${'1'.repeat(100_000)}`));
    decoder.flush();
    assert.deepEqual(decoder.feed(Buffer.from('j')), [{ name: 'j' }]);
  });
});
