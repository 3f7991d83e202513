/** Lines of both sides without a log: only what a test is about is said. */
import { type Analysis, type AnalysisOptions, analyse as analyseAll } from '../../src/diff/analysis.ts';
import { Collection } from '../../src/diff/collection.ts';
import { readGates } from '../../src/diff/gates.ts';
import type { JoinedRequest } from '../../src/diff/join/joined-request.ts';
import { reportWhole } from '../../src/diff/join/whole/whole-report.ts';
import type { DiffReport, DiffSettings } from '../../src/diff/model.ts';
import type { ReportOptions } from '../../src/diff/report.ts';
import { type RequestLine, requestLine } from '../../src/diff/request-line.ts';
import { parseErrorStatuses, parseIgnoreRule, type Rules } from '../../src/diff/rules.ts';
import type { AccessRecord } from '../../src/logs/access-record.ts';
import type { LineHeader, SpoeEvent } from '../../src/logs/record.ts';

const PRODUCTION: AccessRecord = {
  timeMs: Date.UTC(2026, 10, 22, 7),
  method: 'GET',
  target: '/',
  malformed: false,
  status: 200,
  termination: '----',
  noServer: false,
  firstByteMs: 10,
  totalMs: 12,
  uniqueId: '',
  traceId: '',
  sid: -1,
  pid: -1,
  host: '',
  error: '',
};

export function request(fields: Partial<AccessRecord> = {}): AccessRecord {
  return { ...PRODUCTION, ...fields };
}

export function answer(fields: Partial<AccessRecord> = {}): AccessRecord {
  return { ...PRODUCTION, termination: '', ...fields };
}

export interface SpoeLine {
  readonly agent?: string;
  readonly sid: number;
  readonly st: number;
  readonly host?: string;
  readonly pid?: number;
  /** `EVENT:on-client-session` */
  readonly event?: string;
}

export interface Lines {
  readonly production?: readonly AccessRecord[];
  readonly mirror?: readonly AccessRecord[];
  readonly spoe?: readonly SpoeLine[];
}

/** As a reader does it: a line's hash is that of its content alone. Undefined counts as different from everything. */
function collect({ production = [], mirror = [], spoe = [] }: Lines, agent = 'mirror'): Collection {
  const collection = new Collection({ agent });
  for (const record of production) collection.addProduction(record, hashOf(record), 0);
  // Each in a file of its own, so that their order means nothing.
  mirror.forEach((record, i) => {
    collection.addMirror(record, hashOf(record), i);
  });
  for (const line of spoe) collection.addSpoe(toEvent(line), toHeader(line), hashOf(line));
  return collection;
}

function toEvent({ agent = 'mirror', sid, st, event = 'EVENT:on-frontend-http-request' }: SpoeLine): SpoeEvent {
  const [type, name = ''] = event.split(':') as ['EVENT' | 'GROUP', string];
  return { agent, type, name, sid, st, pT: 1, nbError: 0, nbProcessed: 1 };
}

function toHeader({ host, pid = 1 }: SpoeLine): LineHeader {
  return { ...(host !== undefined && { host }), pid };
}

/** 53 bits. */
function hashOf(content: object): number {
  let high = 0x811c_9dc5;
  let low = 0x1234_5678;
  const text = Object.values(content).join('\u0001');
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 0x0100_0193);
    low = Math.imul(low ^ code, 0x85eb_ca6b) ^ (low >>> 13);
  }
  return (high >>> 0) * 0x20_0000 + (low >>> 11);
}

export const SETTINGS: DiffSettings = {
  errors: ['5xx'],
  ignore: [],
  minEffect: 0.005,
  margin: 0.01,
  alpha: 0.05,
  minPairs: 200,
  mirrorDuplicates: 'last',
  agent: 'mirror',
  key: 'auto',
  noiseBaseline: null,
  maxRoutes: 200,
  seed: 1,
};

export function rulesOf({ errors, ignore, mirrorDuplicates }: DiffSettings = SETTINGS): Rules {
  return { errorStatuses: parseErrorStatuses(errors), ignored: ignore.map(parseIgnoreRule), mirrorDuplicates };
}

export function analyseEach(
  lines: Lines,
  settings: Partial<DiffSettings> = {},
  more: Partial<AnalysisOptions> = {},
): readonly Analysis[] {
  const all = { ...SETTINGS, ...settings };
  const { key, event = null, maxRoutes, agent } = all;
  return analyseAll(collect(lines, agent), { key, event, rules: rulesOf(all), maxRoutes, ...more });
}

export function analyse(...given: Parameters<typeof analyseEach>): Analysis {
  return analyseEach(...given)[0] as Analysis;
}

/** The request of a row of production, joined. */
export function joinedAt(analysis: Analysis, row: number): JoinedRequest {
  for (const joined of analysis.joined()) if (joined.row === row) return joined;
  throw new Error(`no row ${row}`);
}

/** As --format ndjson writes it. */
export function lineAt(analysis: Analysis, row: number): RequestLine {
  return requestLine(joinedAt(analysis, row), analysis.nameAt(row), { showQueries: false }, analysis.destination);
}

export interface Reporting {
  readonly settings?: Partial<DiffSettings>;
  readonly failOn?: readonly string[];
  readonly warnOn?: readonly string[];
  readonly options?: Partial<ReportOptions>;
  readonly analysis?: Partial<AnalysisOptions>;
}

export function report(lines: Lines, reporting: Reporting = {}): DiffReport {
  const { settings, failOn = [], warnOn = [], options, analysis } = reporting;
  return reportWhole(analyse(lines, settings, analysis), {
    inputs: [],
    settings: { ...SETTINGS, ...settings },
    gates: readGates(failOn, warnOn),
    version: '0.0.0',
    showQueries: false,
    ...options,
  });
}

export type Kind = readonly [before: Partial<AccessRecord>, after: Partial<AccessRecord>, n: number];

/** Pairs by unique id: of each kind so many. */
export function pairs(...kinds: readonly Kind[]): {
  production: AccessRecord[];
  mirror: AccessRecord[];
} {
  const production: AccessRecord[] = [];
  const mirror: AccessRecord[] = [];
  for (const [before, after, n] of kinds) {
    for (let i = 0; i < n; i++) {
      const uniqueId = `id-${production.length}`;
      const timeMs = PRODUCTION.timeMs + 1000 * production.length;
      production.push(request({ uniqueId, timeMs, ...before }));
      mirror.push(answer({ uniqueId, timeMs: timeMs + 3, target: before.target ?? '/', ...after }));
    }
  }
  return { production, mirror };
}

/** Numbers in [0, 1) by a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}

export function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)] as T;
}
