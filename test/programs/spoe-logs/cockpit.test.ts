/** The full screen of `summarize` in a real terminal: keys, sizes, and what is left behind, whatever ends it. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { NO_TERMINAL, Terminal } from '../../terminal/terminal.ts';
import { fixture } from './run.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'spoe-logs-cockpit-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function logOf(lines: readonly string[]): string {
  const file = path.join(folder, `log-${++files}`);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

/** An event of now: charts are of the last minutes. */
function event(sid: number, { st = 0, host = 'lb1', agent = 'mirror', pT = 3 } = {}): string {
  const time = new Date().toISOString().replace('Z', '+00:00');
  return `${time} ${host} haproxy[7]: SPOE: [${agent}] <EVENT:on-frontend-http-request> sid=${sid} st=${st} 0/1/1/0/${pT} 1/9 0/0 ${st === 0 ? 0 : 1}/${sid + 1}`;
}

const TWENTY = Array.from({ length: 20 }, (_, i) =>
  event(i, {
    host: i % 2 === 0 ? 'lb1' : 'lb2',
    st: i === 7 ? 264 : i === 9 ? 2 : 0,
    agent: i % 4 === 0 ? 'audit' : 'mirror',
  }),
);

describe('the full screen', { skip: NO_TERMINAL }, () => {
  test('q ends it, the terminal is as it was, and the final summary stays on it', async () => {
    const terminal = new Terminal(`$SPOE_LOGS summarize -F '${logOf(TWENTY)}'`);
    const text = await terminal.shows(/GROUPS.*events[\s\S]*mirror EVENT/);
    assert.match(text, /^DEGRADED since .*last event .* ago/);
    assert.match(text, /events\/s[\s\S]*errors\/s[\s\S]*pT p99 ms[\s\S]*the last 5 m, a step is 5 s/);
    assert.ok(terminal.screen.isAlternate);
    terminal.type('q');
    assert.equal(await terminal.exit, 0);
    assert.ok(terminal.isRestored, [...terminal.screen.modes].join());
    assert.match(terminal.screen.text, /LOG {2}lines 20 · SPOE 20/);
    assert.deepEqual(terminal.screen.unknown, []);
  });

  test('a log on standard input leaves the terminal for keys', async () => {
    const terminal = new Terminal(`tail -n 99 -f '${logOf(TWENTY)}' | $SPOE_LOGS summarize`);
    await terminal.shows(/GROUPS[\s\S]*audit EVENT/);
    terminal.type('\x03');
    await terminal.exit;
    assert.ok(terminal.isRestored);
    assert.match(terminal.screen.text, /LOG {2}lines 20/);
  });

  test('a group opens to its host, process and codes, and shows its lines as they stand, the newest first', async () => {
    const file = logOf([...TWENTY, event(99, { agent: 'rare', st: 264, host: 'lb9' })]);
    const terminal = new Terminal(`$SPOE_LOGS summarize -F '${file}'`, { rows: 40 });
    await terminal.shows(/\+ rare EVENT/);
    terminal.type('sssss');
    await terminal.shows(/groups by errors/);
    terminal.type('/rare\r');
    await terminal.shows(/1 of 3 groups with "rare"/);
    terminal.type('\r');
    await terminal.shows(/- rare EVENT[\s\S]*\+ lb9/);
    terminal.type('j\rj\rj');
    await terminal.shows(/- haproxy\[7\][\s\S]*st=264/);
    terminal.type('v');
    await terminal.shows(
      /LINES of rare EVENT.*lb9, haproxy\[7\], st=264[\s\S]*1 line, newest first[\s\S]*: \[rare\] <EVENT:on-frontend-http-request> sid=99 st=264 0\/1\/1\/0\/3 /,
    );
    appendFileSync(file, `${event(100, { agent: 'rare', st: 264, host: 'lb9' })}\n`);
    await terminal.shows(/2 lines, newest first/);
    terminal.type('l');
    await terminal.shows(/from column \d+ on/);
    terminal.type('\x1b');
    await terminal.shows((text) => /GROUPS/.test(text) && !/LINES of/.test(text));
    terminal.type('q');
    await terminal.exit;
  });

  test('a destination of the record opens to its failures and their lines, and what comes is there', async () => {
    const request = (number: number, error: string | null) =>
      JSON.stringify({
        ...{ ts: new Date().toISOString(), message: 'mirror', destination: `http://d${number % 2}` },
        ...{
          engine_id: 'f9799bf3-31cc-47fc-bb40-29fb5d30f4af',
          stream_id: number,
          frame_id: 1,
          unique_id: `id-${number}`,
        },
        ...{ method: 'GET', path: `/orders/${number}`, status: error === null ? 200 : null, ttfb_ms: 3, latency_ms: 4 },
        ...{ request_bytes: 0, response_bytes: 3, truncated: false, attempts: 1, error },
      });
    const record = logOf(Array.from({ length: 20 }, (_, i) => request(i, i === 6 ? 'connect-refused' : null)));
    const terminal = new Terminal(`$SPOE_LOGS summarize -F '${logOf(TWENTY)}' --record '${record}'`, { rows: 40 });
    await terminal.shows(/MIRROR by errors[\s\S]*\+ http:\/\/d0 +10 +1 /);
    terminal.type('\t\t\r');
    await terminal.shows(/- http:\/\/d0 +10 +1 .*\n +200 +9 +0 .*\n +connect-refused/);
    terminal.type('jj\r');
    await terminal.shows(
      /LINES of http:\/\/d0, connect-refused[\s\S]*1 line, newest first\n‹"method":"GET","path":"\/orders\/6"/,
    );
    appendFileSync(record, `${request(22, 'connect-refused')}\n`);
    await terminal.shows(/2 lines, newest first\n.*\/orders\/22".*\n.*\/orders\/6"/);
    terminal.type('f');
    await terminal.shows(/FROZEN for/);
    terminal.type('\x1b');
    await terminal.shows(/MIRROR by errors/);
    terminal.type('q');
    assert.equal(await terminal.exit, 0);
  });

  test('frozen it stands still and says so, while all is counted', async () => {
    const file = logOf(TWENTY);
    const terminal = new Terminal(`$SPOE_LOGS summarize -F '${file}'`);
    await terminal.shows(/ of 20 events/);
    terminal.type('f');
    await terminal.shows(/FROZEN for/);
    appendFileSync(file, `${event(30)}\n${event(31)}\n`);
    assert.match(await terminal.shows(/FROZEN.* 2 events since/), / of 20 events/);
    terminal.type('f');
    await terminal.shows(/ of 22 events/);
    terminal.type('q');
    await terminal.exit;
    assert.match(terminal.screen.text, /lines 22/);
  });

  test('counters that are set back begin anew; the final summary is of everything', async () => {
    const file = logOf(TWENTY);
    const terminal = new Terminal(`$SPOE_LOGS summarize -F '${file}'`, { columns: 120 });
    await terminal.shows(/mirror EVENT\S+ +15 /);
    terminal.type('\x12');
    await terminal.shows(/groups and codes since/);
    appendFileSync(file, `${event(30)}\n`);
    await terminal.shows(/mirror EVENT\S+ +1 /);
    terminal.type('q');
    await terminal.exit;
    assert.match(terminal.screen.text, /lines 21 · SPOE 21/);
  });

  test('a new size is used at once, down to one cell, and nothing is ever wider than it', async () => {
    const terminal = new Terminal(`$SPOE_LOGS summarize -F '${logOf(TWENTY)}'`);
    await terminal.shows(/GROUPS/);
    for (const [columns, rows, wanted] of [
      [200, 60, /GROUPS.*│ WHY/],
      [80, 24, /GROUPS/],
      [60, 15, /60x15 is small/],
      [20, 5, /too small/],
      [1, 1, /^D$/],
      [300, 90, /GROUPS.*│ WHY/],
    ] as const) {
      terminal.resize(columns, rows);
      await terminal.shows(wanted);
    }
    terminal.type('q');
    assert.equal(await terminal.exit, 0);
  });

  test('Ctrl-Z gives the terminal back, and going on draws everything again', async () => {
    // The shell that continues it is the one that a user has.
    const command = `set -m; $SPOE_LOGS summarize -F '${logOf(TWENTY)}'; echo SUSPENDED; read answer; fg; echo ENDED $?`;
    const terminal = new Terminal(command);
    await terminal.shows(/GROUPS/);
    terminal.type('\x1a');
    await terminal.shows(/SUSPENDED/);
    assert.ok(terminal.isRestored);
    terminal.type('go\r');
    await terminal.shows(/GROUPS[\s\S]*mirror/);
    terminal.type('q');
    await terminal.exit;
    assert.match(terminal.screen.text, /ENDED 0/);
  });

  for (const [signal, code] of [
    ['TERM', 130],
    ['INT', 130],
    ['HUP', 129],
    ['QUIT', 131],
  ] as const) {
    test(`SIG${signal} leaves the terminal as it was`, async () => {
      const terminal = new Terminal(`exec $SPOE_LOGS summarize -F '${logOf(TWENTY)}'`);
      await terminal.shows(/GROUPS/);
      terminal.signal(signal);
      assert.equal(await terminal.exit, code);
      assert.ok(terminal.isRestored);
    });
  }

  test('a crash leaves the terminal as it was, and its report on it', async () => {
    const preload = path.join(folder, 'crash.cjs');
    writeFileSync(preload, "process.on('SIGUSR2', () => { throw new Error('on purpose'); });");
    const file = logOf(TWENTY);
    const terminal = new Terminal(`exec $SPOE_LOGS summarize -F '${file}'`, {
      env: { NODE_OPTIONS: `--require=${preload}` },
    });
    await terminal.shows(/GROUPS/);
    terminal.signal('USR2');
    assert.notEqual(await terminal.exit, 0);
    assert.ok(terminal.isRestored);
    assert.match(terminal.screen.text, /on purpose/);
  });

  test('names and lines with escapes stay text; what is cut is marked', async () => {
    const hostile = event(50, { host: 'lb\x1b[2J\x1b]0;x\x07', agent: '\u202eevil', st: 264 });
    const long = event(51, { host: `lb-${'x'.repeat(60_000)}` });
    const wide = event(52, { host: '主机é', st: 2 });
    const terminal = new Terminal(`$SPOE_LOGS summarize -F '${logOf([hostile, long, wide])}'`);
    await terminal.shows(/GROUPS/);
    terminal.type('v');
    await terminal.shows(/LINES of/);
    terminal.type('q');
    await terminal.exit;
    assert.deepEqual(terminal.screen.unknown, []);
    for (const raw of ['\x1b[2J\x1b]', '\u202e']) assert.ok(!terminal.sent.includes(raw));
  });

  test('keys that come in a burst, in pieces or are none at all leave it working', async () => {
    const terminal = new Terminal(`$SPOE_LOGS summarize -F '${logOf(TWENTY)}'`);
    await terminal.shows(/GROUPS/);
    terminal.type('jjjjkk\x1b[B\x1b[A\x1b[999;999z\x1bOP\x1b]11;rgb:0/0/0\x07\x1b[<64;1;1M\x1b[200~q\x1b[201~\x00\xff');
    terminal.type('?');
    await terminal.shows(/KEYS/);
    terminal.type('\x1b');
    await terminal.shows((text) => /GROUPS/.test(text) && !/KEYS/.test(text));
    terminal.type('q');
    assert.equal(await terminal.exit, 0);
  });

  test('a file that is not there yet is waited for, and said', async () => {
    const file = path.join(folder, 'later.log');
    const terminal = new Terminal(`$SPOE_LOGS summarize -F '${file}'`);
    await terminal.shows(/no event yet[\s\S]*does not exist: waiting for it/);
    writeFileSync(file, `${event(1)}\n`);
    await terminal.shows(/of 1 event/);
    terminal.type('q');
    await terminal.exit;
  });

  test('diff --follow fills it with its report, and shows the latest requests that differ', async () => {
    const side = (name: string) => `'${fixture(`diff/3.0.11--broken-orders--${name}`)}'`;
    const sides = `--production ${side('production.log')} --mirror ${side('mirror.jsonl')}`;
    const terminal = new Terminal(`$SPOE_LOGS diff --follow --grace 1s ${sides}`, { rows: 40 });
    await terminal.shows(/REQUESTS that differ[\s\S]*new_error +\d/);
    terminal.type('v');
    await terminal.shows(/LINES of requests: new_error[\s\S]*^new_error +200 → 5\d\d +[A-Z]+ \//m);
    terminal.type('\x1b');
    // Not before they are gone: a key that comes together with Esc is another one, of Alt.
    await terminal.shows((text) => /GATES/.test(text) && !/LINES of/.test(text));
    terminal.type('q');
    assert.equal(await terminal.exit, 1);
    assert.ok(terminal.isRestored);
    assert.ok(!terminal.screen.isAlternate);
  });

  for (const [what, options, env] of [
    ['--plain', '--plain', {}],
    ['--every', '--every 10s', {}],
    ['TERM=dumb', '', { TERM: 'dumb' }],
    ['CI', '', { CI: 'true' }],
  ] as const) {
    test(`${what} stays text`, async () => {
      const terminal = new Terminal(`exec $SPOE_LOGS summarize ${options} -F '${logOf(TWENTY)}'`, { env });
      await terminal.shows(/20 events|LOG {2}lines 20/);
      terminal.signal('INT');
      assert.equal(await terminal.exit, 130);
      assert.ok(!terminal.sent.includes('\x1b[?1049h'));
    });
  }

  test('--once writes one text of what is there, also with -F', async () => {
    const terminal = new Terminal(`exec $SPOE_LOGS summarize --once -F '${logOf(TWENTY)}'`);
    assert.equal(await terminal.exit, 0);
    assert.ok(!terminal.sent.includes('\x1b[?'));
    assert.equal(terminal.sent.match(/LOG {2}lines/g)?.length, 1);
    assert.match(terminal.screen.text, /lines 20/);
  });
});
