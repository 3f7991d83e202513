import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_TEXT, TextTable } from '../../src/diff/text-table.ts';

test('a text has one number, and the number gives the text back', () => {
  const table = new TextTable();
  const texts = ['a', 'GET', '/orders/17?x=1', '7F000001:ABCD_7F000001:71AC_6B0297CB_0001:5B7A', ' ', '\0', '\0\0'];
  const numbers = texts.map((text) => table.intern(text));
  assert.deepEqual(numbers, [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(
    texts.map((text) => table.intern(text)),
    numbers,
  );
  assert.deepEqual(
    numbers.map((number) => table.text(number)),
    texts,
  );
  assert.equal(table.size, texts.length);
});

test('a text has the number of its bytes', () => {
  const table = new TextTable();
  const texts = ['a', '/orders/{…}', 'é', 'x'.repeat(5000), ''];
  const numbers = texts.map((text) => {
    const bytes = Buffer.from(`${text}more`);
    return table.internBytes(bytes, bytes.length - 4);
  });
  assert.deepEqual(numbers, [0, 1, 2, 3, NO_TEXT]);
  assert.deepEqual(
    texts.map((text) => table.intern(text)),
    numbers,
  );
  for (const number of numbers.slice(0, 4)) {
    const start = table.startOf(number);
    const bytes = table.chunkOf(number).subarray(start, start + table.lengthOf(number));
    assert.equal(bytes.toString(), table.text(number));
  }
});

test('a table that was closed knows its texts, and takes more of them', () => {
  const table = new TextTable();
  const texts = Array.from({ length: 2_000 }, (_, i) => `${'x'.repeat(i % 7)}${i}`);
  for (const text of texts) table.intern(text);
  table.close();
  assert.equal(table.text(17), texts[17]);
  assert.equal(table.has('none'), false);
  assert.equal(table.intern('none'), texts.length);
  assert.deepEqual(
    texts.map((text) => table.intern(text)),
    [...texts.keys()],
  );
  assert.equal(table.size, texts.length + 1);
});

test('the empty text is no text', () => {
  const table = new TextTable();
  assert.equal(table.intern(''), NO_TEXT);
  assert.equal(table.text(NO_TEXT), '');
  assert.equal(table.size, 0);
});

test('texts that differ in zeros at their end only are told apart', () => {
  const table = new TextTable();
  const texts = ['abc', 'abc\0', 'abc\0\0', 'abcd', 'abcd\0'];
  assert.equal(new Set(texts.map((text) => table.intern(text))).size, texts.length);
});

test('texts beyond ASCII and Latin-1 come back as they were', () => {
  const table = new TextTable();
  const texts = ['é', 'è', 'café', 'Ünï', '日本語', '/пример', '😀', '😀😁', 'a😀', `${'x'.repeat(40)}é`, '…'];
  const numbers = texts.map((text) => table.intern(text));
  assert.equal(new Set(numbers).size, texts.length);
  assert.deepEqual(
    numbers.map((number) => table.text(number)),
    texts,
  );
});

test('half of a surrogate pair is the same text each time it comes', () => {
  const table = new TextTable();
  for (const text of ['\ud800', `a\udc00${'x'.repeat(50)}`]) {
    const number = table.intern(text);
    assert.equal(table.intern(text), number);
    assert.equal(table.text(number), text.replace(/[\ud800-\udfff]/, '\ufffd'));
  }
  assert.equal(table.size, 2);
});

test('a text of a megabyte and more is kept whole, and so is what comes after it', () => {
  const table = new TextTable();
  const texts = ['short', 'x'.repeat(1024 * 1024), 'é'.repeat(1_500_000), 'after', 'y'.repeat(1024 * 1024 - 1), 'last'];
  const numbers = texts.map((text) => table.intern(text));
  assert.deepEqual(
    texts.map((text) => table.intern(text)),
    numbers,
  );
  for (const [i, number] of numbers.entries()) assert.ok(table.text(number) === texts[i]);
});

test('100,000 texts keep their numbers while the table grows', () => {
  const table = new TextTable();
  const texts = Array.from({ length: 100_000 }, (_, i) => `/orders/${i}`);
  for (const [i, text] of texts.entries()) assert.equal(table.intern(text), i);
  for (const [i, text] of texts.entries()) assert.equal(table.intern(text), i);
  assert.equal(table.text(77_777), '/orders/77777');
});

test('whatever the texts, a table is a map from text to number', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 200 }), (texts) => {
      const table = new TextTable();
      const known = new Map<string, number>();
      for (const text of texts) {
        const number = table.intern(text);
        if (text === '') assert.equal(number, NO_TEXT);
        else assert.equal(number, known.get(text) ?? known.size);
        if (text !== '') known.set(text, number);
        assert.equal(table.text(number), text);
      }
      assert.equal(table.size, known.size);
    }),
  );
});
