/**
 * Every kind of trouble, made with a real HAProxy, agent and mirror, and the first line that each program says of it.
 * docs/TROUBLES.md is the table; SPOE_LOGS_WRITE_TROUBLES=1 writes it anew from what this run saw with HAProxy 3.2.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { LOGGING_SETTINGS } from '../../src/report/diff-logging-settings.ts';
import { LiveRun, spoeLogs } from '../programs/spoe-logs/run.ts';
import { until } from '../until.ts';
import { recordFile } from './agent.ts';
import { exchange, statusOf } from './client.ts';
import { missing, SERIES, type Series } from './haproxy.ts';
import { Stage } from './stage.ts';
import { type Said, TROUBLES, type Trouble } from './troubles.ts';

const DOCUMENT = new URL('../../docs/TROUBLES.md', import.meta.url);
const WRITES = process.env.SPOE_LOGS_WRITE_TROUBLES === '1';
/** A pace at which every line is seen to come by itself. */
const EVERY_MS = 10;
/** Requests before the trouble is made, and after it. */
const BEFORE = 300;
const AFTER = 60;
/** Lines of the agent that are of no trouble: its start, and connections that HAProxy needs no more. */
const BESIDES = /ready on|starting \d|this runs as root/;
const LOG_FORMAT = /^ +log-format "(.*)"$/m.exec(LOGGING_SETTINGS)?.[1] ?? '';

/** What was said of a kind, with how long it took until summarize said it. */
interface Seen {
  readonly summarize: string;
  readonly agent: string;
  readonly readyz: string;
  readonly diff: string;
  readonly seconds: number;
}

const seen = new Map<string, Seen>();

/** Requests at a steady pace, whatever becomes of them, until it is told to stop. */
class Traffic {
  sent = 0;
  #running = true;
  readonly #ended: Promise<void>;

  constructor(t: TestContext, port: number, headers: string) {
    t.after(() => {
      this.#running = false;
    });
    this.#ended = this.#run(port, headers);
  }

  async #run(port: number, headers: string): Promise<void> {
    const answers: Promise<number>[] = [];
    while (this.#running) {
      const request = `GET /items/${this.sent++} HTTP/1.1\r\nHost: shop.example\r\n${headers}\r\n`;
      answers.push(exchange(port, request).then(statusOf));
      await pause(EVERY_MS);
    }
    for (const status of await Promise.all(answers)) assert.equal(status, 200, 'a client noticed');
  }

  async goOn(count: number): Promise<void> {
    const wanted = this.sent + count;
    await until(`${wanted} requests`, () => this.sent >= wanted);
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#ended;
  }
}

/** `summarize --follow` beside the log and the record: the first line of the newest summary. */
class LiveSummary {
  readonly #run: LiveRun;

  constructor(t: TestContext, log: string, record: string) {
    this.#run = new LiveRun(['summarize', '--follow', '--every', '1s', '--tz', 'UTC', log, '--record', record]);
    t.after(() => this.#run.child.kill('SIGKILL'));
  }

  get firstLine(): string {
    const text = this.#run.stdout;
    const at = text.search(
      /^(?:HEALTHY|DEGRADED|FAILING|UNKNOWN|SILENT)(?![\s\S]*^(?:HEALTHY|DEGRADED|FAILING|UNKNOWN|SILENT))/m,
    );
    return at < 0 ? '' : firstLineOf(text.slice(at));
  }
}

/** A line that is broken to fit a screen is one. */
function firstLineOf(text: string): string {
  const [first = '', ...others] = text.split('\n');
  const end = others.findIndex((line) => !/^ {2}[^ -]/.test(line) || /^ {2}\d{4}-/.test(line));
  return [first, ...others.slice(0, Math.max(0, end)).map((line) => line.trim())].join(' ');
}

async function firstLineOfDiff(log: string, record: string): Promise<string> {
  return firstLineOf((await spoeLogs(['diff', '--production', log, '--mirror', record, '--tz', 'UTC'])).stdout);
}

/** In words of a table: no times, no ports. */
function tidy(line: string): string {
  return line
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'http://mirror.example')
    .replace(/^\S+Z spoa-mirror\[\d+\]: /, '');
}

async function playOut(t: TestContext, series: Series, trouble: Trouble): Promise<void> {
  const { kind, headers = '', before, make } = trouble;
  const says: Said = { ...trouble.says, ...trouble.saysOf?.[series] };
  const given = trouble.stage ?? {};
  const stage = await Stage.set(t, series, {
    ...given,
    agent: ['-n', '1', '-c', 'pipelining', ...(given.agent ?? [])],
    haproxy: (places) => {
      const own = typeof given.haproxy === 'function' ? given.haproxy(places) : given.haproxy;
      return { logFormat: LOG_FORMAT, ...own };
    },
  });
  before?.(stage);
  const log = join(stage.folder, 'lb-access.log');
  writeFileSync(log, '');
  stage.log.file = log;
  const live = new LiveSummary(t, log, recordFile(stage.folder));
  const traffic = new Traffic(t, stage.haproxy.frontPort, headers);
  await traffic.goOn(BEFORE);
  const said = stage.agent.said.length;
  await make?.(stage);
  const began = performance.now();
  const summarize = await until(`${kind}: ${says.summarize}`, () => {
    const line = live.firstLine;
    if (says.summarize.test(line)) return line;
    throw new Error(`summarize says ${line}`);
  });
  const seconds = (performance.now() - began) / 1000;
  const ask = () => Promise.race([stage.agent.readyz(), pause(1000, 'no answer')]).catch(() => 'no answer');
  const readyz = await until(`${kind}: /readyz ${says.readyz}`, async () => {
    const text = await ask();
    return says.readyz.test(text) && text;
  });
  await traffic.goOn(AFTER);
  // What is said when it starts is no word about trouble that came later.
  const from = make === undefined ? 0 : said;
  const { agent } = await until(`${kind}: the agent says ${says.agent}`, () => {
    const lines = stage.agent.said
      .slice(from)
      .trim()
      .split('\n')
      .filter((line) => !BESIDES.test(line));
    const found = lines.find((line) => says.agent.test(line));
    if (found !== undefined || says.agent.test(lines.join('\n'))) return { agent: found ?? lines.join('\n') };
    throw new Error(`the agent says ${lines.join('\n')}`);
  });
  await traffic.stop();
  await stage.agent.stop();
  const diff = await firstLineOfDiff(log, recordFile(stage.folder));
  if (process.env.SPOE_LOGS_SHOW_TROUBLES)
    console.log(JSON.stringify({ series, kind, summarize, seconds, agent, readyz, diff }, null, 1));
  assert.match(diff, says.diff);
  if (series === '3.2') seen.set(kind, { summarize, agent, readyz, diff, seconds });
}

for (const series of SERIES) {
  describe(`troubles with HAProxy ${series}`, { concurrency: 6 }, () => {
    for (const trouble of TROUBLES) {
      const options = { skip: missing(series), timeout: 300_000 };
      test(`HAProxy ${series}: what is said when: ${trouble.kind}`, options, (t) => playOut(t, series, trouble));
    }
  });
}

const COLUMNS = ['summarize', 'agent', 'readyz', 'diff'] as const;
const TABLE = /(?<=<!-- troubles: .* -->\n)[\s\S]*(?=<!-- end -->)/;

function cellOf(line: string): string {
  return line === '' ? 'nothing' : `\`${line.replaceAll('|', '\\|')}\``;
}

function tableOf(all: ReadonlyMap<string, Seen>): string {
  const rows = TROUBLES.map(({ kind }) => {
    const { seconds, ...lines } = all.get(kind) as Seen;
    return `| ${[kind, `${seconds.toFixed(1)} s`, ...COLUMNS.map((column) => cellOf(tidy(lines[column])))].join(' | ')} |`;
  });
  const heads = [
    'trouble',
    'said after',
    '`summarize`, first line',
    "the agent's log",
    '`/readyz`',
    '`diff`, first line',
  ];
  return [`| ${heads.join(' | ')} |`, `|${' --- |'.repeat(heads.length)}`, ...rows].join('\n');
}

after(() => {
  if (!WRITES) return;
  assert.equal(seen.size, TROUBLES.length, 'not every kind was played out');
  writeFileSync(
    DOCUMENT,
    readFileSync(DOCUMENT, 'utf8').replace(TABLE, () => `\n${tableOf(seen)}\n\n`),
  );
});

test('docs/TROUBLES.md has every kind of trouble, and what is said of it', { skip: WRITES }, () => {
  const rows = (TABLE.exec(readFileSync(DOCUMENT, 'utf8'))?.[0] ?? '').trim().split('\n').slice(2);
  assert.equal(rows.length, TROUBLES.length);
  for (const [i, { kind, says }] of TROUBLES.entries()) {
    const [, name, , ...cells] = (rows[i] ?? '').split(/(?<!\\)\|/).map((cell) => cell.trim());
    assert.equal(name, kind);
    for (const [j, column] of COLUMNS.entries()) {
      const text = (cells[j] ?? '').replace(/^nothing$/, '').replace(/^`(.*)`$/, '$1');
      const line = text
        .replaceAll('TIME', '2026-11-22 07:00:00Z')
        .replaceAll('http://mirror.example', 'http://127.0.0.1:80');
      assert.match(line, says[column], `${kind}: ${column}`);
    }
  }
});
