/** `spoe-logs load`. A bundle of its own (scripts/build.mjs): no other command writes tables. */
import { hostname } from 'node:os';
import { parseLocation } from '../../../engines/location.ts';
import { openTarget } from '../../../engines/open-engine.ts';
import { type Inputs, type TimeOptions, timesFor } from '../../../logs/inputs.ts';
import { inputName, STDIN } from '../../../logs/read.ts';
import { FILE } from '../../../options/kinds.ts';
import { EVENT_TABLES } from '../../../tables/event-part.ts';
import { EventReader } from '../../../tables/event-reader.ts';
import { loadFiles } from '../../../tables/load-files.ts';
import { type LoadCounts, Loader, type PartReader } from '../../../tables/loader.ts';
import type { RequestRole } from '../../../tables/request-part.ts';
import { RequestReader, type RequestReading } from '../../../tables/request-reader.ts';
import type { RowTarget } from '../../../tables/target.ts';
import { defineCommand } from '../command.ts';
import { LOCATIONS, readEngineAccess } from '../engine-options.ts';
import { CliError, Exit } from '../errors.ts';
import { readZone } from '../filter-options.ts';
import { catchInterrupts, HURRY_MS, type Interruption } from '../interrupt.ts';
import { LOAD_OPTIONS, type LoadArguments } from '../load-options.ts';
import { addLoads, LoadProgress } from '../load-progress.ts';
import { renderLoad } from '../load-report.ts';
import { inputPaths } from '../paths.ts';
import { reportProblem, setExit } from '../report-problem.ts';
import { reportAwaited, reportGivenUp, reportReading, reportUnread } from '../report-reading.ts';

const AGE_MS = 10_000;
const BATCH_BYTES = 16 * 1024 * 1024;
/** What makes files of rows is in this process: a quarter of it keeps its memory below 200 MB. */
const PARQUET_BATCH_BYTES = 4 * 1024 * 1024;
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
  const times = {
    zone: readZone(given.tz),
    nowMs: Date.now(),
    ...(given.year !== undefined && { year: given.year }),
  };
  const loads = readLoads(given, times);
  const interruption = catchInterrupts();
  const hurry = new AbortController();
  interruption.signal.addEventListener('abort', () => {
    if (interruption.interrupted()) setTimeout(() => hurry.abort(), HURRY_MS).unref();
  });
  let target: RowTarget | undefined;
  try {
    if (given.to === undefined) throw new CliError('usage', '--to is missing', `write ${LOCATIONS}`);
    target = await openTarget(parseLocation(given.to), readEngineAccess(given, hurry.signal));
    await loadAll(target, given, loads, times, interruption);
  } finally {
    await target?.close();
    interruption.release();
  }
}

/** Files that are read in one way. */
interface Load {
  readonly role: 'events' | RequestRole;
  readonly paths: readonly string[];
  readonly reader: PartReader;
}

/** What is to be loaded. Throws CliError, AccessFormatError. */
function readLoads(given: LoadArguments, times: TimeOptions): Load[] {
  const { run: name, files = [], follow } = given;
  const sides = { production: given.production, mirror: given.mirror, spoe: given.spoe };
  const named = Object.values(sides).flatMap((paths) => paths ?? []);
  if (name === undefined && named.length > 0)
    throw new CliError('usage', '--run is missing', 'name the comparison that these requests are loaded for: --run v2');
  if (name === undefined) {
    const tables = given.minutesOnly ? (['spoe_minutes'] as const) : EVENT_TABLES;
    const reader = new EventReader(timesFor(STDIN, times), tables, hostOf(given));
    return [{ role: 'events', paths: inputPaths(files, follow), reader }];
  }
  if (named.length === 0)
    throw new CliError('usage', '--run needs requests', 'name them: --production FILE, --mirror FILE');
  if (files.length > 0 || given.minutesOnly)
    throw new CliError(
      'usage',
      '--run loads what --production, --mirror and --spoe name, and nothing else',
      'load events without it',
    );
  inputPaths(named, follow);
  return ROLES.flatMap((role) => {
    const paths = sides[role] ?? [];
    if (paths.length === 0) return [];
    const reader = new RequestReader(role, readingOf(given, role), { run: name, host: hostOf(given) });
    return [{ role, paths: inputPaths(paths, follow), reader }];
  });
}

const ROLES = ['production', 'spoe', 'mirror'] as const;

function readingOf(given: LoadArguments, role: RequestRole): RequestReading {
  const [format, idField, latencyUnit] =
    role === 'mirror'
      ? [given.mirrorFormat, given.mirrorId, given.mirrorLatencyUnit]
      : [given.productionFormat, given.productionId, given.productionLatencyUnit];
  return {
    format,
    options: { ...(idField !== undefined && { idField }), ...(latencyUnit !== undefined && { latencyUnit }) },
  };
}

function hostOf({ host }: LoadArguments): string {
  return host ?? hostname();
}

async function loadAll(
  target: RowTarget,
  given: LoadArguments,
  loads: readonly Load[],
  times: TimeOptions,
  interruption: Interruption,
): Promise<void> {
  let fault: unknown;
  const onFault = (error: unknown) => {
    fault ??= error;
    interruption.stop();
  };
  const loaded = loads.map((load) => ({ ...load, loader: createLoader(target, given, load, interruption, onFault) }));
  const options = {
    ...{ follow: given.follow, times, signal: interruption.signal, onFault },
    onAwaited: reportAwaited,
    onGivenUp: reportGivenUp,
  };
  const read: Inputs[] = [];
  const progress = new LoadProgress(
    loads.flatMap(({ paths }) => paths),
    given.follow,
    () => addLoads(loaded.map(({ loader }) => loader.counts)),
  );
  try {
    if (given.follow)
      read.push(...(await Promise.all(loaded.map((each) => loadFiles(each.loader, each.paths, options)))));
    else for (const { loader, paths } of loaded) read.push(await loadFiles(loader, paths, options));
  } catch (error) {
    onFault(error);
  } finally {
    progress.stop();
  }
  for (const { role, loader } of loaded) process.stdout.write(renderLoad(loader.counts, role, target.shown));
  if (fault !== undefined)
    reportFault(
      fault,
      loaded.reduce((sum, { loader }) => sum + loader.counts.failed, 0),
    );
  loaded.forEach(({ role, paths, loader }, index) => {
    const inputs = read[index];
    if (inputs !== undefined) reportInputs(role, paths, loader.counts, inputs, interruption);
  });
}

function createLoader(
  target: RowTarget,
  given: LoadArguments,
  { role, reader }: Load,
  interruption: Interruption,
  onFault: (error: unknown) => void,
): Loader {
  const isParquet = given.to?.startsWith('parquet:') ?? false;
  const { run: name = '', follow, batchRows: rows } = given;
  const bytes = given.batchBytes ?? (isParquet ? PARQUET_BATCH_BYTES : BATCH_BYTES);
  return new Loader({
    ...{ target, reader, run: name, role, host: hostOf(given), follow, now: Date.now, onFault },
    kind: name === '' ? role : `${role}.${name}`,
    limits: { rows, bytes, ageMs: given.batchAge ?? (isParquet ? PARQUET_AGE_MS : AGE_MS) },
    signal: interruption.signal,
    onProblem: (problem) => {
      reportProblem(problem);
      setExit(Exit.unusable);
    },
  });
}

function reportInputs(
  role: Load['role'],
  paths: readonly string[],
  counts: LoadCounts,
  inputs: Inputs,
  interruption: Interruption,
): void {
  const found = counts.loaded + counts.already + counts.failed + counts.duplicates;
  if (role === 'events') {
    if (counts.untimed > 0) reportUntimed();
    if (inputs.unread !== undefined && found > 0) reportUnread(inputs.unread);
    reportReading(paths, inputs, found + counts.untimed + counts.other + counts.malformed, interruption);
    return;
  }
  reportReading(paths, inputs, Number.POSITIVE_INFINITY, interruption);
  if (found > 0 || interruption.signal.aborted || inputs.problems.length >= paths.length) return;
  reportProblem({
    code: 'no-requests',
    message: `no request in ${paths.map(inputName).join(', ')}`,
    hint: `check that this is a log of ${role}, or say its format`,
  });
  setExit(Exit.unusable);
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
