/** HAProxy with two log targets writes each event twice; so does a file that is named twice. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { TemporaryFolder } from '../../logs/reading.ts';
import { spoeLogs } from './one-process.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());
const cwd = folder.path;

/** 200 events of two processes, every seventh failed, as `log … local0` and `log … local1 notice` write them. */
const EVENTS = Array.from({ length: 200 }, (_, i) => {
  const failed = i % 7 === 0;
  const pid = 700 + (i % 2);
  const timers = failed ? '0/0/-1/-1/500' : `0/0/${i % 30}/0/${i % 30}`;
  const clock = `07:00:${String(Math.floor(i / 4)).padStart(2, '0')}`;
  const spoe = `SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${i} st=${failed ? 1 : 0} ${timers} 1/1 0/0 0/${Math.floor(i / 2) + 1}`;
  const head = `Nov 22 ${clock} lb1 haproxy[${pid}]:`;
  return {
    failed,
    spoe: `${head} ${spoe}\n`,
    access: `${head} 192.0.2.7:4711 fe be/s1 0/0/0/1/1 200 1 - - ---- "GET /"\n`,
  };
});
const LOCAL0 = EVENTS.map(({ spoe, access }) => spoe + access).join('');
const NOTICES = EVENTS.map(({ spoe }) => spoe).join('');
const WARNINGS = EVENTS.filter(({ failed }) => failed).map(({ spoe }) => spoe);
const FAILED = WARNINGS.length;

folder.write('local0-2026-11-22.log', LOCAL0);
folder.write('notices-2026-11-22.log', NOTICES);
folder.write('warnings-2026-11-22.log', WARNINGS.join(''));
folder.write('both-2026-11-22.log', EVENTS.map(({ spoe, access }) => spoe + spoe + access).join(''));
const [LOCAL0_LOG, NOTICES_LOG] = ['local0-2026-11-22.log', 'notices-2026-11-22.log'];
const [WARNINGS_LOG, BOTH_LOG] = ['warnings-2026-11-22.log', 'both-2026-11-22.log'];

interface Counted {
  readonly input: { readonly spoe: number; readonly duplicates?: number };
  readonly total: object;
  readonly verdict: object;
  readonly notices: readonly { readonly code: string }[];
}

async function run(...args: string[]): Promise<Counted> {
  const { stdout, stderr } = await spoeLogs([...args, '--format', 'json'], { cwd });
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

const summarize = (...args: string[]) => run('summarize', '--tz', 'UTC', ...args);

const CASES = [
  ['two targets in one file', [BOTH_LOG], 200],
  ['two files', [LOCAL0_LOG, NOTICES_LOG], 200],
  ['two files, the other way round', [NOTICES_LOG, LOCAL0_LOG], 200],
  ['failures in a file of their own', [LOCAL0_LOG, WARNINGS_LOG], FAILED],
  ['failures first', [WARNINGS_LOG, LOCAL0_LOG], FAILED],
  ['a file that is named twice', [LOCAL0_LOG, LOCAL0_LOG], 200],
] as const;

describe('an event counts once', () => {
  for (const [what, files, duplicates] of CASES) {
    test(`in ${what}, in one run and as saved states`, async () => {
      const once = await summarize(LOCAL0_LOG);
      const found = await summarize(...files);
      assert.equal(found.input.spoe, 200);
      assert.equal(found.input.duplicates, duplicates);
      assert.deepEqual(found.total, once.total);
      const states = files.map((file, i) => ({ file, state: `${i}.json` }));
      for (const { file, state } of states) await summarize('--save', state, file);
      const merged = await run('merge', ...states.map(({ state }) => state));
      assert.equal(merged.input.duplicates, duplicates);
      assert.deepEqual(merged.total, once.total);
      assert.deepEqual(merged.notices, once.notices);
    });
  }

  test('also where the scanner has counted the timers of the second line already, and on the plain path', async () => {
    assert.deepEqual((await summarize('--plain-scanner', BOTH_LOG)).total, (await summarize(LOCAL0_LOG)).total);
  });

  test('with --keep-duplicates each line counts', async () => {
    const kept = await summarize('--keep-duplicates', BOTH_LOG);
    assert.equal(kept.input.spoe, 400);
    assert.equal(kept.input.duplicates, undefined);
    for (const [i, file] of [LOCAL0_LOG, WARNINGS_LOG].entries()) await summarize('--save', `${i}.json`, file);
    assert.equal((await run('merge', '--keep-duplicates', '0.json', '1.json')).input.spoe, 200 + FAILED);
  });

  test('the screen shows how many lines were left out', async () => {
    const { stdout } = await spoeLogs(['summarize', '--tz', 'UTC', BOTH_LOG], { cwd });
    assert.match(stdout, / · filtered 0\n {5}duplicates 200 · unlogged 0 · restarts 0\n/);
    assert.match(stdout, /^DEGRADED .* 14 % of 200 events failed/);
  });

  test('syslogd says that a line was repeated: it is one event', async () => {
    folder.write(
      'reduced-2026-11-22.log',
      `${WARNINGS[0]}Nov 22 07:00:01 lb1 haproxy[700]: message repeated 2 times: [ ${WARNINGS[0]?.split(']: ')[1]?.trim()}]\n`,
    );
    const found = await summarize('reduced-2026-11-22.log');
    assert.deepEqual([found.input.spoe, found.input.duplicates], [1, 2]);
  });

  test('states that share a process and cannot be taken apart are named', async () => {
    folder.write('rest-2026-11-22.log', `${LOCAL0}Nov 22 07:00:09 lb9 haproxy[9]: ${WARNINGS[0]?.split(']: ')[1]}`);
    folder.write(
      'part-2026-11-22.log',
      `${WARNINGS.join('')}Nov 22 07:00:09 lb8 haproxy[9]: ${WARNINGS[0]?.split(']: ')[1]}`,
    );
    await summarize('--save', '0.json', 'rest-2026-11-22.log');
    await summarize('--save', '1.json', 'part-2026-11-22.log');
    assert.deepEqual(
      (await run('merge', '0.json', '1.json')).notices
        .map(({ code }) => code)
        .filter((code) => code === 'states-overlap'),
      ['states-overlap'],
    );
  });

  test('export makes one trace of it, and says so', async () => {
    const once = await spoeLogs(['export', '--tz', 'UTC', '--otlp-file', 'once.jsonl', LOCAL0_LOG], { cwd });
    const twice = await spoeLogs(['export', '--tz', 'UTC', '--otlp-file', 'twice.jsonl', LOCAL0_LOG, NOTICES_LOG], {
      cwd,
    });
    assert.equal(
      twice.stdout,
      `${once.stdout.replace('once', 'twice')}duplicates 200: lines of events that came before\n`,
    );
    const all = ['export', '--tz', 'UTC', '--keep-duplicates', '--otlp-file', 'all.jsonl', LOCAL0_LOG, NOTICES_LOG];
    assert.match((await spoeLogs(all, { cwd })).stdout, / of 400 events /);
  });

  test('parse writes all lines, and with --drop-duplicates each event once', async () => {
    const count = async (...args: string[]) =>
      (await spoeLogs(['parse', '--tz', 'UTC', ...args, BOTH_LOG], { cwd })).stdout.split('\n').length - 1;
    assert.equal(await count(), 400);
    assert.equal(await count('--drop-duplicates'), 200);
  });
});

test('copies among lines that do not say who wrote them are doubted, those of a known process are not', async () => {
  const notices = async (name: string, header: string) => {
    const lines = EVENTS.map(({ spoe }) => header + spoe.slice(spoe.indexOf('SPOE:')));
    folder.write(name, [...lines, ...lines].join(''));
    const { stdout } = await spoeLogs(['summarize', '--format', 'json', '--tz', 'UTC', '--year', '2026', name], {
      cwd,
    });
    const { input, notices } = JSON.parse(stdout) as { input: { duplicates?: number }; notices: { code: string }[] };
    assert.equal(input.duplicates, EVENTS.length);
    return notices.map(({ code }) => code);
  };
  assert.ok((await notices('cri.log', '2026-11-22T07:00:00.5Z stdout F ')).includes('duplicates-of-whom'));
  assert.ok(
    (await notices('pod.log', '[pod/haproxy-0/haproxy] 2026-11-22T07:00:00.5Z ')).includes('duplicates-of-whom'),
  );
  assert.ok(!(await notices('pid.log', 'Nov 22 07:00:00 lb1 haproxy[7]: ')).includes('duplicates-of-whom'));
});
