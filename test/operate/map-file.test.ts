import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readMapFile, saveMapFile } from '../../src/operate/map-file.ts';

const TEXT =
  '# who switches\n #x 1\n\nmirroring on\n  mirroring.sample\t 100  \nother x y z  \r\nlone\nmirroring yes\n';

function fileOf(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-map-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'mirroring.map');
  writeFileSync(path, text, 'latin1');
  return path;
}

test('entries are what HAProxy makes of the lines: the first of a key, without the blanks around it', (t) => {
  // As HAProxy 2.6, 3.0 and 3.2 show this file.
  const path = fileOf(t, TEXT);
  const found = readMapFile(path, ['mirroring', 'mirroring.sample', 'other', 'lone', '#x', '#', 'none']);
  assert.deepEqual(
    [...found],
    [
      ['#x', '1'],
      ['mirroring', 'on'],
      ['mirroring.sample', '100'],
      ['other', 'x y z'],
      ['lone', ''],
    ],
  );
});

test('only the values of the given keys change, everywhere; a missing key is added', (t) => {
  const path = fileOf(t, TEXT);
  saveMapFile(
    path,
    new Map([
      ['mirroring', 'off'],
      ['mirroring.sample', '10'],
      ['lone', 'v'],
      ['new', '1'],
    ]),
  );
  assert.equal(
    readFileSync(path, 'latin1'),
    '# who switches\n #x 1\n\nmirroring off\n  mirroring.sample\t 10  \nother x y z  \r\nlone v\nmirroring off\nnew 1\n',
  );
});

test('bytes that are not UTF-8 and a missing newline at the end stay', (t) => {
  const path = fileOf(t, '# caf\xe9\nmirroring\ton\r');
  saveMapFile(path, new Map([['mirroring', 'off']]));
  assert.equal(readFileSync(path, 'latin1'), '# caf\xe9\nmirroring\toff\r');
});

test('the mode stays, and a link stays a link', (t) => {
  const path = fileOf(t, 'mirroring on\n');
  chmodSync(path, 0o640);
  const link = `${path}.link`;
  symlinkSync(path, link);
  saveMapFile(link, new Map([['mirroring', 'off']]));
  assert.equal(statSync(path).mode & 0o777, 0o640);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(readFileSync(path, 'utf8'), 'mirroring off\n');
  assert.deepEqual(readdirSync(join(path, '..')).sort(), ['mirroring.map', 'mirroring.map.link']);
});

test('a file that is not there, or is none, cannot be read', (t) => {
  const path = fileOf(t, '');
  assert.throws(() => readMapFile(`${path}.not`, ['a']), { code: 'cannot-read' });
  assert.throws(() => readMapFile(join(path, '..'), ['a']), { code: 'cannot-read' });
  assert.throws(() => saveMapFile(`${path}.not`, new Map([['a', 'b']])), { code: 'cannot-read' });
});
