/**
 * lnav and rsyslog with their files of pipelines/, against the product's parser: SPOE_LOGS_PIPELINES is the folder that
 * scripts/install-pipelines.sh has made. Skipped without it.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseRecords } from '../../src/logs/line.ts';
import { EVENT } from '../logs/framing/examples.ts';
import { TemporaryFolder } from '../logs/reading.ts';
import { fixture, spoeLogs } from '../programs/spoe-logs/run.ts';
import { untilTrue } from '../until.ts';

const { SPOE_LOGS_PIPELINES: programs } = process.env;
const skip = programs === undefined && 'SPOE_LOGS_PIPELINES names no programs (scripts/install-pipelines.sh)';
const PIPELINES = fileURLToPath(new URL('../../pipelines/', import.meta.url));

const FRAMINGS = ['2.6.12', '3.2.26'];
/** Logs that all of them read. */
const LOGS = [
  'demo/2.6.12--stall-some.log',
  'demo/2.6.12--slow-serial.log',
  'diff/3.0.11--broken-orders--production.log',
  ...FRAMINGS.flatMap((version) =>
    ['rsyslog-traditional', 'rsyslog-hapee-doublecolon', 'rsyslog-fileformat-iso'].map(
      (framing) => `logs/formats/haproxy-${version}--${framing}.log`,
    ),
  ),
];
/** Without a time lnav has no line, without a host and a tag rsyslog's rules. */
const UNREAD_BY_LNAV = ['stdout-raw', 'stdout-short', 'stdout-priority', 'rsyslog-json'];
const UNREAD_BY_RSYSLOG = [...UNREAD_BY_LNAV, 'stdout-iso', 'stdout-timed', 'stdout-local', 'rsyslog-syslog23'];

const HEADER = 'Nov 22 06:57:13 lb1 haproxy[1]: ';
/** What the table of docs/pipelines.md has, with the events that lnav and rsyslog find in it. The last one is whole. */
const HARD_LINES: readonly (readonly [line: string, lnav: number, rsyslog: number])[] = [
  [`${HEADER}message repeated 3 times: [ ${EVENT}]`, 0, 0],
  [`${HEADER}SPOE: [mirror] <EVENT:on-front${HEADER}${EVENT}`, 0, 0],
  [`${HEADER}10.0.0.9:4711 [22/Nov/2026:06:57:11.000] fe be/s 0/0/0/1/1 200 1 - - ---- 1/1/0/0/0 0/0 {${EVENT}`, 0, 0],
  [`Nov 22 06:57:13 lb1 haproxy: /x haproxy[7]: ${EVENT}`, 0, 0],
  [HEADER + EVENT.slice(0, 60), 0, 0],
  [HEADER + EVENT.slice(0, EVENT.indexOf(' 0/0 1/3')), 1, 0],
  [HEADER + EVENT.replace('sid=3', 'sid=4294967296'), 1, 1],
  [`${HEADER}SPOE: [mirror] failed to create SPOE applet`, 0, 0],
  [HEADER + EVENT, 1, 1],
];

const folder = new TemporaryFolder();
after(() => folder.remove());

interface Event {
  readonly host: string | undefined;
  readonly pid: number | undefined;
  readonly agent: string;
  readonly type: string;
  readonly event: string;
  readonly sid: number;
  readonly st: number;
  readonly reqT: number | undefined;
  readonly wT: number | undefined;
  readonly pT: number;
  readonly waiting: number | undefined;
  readonly nb_error: number;
  readonly nb_processed: number;
}

function eventsOf(file: string): Event[] {
  const records = readFileSync(file, 'utf8').split('\n').flatMap(parseRecords);
  return records.flatMap((record) => {
    if (record.kind !== 'event') return [];
    const { header, event } = record;
    const { agent, type, name, sid, st, reqT, wT, pT, nbWaiting: waiting } = event;
    const counters = { nb_error: Number(event.nbError), nb_processed: Number(event.nbProcessed) };
    return [
      { host: header.host, pid: header.pid, agent, type, event: name, sid, st, reqT, wT, pT, waiting, ...counters },
    ];
  });
}

/** The rows of a program as events: its columns may be texts, and are null or not there where the line has none. */
function asEvents(rows: readonly Record<string, string | number | null>[]): Event[] {
  const number = (value: string | number | null | undefined) => (value == null ? undefined : Number(value));
  return rows.map((row) => ({
    // The hyphen of RFC 5424 stands for no host.
    host: row.host == null || row.host === '-' ? undefined : String(row.host),
    pid: number(row.pid),
    agent: String(row.agent),
    type: String(row.type),
    event: String(row.event),
    sid: Number(row.sid),
    st: Number(row.st),
    reqT: number(row.reqT),
    wT: number(row.wT),
    pT: Number(row.pT),
    waiting: number(row.waiting),
    nb_error: Number(row.nb_error),
    nb_processed: Number(row.nb_processed),
  }));
}

describe('lnav', { skip }, () => {
  const home = () => folder.file('home');
  const environment = () => ({ ...process.env, HOME: home(), XDG_CONFIG_HOME: '', TERM: 'xterm' });

  function lnav(...args: readonly string[]) {
    return spawnSync(join(programs as string, 'lnav'), args, { env: environment(), encoding: 'utf8' });
  }

  function query(log: string): Event[] {
    const columns = 'log_hostname AS host, log_pid AS pid, agent, type, event, sid, st, reqT, wT, pT, waiting';
    const sql = `;SELECT ${columns}, nb_error, nb_processed FROM haproxy_spoe_log WHERE st IS NOT NULL`;
    const { stdout, stderr } = lnav('-n', '-c', sql, '-c', ':write-json-to -', log);
    assert.equal(stderr, '', log);
    return asEvents(JSON.parse(stdout || '[]'));
  }

  test('takes the format that --install has put there, and finds nothing wrong with it', async () => {
    mkdirSync(home(), { recursive: true });
    const { code } = await spoeLogs(['lnav', '--install'], { env: { HOME: home(), XDG_CONFIG_HOME: undefined } });
    assert.equal(code, 0);
    const { status, stdout, stderr } = lnav('-C');
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
  });

  for (const log of LOGS) {
    test(`shows the events of ${log}`, () => assert.deepEqual(query(fixture(log)), eventsOf(fixture(log))));
  }

  for (const framing of [
    'stdout-iso',
    'stdout-local',
    'stdout-rfc3164',
    'stdout-rfc5424',
    'stdout-timed',
    'rsyslog-syslog23',
  ]) {
    const log = `logs/formats/haproxy-3.2.26--${framing}.log`;
    test(`and of ${log}`, () => assert.deepEqual(query(fixture(log)), eventsOf(fixture(log))));
  }

  test('finds of hard lines what the documentation says', () => {
    const log = folder.write('hard.log', HARD_LINES.map(([line]) => `${line}\n`).join(''));
    assert.equal(
      query(log).length,
      HARD_LINES.reduce((sum, [, events]) => sum + events, 0),
    );
  });

  for (const framing of UNREAD_BY_LNAV) {
    const log = `logs/formats/haproxy-3.2.26--${framing}.log`;
    test(`and none of ${log}, as the documentation says`, () => {
      const { stdout } = lnav(
        '-n',
        '-c',
        ';SELECT count(*) AS n FROM haproxy_spoe_log',
        '-c',
        ':write-json-to -',
        fixture(log),
      );
      assert.deepEqual(JSON.parse(stdout), [{ n: 0 }]);
    });
  }
});

describe('rsyslog', { skip }, () => {
  /** Runs rsyslog with its file of pipelines/, in which the paths are those of the test, until this many events are there. */
  async function normalize(log: string, events: number): Promise<Event[]> {
    const work = folder.file(`rsyslog-${basename(log)}`);
    mkdirSync(work);
    const [input, output, rules] = ['in.log', 'out.ndjson', 'rules'].map((name) => join(work, name)) as [
      string,
      string,
      string,
    ];
    copyFileSync(log, input);
    copyFileSync(join(PIPELINES, 'rsyslog.rulebase'), rules);
    const text = readFileSync(join(PIPELINES, 'rsyslog.conf'), 'utf8')
      .replace('/etc/rsyslog.d/rsyslog.rulebase', rules)
      .replace('/var/log/spoe-events.ndjson', output)
      .replace('/var/log/lb-access.log', input);
    const config = join(work, 'rsyslog.conf');
    writeFileSync(config, `global(workDirectory="${work}")\n${text}`);
    const child = spawn(join(programs as string, 'rsyslogd'), ['-n', '-f', config, '-i', join(work, 'pid')], {
      stdio: 'ignore',
    });
    let running = true;
    const ended = once(child, 'close').then(() => {
      running = false;
    });
    const lines = () => (existsSync(output) ? readFileSync(output, 'utf8').split('\n').slice(0, -1) : []);
    try {
      await untilTrue(() => !running || lines().length >= events);
      assert.ok(running, 'rsyslogd has ended');
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
    return asEvents(lines().map((line) => JSON.parse(line)));
  }

  for (const log of LOGS) {
    test(`normalizes the events of ${log}`, async () => {
      const events = eventsOf(fixture(log));
      assert.deepEqual(await normalize(fixture(log), events.length), events);
    });
  }

  test('finds of hard lines what the documentation says', async () => {
    const log = folder.write('hard-lines.log', HARD_LINES.map(([line]) => `${line}\n`).join(''));
    const events = HARD_LINES.reduce((sum, [, , found]) => sum + found, 0);
    assert.equal((await normalize(log, events)).at(-1)?.sid, 3);
  });

  test('and none of the framings that the documentation names', async () => {
    const mixed = [...UNREAD_BY_RSYSLOG.map((framing) => `logs/formats/haproxy-3.2.26--${framing}.log`), LOGS[0] ?? ''];
    const log = folder.write('mixed.log', mixed.map((name) => readFileSync(fixture(name), 'utf8')).join(''));
    const events = eventsOf(fixture(LOGS[0] ?? ''));
    // Those at the end are the only ones.
    assert.deepEqual(await normalize(log, events.length), events);
  });
});
