/** The section answers: what --answers costs, side by side: CPU, the latency of ACKs, and the size of the record. */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fixed, formatTable, temporaryFolder } from '../measure.ts';
import { recordingAgent } from './contenders.ts';
import { type Figures, measureRun, type RunOptions, summarizeRuns } from './measured-run.ts';
import type { Scenario } from './scenarios.ts';

/** Bytes of JSON of each answer. */
const SIZES = [1_000, 10_000];

const KINDS = [
  ['no answers sent', undefined, false],
  ['--answers off', undefined, true],
  ['--answers head', 'head', true],
  ['--answers body', 'body', true],
] as const;

interface Measured {
  readonly figures: Figures;
  readonly recordBytes: number;
}

export async function benchAnswers(
  scenarios: readonly Scenario[],
  options: RunOptions & { readonly rounds: number },
): Promise<void> {
  const folder = temporaryFolder();
  const rows: string[][] = [];
  try {
    for (const scenario of scenarios)
      for (const bytes of SIZES) rows.push(...(await rowsOf(scenario, bytes, options, folder)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const head = ['load', 'JSON', 'agent', 'CPU-s/10k', '× off', 'ack p50 ms', 'p99 ms', 'answer p99 ms', 'record bytes'];
  console.log(`${formatTable([...head, 'dropped', 'failed', 'missing'], rows)}\n`);
}

/** Each in turn, A B C D A B …, so that whatever else the machine does meets all. */
async function rowsOf(
  scenario: Scenario,
  bytes: number,
  { rounds, ...options }: RunOptions & { readonly rounds: number },
  folder: string,
): Promise<string[][]> {
  const runs = KINDS.map(() => [] as Measured[]);
  for (let round = 1; round <= rounds; round++) {
    for (const [i, [name, answers, areSent]] of KINDS.entries()) {
      console.error(`answers: ${scenario.name}, ${bytes} bytes, round ${round} of ${rounds}, ${name} …`);
      const record = join(folder, 'record.jsonl');
      const sizes = { answerBytes: areSent ? bytes : undefined, jsonBytes: bytes };
      const figures = await measureRun(recordingAgent(name, record, answers), scenario, { ...options, ...sizes });
      runs[i]?.push({ figures, recordBytes: statSync(record).size });
      rmSync(record);
    }
  }
  const summaries = runs.map((each) => summarizeRuns(each.map(({ figures }) => figures)));
  const off = summaries[1]?.cpuPer10k ?? Number.NaN;
  return summaries.map((figures, i) => [
    scenario.name,
    String(bytes),
    KINDS[i]?.[0] ?? '',
    fixed(figures.cpuPer10k, 2),
    fixed(figures.cpuPer10k / off, 2),
    fixed(figures.p50Ms, 2),
    fixed(figures.p99Ms, 2),
    fixed(figures.answerP99Ms, 2),
    fixed((runs[i]?.[0]?.recordBytes ?? Number.NaN) / (runs[i]?.[0]?.figures.requests ?? Number.NaN), 0),
    fixed(figures.dropped, 0),
    fixed(figures.failed, 0),
    fixed(figures.missing, 0),
  ]);
}
