/** Lines cut into words: as the manual says, and as each HAProxy does it, which `.notice` shows. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { Environment } from '../../../src/operate/configuration/environment.ts';
import { splitWords } from '../../../src/operate/configuration/words.ts';
import { missing, programOf, SERIES } from '../../haproxy/haproxy.ts';
import { Folder } from '../examples.ts';

const VARIABLES = { PLACE: '/root', LIST: 'p q' };

/** One word, and what it is. */
const WORDS: readonly (readonly [line: string, word: string])[] = [
  ['a\\ b', 'a b'],
  ['a"b c"d', 'ab cd'],
  [`a'b "c'd`, 'ab "cd'],
  [`"it's"`, "it's"],
  ['a#b', 'a'],
  ['a\\#b', 'a#b'],
  ['a\\qb', 'a\\qb'],
  ['"a\\qb"', 'a\\qb'],
  ['a\\.b\\d+', 'a\\.b\\d+'],
  ['"a\\$b"', 'a$b'],
  ['a\\$b', 'a\\$b'],
  ['a\\x42c', 'aBc'],
  ['a\\', 'a\\'],
  ["a\\'b", "a'b"],
  [`"a\\'b"`, "a'b"],
  ['"\\"q\\""', '"q"'],
  ["'$PLACE # \\n'", '$PLACE # \\n'],
  ['$PLACE', '$PLACE'],
  ['"$PLACE/x"', '/root/x'],
  [`"\${PLACE}y"`, '/rooty'],
  [`"\${NOPE-def ault}"`, 'def ault'],
  [`"\${NOPE-a$b}"`, 'a$b'],
  [`"\${NOPE-"x"}"`, '"x"'],
  [`"\${X-a}b}"`, 'ab}'],
  [`"\${X-}"q`, 'q'],
  [`"\${.FILE}:\${.LINE}:$.LINE"`, 'haproxy.cfg:2:2'],
];

function cut(line: string) {
  const environment = new Environment(VARIABLES);
  environment.setPlace('haproxy.cfg', 2, 'global');
  return splitWords(line, environment);
}

for (const [line, word] of WORDS) test(`${line} is ${word}`, () => assert.deepEqual(cut(line).words, [word]));

const REFUSED = ['"open', "'open", '\\x4', `"\${PLACE"`, '"$1x"', '"a$"'];
for (const line of REFUSED) test(`${line} is refused`, () => assert.ok(cut(line).refusal !== undefined));

test('a list is as many words as it has', () => {
  assert.deepEqual(cut(`log "\${LIST[*]}" end`).words, ['log', 'p', 'q', 'end']);
});

test('a variable that is not set is not known, and its word with it', () => {
  const { words, unknown } = cut(`mode "x\${NOPE}y" z`);
  assert.deepEqual(words, ['mode', `x\${NOPE}y`, 'z']);
  assert.deepEqual([...unknown], [1]);
});

test('a variable that grows without end is cut, and not known', () => {
  const environment = new Environment({});
  environment.apply(['setenv', 'A', 'x'.repeat(40_000)], true);
  const { words, unknown } = splitWords('"$A$A"', environment);
  assert.equal(words[0]?.length, 40_000);
  assert.deepEqual([...unknown], [0]);
});

for (const series of SERIES) {
  describe(`HAProxy ${series}`, { skip: missing(series) }, () => {
    const notice = (line: string) => {
      const folder = new Folder({ 'haproxy.cfg': `global\n.notice ${line}\n` });
      const env = { ...VARIABLES };
      const run = spawnSync(programOf(series), ['-c', '-f', 'haproxy.cfg'], {
        cwd: folder.path,
        encoding: 'utf8',
        env,
      });
      folder.remove();
      return `${run.stdout}${run.stderr}`;
    };
    for (const [line, word] of WORDS)
      test(`reads ${line} as ${word}`, () =>
        assert.ok(notice(line).includes(`[haproxy.cfg:2]: '${word}'.`), notice(line)));
    for (const line of REFUSED)
      test(`refuses ${line}`, () => assert.match(notice(line), /ALERT.*\[haproxy\.cfg:2\]: /));
  });
}
