/** The documented format of a unique id, read by hand, is that of its grammar; JSON's escapes are those of JSON. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeUniqueId } from '../../../src/logs/access/identity.ts';
import { decodeEscapes } from '../../../src/logs/access/unescape.ts';

const SEED = { seed: 13, numRuns: 4_000 };

const ADDRESS = '(?:[0-9A-F]{8}|[0-9A-F]{32}|-|unix)';
const HEX = '[0-9A-F]{1,8}';
const DOCUMENTED = new RegExp(`^${ADDRESS}:${HEX}_${ADDRESS}:${HEX}_${HEX}_(${HEX}):(${HEX})$`);

const hex = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789ABCDEF'), minLength, maxLength });
const address = fc.oneof(hex(8, 8), hex(32, 32), hex(1, 34), fc.constantFrom('-', 'unix', 'unix0', '--', ''));
const number = fc.oneof(hex(1, 8), hex(1, 8), hex(0, 10));
const id = fc
  .tuple(address, number, address, number, number, number, number)
  .map(([from, port, to, bound, seconds, sid, pid]) => `${from}:${port}_${to}:${bound}_${seconds}_${sid}:${pid}`);
const damaged = fc
  .tuple(id, fc.nat(90), fc.nat(2), fc.constantFrom('', 'a', '_', ':', '\n', '٣'))
  .map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));

const around = fc.constantFrom('', '"', ' ', '0', 'F0', '_', ':', ':1', '-', 'ix:1_');

test('a unique id is decoded when its format is the documented one', () => {
  fc.assert(
    fc.property(fc.oneof(id, damaged), around, around, (text, before, behind) => {
      const [, sid = '', pid = ''] = DOCUMENTED.exec(text) ?? [];
      const expected = sid === '' ? undefined : { sid: Number.parseInt(sid, 16), pid: Number.parseInt(pid, 16) };
      assert.deepEqual(decodeUniqueId(text), expected);
      // What stands around it in its line is no part of it.
      const whole = before + text + behind;
      assert.deepEqual(decodeUniqueId(whole, before.length, before.length + text.length), expected);
    }),
    SEED,
  );
});

test('escapes of JSON are undone, also beside what JSON does not know', () => {
  const piece = fc.constantFrom(
    '\\"',
    '\\\\',
    '\\/',
    '\\n',
    '\\u00e9',
    '\\ud83d',
    '\\u12',
    '\\x',
    'a',
    '"',
    '\n',
    'é',
    '\\t',
  );
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t' };
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      const expected = text.replace(/\\(?:u([0-9A-Fa-f]{4})|(["\\/bfnrt]))/g, (_, code, char) =>
        code === undefined ? (escapes[char] ?? char) : String.fromCharCode(Number.parseInt(code, 16)),
      );
      assert.equal(decodeEscapes(text, 'json'), expected);
    }),
    SEED,
  );
});
