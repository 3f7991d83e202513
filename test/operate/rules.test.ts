/** Every rule finds its example, and nothing else does; HAProxy makes of it what the rule says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { RULES } from '../../src/operate/check.ts';
import { parseVersion } from '../../src/operate/version.ts';
import { missing, programOf, SERIES } from '../haproxy/haproxy.ts';
import { checkFiles, exampleFiles, Folder, printed } from './examples.ts';

test('codes are stable names, each once', () => {
  const codes = RULES.map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
  for (const code of codes) assert.match(code, /^[a-z0-9]+(-[a-z0-9]+)*$/);
});

for (const rule of RULES) {
  const { code, example } = rule;
  test(`${code} finds its example`, () => {
    const { version, from, agentCommand, edits, setup, named } = example;
    const options = { version, from, agentCommand, ...(named !== undefined && { named: [named] }) };
    const before = checkFiles(printed(setup), options).map((finding) => finding.code);
    const after = checkFiles(exampleFiles(example), options);
    assert.ok(
      after.some((finding) => finding.code === code),
      JSON.stringify(after, undefined, 1),
    );
    if (edits.length === 0) return;
    assert.ok(!before.includes(code), 'what is printed has it, too');
    // Another fault would make the example one of two rules.
    const others = new Set(after.map((finding) => finding.code));
    for (const known of [code, ...before]) others.delete(known);
    assert.deepEqual([...others], []);
  });
}

const RECEPTION = {
  refuses: (said: string) => /^\[ALERT\]/m.test(said),
  warns: (said: string) => !/^\[ALERT\]/m.test(said) && /^\[WARNING\]/m.test(said),
  accepts: (said: string) => !/^\[(ALERT|WARNING)\]/m.test(said),
} as const;

for (const series of SERIES) {
  describe(`HAProxy ${series}`, { skip: missing(series) }, () => {
    for (const { code, example } of RULES) {
      const { version } = example;
      const isOther = version !== undefined && parseVersion(version)?.minor !== parseVersion(series)?.minor;
      if (isOther) continue;
      test(`${example.haproxy} the example of ${code}`, () => {
        const folder = new Folder(exampleFiles(example));
        try {
          const { stderr, stdout } = spawnSync(programOf(series), ['-c', '-f', example.named ?? 'haproxy.cfg'], {
            cwd: folder.path,
            encoding: 'utf8',
          });
          assert.ok(RECEPTION[example.haproxy](`${stdout}${stderr}`), stderr);
        } finally {
          folder.remove();
        }
      });
    }
  });
}
