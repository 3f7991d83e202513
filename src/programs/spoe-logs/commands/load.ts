/** `spoe-logs load`. A bundle of its own (scripts/build.mjs): no other command writes tables. */
import { hostname } from 'node:os';
import { timesFor } from '../../../logs/inputs.ts';
import { STDIN } from '../../../logs/read.ts';
import { FILE } from '../../../options/kinds.ts';
import { EVENT_TABLES } from '../../../tables/event-part.ts';
import { EventReader } from '../../../tables/event-reader.ts';
import { loadFiles } from '../../../tables/load-files.ts';
import { Loader } from '../../../tables/loader.ts';
import type { RowTarget } from '../../../tables/target.ts';
import { defineCommand } from '../command.ts';
import { Exit } from '../errors.ts';
import { readZone } from '../filter-options.ts';
import { catchInterrupts, type Interruption } from '../interrupt.ts';
import { LOAD_OPTIONS, type LoadArguments } from '../load-options.ts';
import { renderLoad } from '../load-report.ts';
import { openTarget } from '../load-target.ts';
import { inputPaths } from '../paths.ts';
import { reportAwaited, reportGivenUp, reportProblem, reportReading, setExit } from '../report-problem.ts';

/** The longest wait after Ctrl-C for what was read. */
const HURRY_MS = 10_000;
const AGE_MS = 10_000;
/** Each part of Parquet is a file. */
const PARQUET_AGE_MS = 300_000;

export const command = defineCommand({
  options: LOAD_OPTIONS,
  positionals: {
    files: { kind: FILE, repeatable: true, help: 'log files, gzip or not; none or - is standard input' },
  },
  examples: [
    ['$0 load --to clickhouse://ch:8123/spoe --follow lb-access.log', 'events and minutes of a running log'],
    ['$0 load --to parquet:/data/spoe lb-access.log', 'the same as files'],
    ['$0 load --to clickhouse://ch:8123/spoe --run v2 --production lb-access.log', 'one side of a comparison'],
  ],
  run,
});

async function run(given: LoadArguments): Promise<void> {
  const paths = inputPaths(given.files, given.follow);
  const times = {
    zone: readZone(given.tz),
    nowMs: Date.now(),
    ...(given.year !== undefined && { year: given.year }),
  };
  const interruption = catchInterrupts();
  const hurry = new AbortController();
  interruption.signal.addEventListener('abort', () => {
    if (interruption.interrupted()) setTimeout(() => hurry.abort(), HURRY_MS).unref();
  });
  let target: RowTarget | undefined;
  try {
    target = await openTarget(given, hurry.signal);
    await loadInto(target, given, paths, times, interruption);
  } finally {
    await target?.close();
    interruption.release();
  }
}

type Times = Parameters<typeof timesFor>[1];

async function loadInto(
  target: RowTarget,
  given: LoadArguments,
  paths: readonly string[],
  times: Times,
  interruption: Interruption,
): Promise<void> {
  const host = given.host ?? hostname();
  const tables = given.minutesOnly ? (['spoe_minutes'] as const) : EVENT_TABLES;
  const isParquet = given.to?.startsWith('parquet:') ?? false;
  const reader = new EventReader(timesFor(STDIN, times), tables, host);
  let fault: unknown;
  const onFault = (error: unknown) => {
    fault ??= error;
    interruption.stop();
  };
  const loader = new Loader({
    ...{ target, reader, kind: 'events', run: '', role: 'events', host, follow: given.follow, now: Date.now },
    limits: {
      rows: given.batchRows,
      bytes: given.batchBytes,
      ageMs: given.batchAge ?? (isParquet ? PARQUET_AGE_MS : AGE_MS),
    },
    signal: interruption.signal,
    onFault,
    onProblem: (problem) => {
      reportProblem(problem);
      setExit(Exit.unusable);
    },
  });
  const inputs = await loadFiles(loader, paths, {
    ...{ follow: given.follow, times, signal: interruption.signal, onFault },
    onAwaited: reportAwaited,
    onGivenUp: reportGivenUp,
  });
  const { counts } = loader;
  process.stdout.write(renderLoad(counts, 'events', target.shown));
  if (fault !== undefined) reportFault(fault, counts.failed);
  if (counts.untimed > 0) reportUntimed();
  reportReading(
    paths,
    inputs,
    counts.loaded + counts.already + counts.other + counts.malformed + counts.failed,
    interruption,
  );
}

/** Reports why a part could not be written. An engine that was only unavailable is no error of the command. */
function reportFault(fault: unknown, failed: number): void {
  const { message, code, hint } = fault as { message: string; code?: string; hint?: string };
  reportProblem({ code: code ?? 'unexpected', message: `${failed} rows were not loaded: ${message}`, hint });
  setExit(code === 'engine-unavailable' ? Exit.crossed : Exit.unusable);
}

function reportUntimed(): void {
  reportProblem({
    code: 'no-time',
    message: 'an event line without a time is not loaded, nor are others like it',
    hint: 'log with a time (HAProxy: format rfc3164, or timed)',
  });
  setExit(Exit.unusable);
}
