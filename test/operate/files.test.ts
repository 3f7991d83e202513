/** Which files are read, where they are looked for, and what is too much. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Folder, inShort, printed } from './examples.ts';

function folderOf(t: TestContext, files = {}): Folder {
  const folder = new Folder(files);
  t.after(() => folder.remove());
  return folder;
}

const { 'haproxy.cfg': HAPROXY = '', 'spoe-mirror.conf': SPOE = '' } = printed();

test('a file is read in parts, each of which begins with a section', (t) => {
  const at = HAPROXY.indexOf('\nbackend be_servers\n') + 1;
  const folder = folderOf(t, { 'b.cfg': HAPROXY.slice(at), 'a.cfg': HAPROXY.slice(0, at), 'spoe-mirror.conf': SPOE });
  assert.deepEqual(folder.check({ named: ['a.cfg', 'b.cfg'] }), []);
  assert.deepEqual(inShort(folder.check({ named: ['a.cfg'] })), ['spoe-mirror.conf:8 backend-missing']);
});

for (const [policy, place] of [
  ['', 'conf/spoe-mirror.conf'],
  ['', 'spoe-mirror.conf'],
  ['default-path config', 'conf/spoe-mirror.conf'],
  ['default-path parent', 'spoe-mirror.conf'],
  ['default-path origin other', 'other/spoe-mirror.conf'],
] as const) {
  test(`with ${policy === '' ? 'nothing said' : policy} the SPOE file is found at ${place}`, (t) => {
    const folder = folderOf(t);
    for (const name of ['conf', 'other']) mkdirSync(join(folder.path, name));
    folder.write('conf/haproxy.cfg', HAPROXY.replace('global\n', `global\n    ${policy}\n`));
    folder.write(place, SPOE);
    const { problems, files } = folder.read({ named: ['conf/haproxy.cfg'] });
    assert.deepEqual([problems, files], [[], ['conf/haproxy.cfg', place]]);
  });
}

test('an SPOE file that lies elsewhere is matched by its path, its name, or because it is the only one', (t) => {
  const folder = folderOf(t, {
    'haproxy.cfg': HAPROXY.replace('config spoe-mirror.conf', 'config /nowhere/mirror.conf'),
    'mirror.conf': SPOE.replace('    messages mirror\n', ''),
    'new.cfg': SPOE,
  });
  assert.deepEqual(inShort(folder.check({ named: ['haproxy.cfg', 'mirror.conf'] })), ['mirror.conf:4 nothing-listed']);
  assert.deepEqual(folder.check({ named: ['haproxy.cfg', 'new.cfg'] }), []);
  assert.deepEqual(inShort(folder.check({ named: ['haproxy.cfg', 'new.cfg', 'mirror.conf'] })), [
    'mirror.conf:4 nothing-listed',
  ]);
  assert.deepEqual(
    folder.read({ named: ['haproxy.cfg'] }).problems.map(({ code }) => code),
    ['not-found'],
  );
});

test('an SPOE file alone is looked at as far as that goes', (t) => {
  const folder = folderOf(t, { 'spoe.cfg': SPOE.replace('spoe-message mirror', 'spoe-message other') });
  assert.deepEqual(inShort(folder.check({ named: ['spoe.cfg'] })), ['spoe.cfg:7 message-undefined']);
});

test('what is too large, binary, a folder without files, or not there, is said', (t) => {
  const folder = folderOf(t, {
    'large.cfg': `#${'x'.repeat(17 * 1024 * 1024)}\n`,
    'spoe.cfg': SPOE + '#x\n'.repeat(30_000),
  });
  writeFileSync(join(folder.path, 'binary.cfg'), Uint8Array.of(35, 0, 10));
  mkdirSync(join(folder.path, 'empty'));
  const codes = ['large.cfg', 'spoe.cfg', 'binary.cfg', 'empty', 'nowhere.cfg'].map((name) =>
    folder.read({ named: [name] }).problems.map(({ code }) => code),
  );
  assert.deepEqual(codes, [['too-large'], ['too-large'], ['binary'], ['no-files'], ['not-found']]);
});

test('what would grow without end comes to an end', (t) => {
  const many = (line: string, times: number) => line.repeat(times);
  const folder = folderOf(t, {
    'haproxy.cfg': `global\n    setenv A xx\n${many('    setenv A "$A$A$A"\n', 60)}defaults\n${many('    option x\n', 30_000)}${many('frontend f\n    http-request send-spoe-group a b\n    filter spoe engine mirror config spoe-mirror.conf\n', 1000)}`,
    'spoe-mirror.conf': `[mirror]\nspoe-agent mirror\n    messages ${many('a b ', 5000)}\n${many('spoe-message c\n', 1000)}`,
  });
  const { problems, engines } = folder.read();
  assert.deepEqual([problems.map(({ code }) => code), engines.length], [['too-many-engines'], 500]);
  assert.equal(folder.check().length, 1000);
});
