import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { eventLine, TemporaryFolder } from '../../logs/reading.ts';
import { fixture, STALL, shell } from './run.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());

/** util-linux's script gives a program a terminal; the one of other systems has other options. */
const hasScript = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');
const skip = hasScript ? false : 'script of util-linux is not there: no terminal to test with';

const ESC = '\u001b';
const CURSOR_UP = new RegExp(`${ESC}\\[\\d+A`, 'g');

/** What a terminal of 100 columns, and mostly 50 rows, gets from this command. */
async function inTerminal(command: string, env: { readonly [name: string]: string } = {}, rows = 50): Promise<string> {
  const log = folder.write('typescript', '');
  const quoted = `stty cols 100 rows ${rows}; ${command}`.replaceAll("'", "'\\''");
  const { stdout } = await shell(`script -qefc '${quoted}' ${log} < /dev/null`, {
    env: { TERM: 'xterm-256color', ...env },
  });
  return stdout.replaceAll('\r\n', '\n');
}

describe('on a terminal', { skip }, () => {
  test('the final screen is written once, in colour', async () => {
    const screen = await inTerminal(`$SPOE_LOGS summarize "${STALL}"`);
    assert.equal(screen.match(/DEGRADED since/g)?.length, 1);
    assert.ok(screen.includes(`${ESC}[`));
  });

  test('NO_COLOR keeps colour away, and so does TERM=dumb', async () => {
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
      assert.ok(!(await inTerminal(`$SPOE_LOGS summarize "${STALL}"`, env)).includes(`${ESC}[`));
  });

  test('the screen is drawn over the one before while lines arrive', async () => {
    const path = folder.write('lb.log', `${eventLine(1)}\n`);
    // The second line comes when the first screen is there: the log of the terminal says so.
    const typescript = folder.file('typescript');
    const writer = `(until grep -q 'HEALTHY' ${typescript} 2>/dev/null; do sleep 0.05; done; echo '${eventLine(2)}')`;
    const screen = await inTerminal(`(cat ${path}; ${writer}) | $SPOE_LOGS summarize --plain`, { NO_COLOR: '1' });
    assert.ok((screen.match(CURSOR_UP)?.length ?? 0) >= 1, JSON.stringify(screen));
    const last = screen.slice(screen.search(new RegExp(`${ESC}\\[\\d+A(?![^]*${ESC}\\[\\d+A)`)));
    assert.equal(last.match(/HEALTHY/g)?.length, 1);
    assert.match(last, /\b2 events\b/);
  });

  test('TERM=dumb gets no escapes, also while lines arrive', async () => {
    const screen = await inTerminal(`(cat "${STALL}"; sleep 0.6; echo) | $SPOE_LOGS summarize`, { TERM: 'dumb' });
    assert.ok(!screen.includes(ESC), JSON.stringify(screen.slice(0, 200)));
    assert.match(screen, /DEGRADED since/);
  });

  test('TERM=dumb gets a first screen at once, not higher than the terminal, and one when the verdict changes', async () => {
    const log = folder.write('dumb.log', Array.from({ length: 60 }, (_, i) => `${eventLine(i + 1)}\n`).join(''));
    const failing = folder.write(
      'failing.log',
      Array.from({ length: 61 }, (_, i) => `${eventLine(i + 61).replace('st=0', 'st=256')}\n`).join(''),
    );
    const until = (pattern: string, step: string) =>
      `until grep -q '${pattern}' ${folder.file('typescript')}; do ${step}; sleep 0.05; done`;
    const steps = `${until('more li[n]es', ':')}; ${until('FAI[L]ING since', `cat ${failing} >> ${log}; sleep 0.3`)}`;
    const command = `$SPOE_LOGS summarize --follow ${log} & ${steps}; kill -TERM $!; wait $!`;
    const screen = await inTerminal(command, { TERM: 'dumb' }, 12);
    const screens = screen.split(/^(?=[A-Z]+ since |HEALTHY )/m);
    const changed = screens.findIndex((text) => text.startsWith('FAILING'));
    assert.ok(changed > 0, screen);
    for (const text of screens.slice(0, changed + 1)) {
      assert.ok(text.trimEnd().split('\n').length <= 11, text);
      assert.match(text, /more lines: /);
    }
  });

  test('TERM=dumb gets no escapes from diff --follow', async () => {
    const files = `--production ${folder.write('p.log', '')} --mirror ${folder.write('m.jsonl', '')}`;
    const wait = `until grep -q 'not yet' ${folder.file('typescript')} 2>/dev/null; do sleep 0.05; done`;
    const follow = `$SPOE_LOGS diff --follow ${files} --destination http://new.example/`;
    const screen = await inTerminal(`${follow} & ${wait}; kill -TERM $!; wait $!`, { TERM: 'dumb' });
    assert.ok(!screen.includes(ESC), JSON.stringify(screen));
  });

  test('other formats are written once, without moving the cursor', async () => {
    const screen = await inTerminal(`$SPOE_LOGS summarize --format json "${STALL}"`);
    assert.equal(JSON.parse(screen).total.count, 20);
  });

  test('diff --follow ends with a sentence where a redraw finds that the sides are exchanged', async () => {
    const side = (name: string) => `"${fixture(`diff/3.0.11--broken-orders--${name}`)}"`;
    const command = `$SPOE_LOGS diff --follow --production ${side('mirror.jsonl')} --mirror ${side('production.log')}`;
    const screen = await inTerminal(`${command}; echo "exit code $?"`);
    assert.match(screen, /spoe-logs: the sides are exchanged/);
    assert.match(screen, /exit code 2/);
  });

  test('diff --follow waits for a destination that has no line yet', async () => {
    const files = `--production ${folder.write('p.log', '')} --mirror ${folder.write('m.jsonl', '')}`;
    const wait = `until grep -q 'not yet' ${folder.file('typescript')} 2>/dev/null; do sleep 0.05; done`;
    const follow = `$SPOE_LOGS diff --follow ${files} --destination http://new.example/`;
    const screen = await inTerminal(`${follow} & ${wait}; kill -TERM $!; wait $!`);
    assert.match(screen, /not yet: no line of the mirror is of the destination http:\/\/new\.example\//);
    assert.doesNotMatch(screen, /\.cjs/);
  });

  test('a command without FILE says what it waits for instead of waiting', async () => {
    const log = folder.file('nothing');
    const { stdout } = await shell(`script -qefc '$SPOE_LOGS summarize; echo "exit code $?"' ${log} < /dev/null`);
    assert.match(stdout, /no FILE, and standard input is a terminal \(no-input\)/);
    assert.match(stdout, /exit code 2/);
  });
});
