/** What a run left behind: HAProxy's log, what the log half makes of it, the agent's record; and whether they agree. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spoeLogs } from '../programs/spoe-logs/run.ts';
import { type AgentRecord, readRecords } from './agent.ts';
import type { HaproxyLog } from './haproxy-log.ts';

/** A line of HAProxy about SPOE, with the request it is about. */
export interface SpoeEvent extends Access {
  readonly st: number;
}

/** An access line. */
export interface Access {
  readonly uniqueId: string;
  readonly status: number;
  readonly method: string;
  /** Of an HTTP/2 client the whole URL. */
  readonly target: string;
}

/** The part of `spoe-logs summarize --format json` that the tests look at. */
export interface Summary {
  readonly input: { readonly spoe: number; readonly malformed: number; readonly spoofed: number };
  readonly verdict: { readonly status: string };
  readonly total: {
    readonly count: number;
    readonly errors: number;
    readonly status: readonly { readonly st: number; readonly count: number }[];
  };
}

export interface Evidence {
  readonly accesses: readonly Access[];
  readonly events: readonly SpoeEvent[];
  readonly records: readonly AgentRecord[];
  readonly summary: Summary;
}

const ACCESS_LINE = / (\d{3}) \S+ pid=(\d+) sid=(\d+) id=(\S+) "(\S+) (\S+) \S+"$/;
const SPOE_LINE = /^<\d+>.{15} haproxy\[(\d+)\]: SPOE: \[mirror\] <EVENT:on-frontend-http-request> sid=(\d+) st=(\d+) /;

export function countAccesses({ lines }: HaproxyLog): number {
  return lines.filter((line) => ACCESS_LINE.test(line)).length;
}

/** Both programs must have ended. The summary of the log half is held against the lines themselves at once. */
export async function readEvidence(folder: string, { lines }: HaproxyLog): Promise<Evidence> {
  const accesses = readAccesses(lines);
  const events = lines.flatMap((line) => {
    const [, pid, sid, st] = SPOE_LINE.exec(line) ?? [];
    if (st === undefined) return [];
    const access = accesses.get(`${pid} ${sid}`);
    assert.ok(access, `an SPOE line without its access line: ${line}`);
    return { ...access, st: Number(st) };
  });
  const logFile = join(folder, 'haproxy.log');
  writeFileSync(logFile, lines.map((line) => `${line}\n`).join(''), 'latin1');
  const summary = await summarize(logFile);
  assertSummary(summary, events);
  return { accesses: [...accesses.values()], events, records: readRecords(folder), summary };
}

/** By pid and sid, which together name a request. */
function readAccesses(lines: readonly string[]): Map<string, Access> {
  const accesses = new Map<string, Access>();
  for (const line of lines) {
    const [, status, pid, sid, uniqueId, method, target] = ACCESS_LINE.exec(line) ?? [];
    if (uniqueId === undefined || method === undefined || target === undefined) continue;
    const stream = `${pid} ${sid}`;
    assert.ok(!accesses.has(stream), `a second access line of one request: ${line}`);
    accesses.set(stream, { uniqueId, status: Number(status), method, target });
  }
  return accesses;
}

async function summarize(logFile: string): Promise<Summary> {
  // Without a single SPOE line there is nothing to summarize, which is exit code 2 and all the same a summary.
  const { stdout } = await spoeLogs(['summarize', '--format', 'json', logFile]);
  return JSON.parse(stdout);
}

function assertSummary({ input, total }: Summary, events: readonly SpoeEvent[]): void {
  assert.deepEqual([input.spoe, input.malformed, input.spoofed], [events.length, 0, 0]);
  assert.equal(total.count, events.length);
  assert.equal(total.errors, events.filter(({ st }) => st !== 0).length);
  const counts = Object.fromEntries(total.status.map(({ st, count }) => [st, count]));
  assert.deepEqual(counts, countBy(events.map(({ st }) => st)));
}

/** How often each `st` was logged. */
export function countBy(codes: readonly number[]): { [st: string]: number } {
  const counts: { [st: string]: number } = {};
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

/** Of these, and of no others, the agent has a record, of each exactly one. */
export function assertRecorded(records: readonly AgentRecord[], of: readonly Access[]): void {
  const ids = records.map((record) => record.unique_id ?? '');
  assert.deepEqual(ids.toSorted(), of.map(({ uniqueId }) => uniqueId).toSorted());
}

/** What HAProxy calls a success and what the agent has a record of are the same requests. */
export function assertAgreement({ events, records }: Evidence): void {
  assertRecorded(
    records,
    events.filter(({ st }) => st === 0),
  );
}
