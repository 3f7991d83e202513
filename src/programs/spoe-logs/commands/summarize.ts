import { statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { ReadTurns, Region } from '../../../logs/inputs.ts';
import { STDIN } from '../../../logs/read.ts';
import { divide, START_BYTES, WORTH_BYTES } from '../../../logs/regions.ts';
import { sumSeen } from '../../../logs/seen-events.ts';
import { count, duration, FILE, FLAG, someOf, text } from '../../../options/kinds.ts';
import { type Given, optionTable } from '../../../options/option.ts';
import { DIMENSIONS } from '../../../stats/grouping.ts';
import type { MirrorRecordOptions } from '../../../stats/mirror-record.ts';
import type { Notice } from '../../../stats/model.ts';
import { withSums } from '../../../stats/overlap.ts';
import { type SavedState, STATE_SCHEMA } from '../../../stats/state.ts';
import { escapeJson } from '../../../text/json.ts';
import { Arrivals } from '../arrivals.ts';
import { defineCommand } from '../command.ts';
import { ENGINE_OPTIONS, LOCATIONS, readEngineAccess } from '../engine-options.ts';
import { CliError, Exit } from '../errors.ts';
import { Ingest } from '../ingest.ts';
import { catchInterrupts, type Interruption } from '../interrupt.ts';
import { LOG_OPTIONS, type LogOptions, readLogOptions } from '../log-options.ts';
import { inputPaths, STDIN_PATH, standardInputKind } from '../paths.ts';
import { optimizeLater } from '../rare-code.ts';
import type { RecordIngest } from '../record-ingest.ts';
import { reportProblem, setExit } from '../report-problem.ts';
import {
  describeAwaited,
  IDLE_INPUT,
  reportAwaited,
  reportGivenUp,
  reportIdleInput,
  reportReading,
  reportRecord,
} from '../report-reading.ts';
import { canFillScreen, canRedraw, Display, rewriteMs, screenHeight } from '../screen.ts';
import { readThresholds, SUMMARY_OPTIONS } from '../summary-options.ts';
import {
  exitOf,
  makeSummary,
  openOutput,
  type RenderOutput,
  renderText,
  type SummarySource,
} from '../summary-output.ts';
import { pipeProgram } from '../threads.ts';

/** The time after which a user who named only the record is told that nothing comes from a pipe. */
const IDLE_MS = 2000;
/** The most threads: more of them wait for memory, and each has its own. */
const MOST_THREADS = 4;

const FROM = 'From tables:';

/** The width of a window, and the interval of a text that is written again and again. */
const WIDTH = duration({ least: 1000, examples: '10s, 1m or 2h; at least 1s' });

const OPTIONS = optionTable({
  ...SUMMARY_OPTIONS,
  from: { kind: text('WHERE'), group: FROM, help: `what load has stored, instead of files: ${LOCATIONS}` },
  memory: { kind: text('SIZE'), group: FROM, help: 'the most memory that DuckDB takes: 4GB', otherwise: '1GB' },
  ...ENGINE_OPTIONS,
  ...LOG_OPTIONS,
  record: { kind: FILE, repeatable: true, help: "the agent's record: what the mirror answered (repeatable)" },
  by: {
    kind: someOf('KEYS', DIMENSIONS),
    default: ['agent', 'event'],
    help: `groups: any of ${DIMENSIONS.join(',')}`,
  },
  window: { kind: WIDTH, help: 'adds a series with a window of this width: 1m' },
  every: { kind: WIDTH, help: 'writes the summary again and again: 10s' },
  save: { kind: FILE, help: 'also saves the state for spoe-logs merge' },
  threads: {
    kind: count('N', { least: 1, most: 64, hint: 'write a number from 1 to 64' }),
    help: 'threads for large files',
    otherwise: `the cores, at most ${MOST_THREADS}`,
  },
  'keep-duplicates': { kind: FLAG, help: 'count an event each time it is written (two log targets)' },
  plain: { kind: FLAG, help: 'the plain text on a terminal, without a full screen' },
  once: { kind: FLAG, help: 'one text of what is there now, then end: nothing is followed or redrawn' },
  'plain-scanner': { kind: FLAG, help: 'reads all lines without the fast scanner', hidden: true },
});

type SummarizeArguments = Given<typeof OPTIONS> & { readonly files?: readonly string[] | undefined };

export const command = defineCommand({
  options: OPTIONS,
  positionals: {
    files: { kind: FILE, repeatable: true, help: 'log files, gzip or not; none or - is standard input' },
  },
  examples: [
    ['tail -f lb-access.log | $0 summarize', 'is mirroring healthy, now?'],
    ['$0 summarize -F lb-access.log --record mirror.jsonl', 'and does the mirror answer?'],
    ["$0 summarize --fail-on 'error-rate>1%' --by agent,host access.log*", 'a gate for all of them together'],
  ],
  run,
});

async function run(given: SummarizeArguments): Promise<void> {
  if (given.from === undefined) await runOnFiles(given);
  else await runOnTables(given, given.from);
}

/** The options that are about files. */
const OF_FILES = ['follow', 'record', 'save', 'every', 'threads', 'keepDuplicates'] as const;

async function runOnTables(given: SummarizeArguments, from: string): Promise<void> {
  const { by, window: windowMs, files = [] } = given;
  const other = OF_FILES.find((name) => given[name] !== undefined && given[name] !== false);
  if (files.length > 0 || other !== undefined) {
    const what = other === undefined ? 'files' : `--${other === 'keepDuplicates' ? 'keep-duplicates' : other}`;
    throw new CliError('usage', `--from and ${what} do not go together`, '--from summarizes what load has stored');
  }
  const thresholds = readThresholds(given, by);
  const { filter } = readLogOptions(given, Date.now());
  const output = await openOutput(given);
  const interruption = catchInterrupts();
  try {
    const { readFrom } = await import('../summarize-from.ts');
    const { found, ...source } = await readFrom(from, readEngineAccess(given, interruption.signal), {
      by,
      windowMs,
      filter,
      history: given.format === 'html',
    });
    const summary = makeSummary({ ...source, thresholds }, given);
    process.stdout.write(output(summary, { ...source, thresholds }));
    if (found === 0) {
      reportProblem({
        code: 'no-spoe-lines',
        message: `no event in ${from}`,
        hint: 'load a log into it: spoe-logs load --to WHERE FILE',
      });
      setExit(Exit.unusable);
    }
    setExit(exitOf(summary));
  } catch (error) {
    if (!interruption.interrupted()) throw error;
    setExit(Exit.interrupted);
  } finally {
    interruption.release();
  }
}

async function runOnFiles(given: SummarizeArguments): Promise<void> {
  if (given.format === 'html' && given.every !== undefined)
    throw new CliError('page-again', 'a page cannot be written again and again', 'leave --every or --format html out');
  const recordPaths = readRecordPaths(given);
  const { paths, isAssumed } = readLogPaths(given, recordPaths);
  const { by, window: windowMs, every: everyMs } = given;
  const thresholds = readThresholds(given, by);
  const output = await openOutput(given);
  const options = readLogOptions(given, Date.now());
  // Of a full screen more is counted than of its text, and its code is loaded where it may be drawn only.
  const cockpit = mayBeFullScreen(given, paths) ? await import('../summary-cockpit.ts') : undefined;
  const watch = cockpit && new cockpit.SummaryWatch();
  const history = given.format === 'html' || given.save !== undefined;
  const counting = { ...options, by, history, plain: given.plainScanner, keepDuplicates: given.keepDuplicates };
  const ingest = new Ingest({ ...counting, ...(windowMs !== undefined && { windowMs }) }, watch?.detail);
  const record =
    recordPaths.length === 0
      ? undefined
      : await openRecord(recordPaths, { ...options, history, watch: watch?.addRequest });
  const isIdle = () => isAssumed && ingest.tally.bytes === 0;
  const source: SummarySource = {
    // A pipe that nothing comes from is no log that is silent: nobody has named it.
    get files() {
      return isIdle() ? [] : paths;
    },
    aggregator: ingest.aggregator,
    tally: ingest.tally,
    thresholds,
    ...(record && { mirror: record.tally }),
  };
  const interruption = catchInterrupts();
  const redraws = canRedraw() && given.format === 'table' && !given.once;
  const follows = given.follow && !given.once;
  const awaited = () => [...ingest.inputs.awaited, ...(record?.inputs.awaited ?? [])].map(describeAwaited);
  const arrivals = new Arrivals({
    get log() {
      return source.files.length > 0 ? ingest : undefined;
    },
    // A record that is read once says nothing of the present.
    record: follows ? record : undefined,
  });
  const present = () => {
    arrivals.note();
    const waitsFor = [...awaited(), ...(isIdle() ? [IDLE_INPUT] : [])];
    return { summary: makeSummary({ ...source, present: arrivals.present, waitsFor }, given), ages: arrivals.ages };
  };
  const render = () => {
    const { summary, ages } = present();
    const height = screenHeight();
    return renderText(summary, given, { present: ages, ...(height !== undefined && { height }) });
  };
  const hasVerdict = given.format === 'table';
  const periodMs = given.once ? undefined : hasVerdict ? rewriteMs(everyMs) : everyMs;
  const display =
    (watch && cockpit.openSummaryCockpit(watch, { by, interruption, present })) ??
    new Display(render, { redraws, hasVerdict, everyMs: periodMs });
  process.stdout.on('error', () => interruption.stop());
  const sayIdle = isAssumed && !redraws ? setTimeout(() => isIdle() && reportIdleInput(), IDLE_MS).unref() : undefined;
  const givenUp: string[] = [];
  const turns: ReadTurns = ingest.turns({
    signal: interruption.signal,
    ...(mayReadAhead(given) && { pipeAhead: { program: pipeProgram() } }),
    onTurn: () => {
      arrivals.note();
      display.changed();
    },
    // On a live screen it is among the reasons.
    ...(!redraws && { onAwaited: reportAwaited }),
    // On a full screen there is no place for a line of its own before its end.
    onGivenUp: watch ? (path) => givenUp.push(path) : reportGivenUp,
  });
  if (ingest.aggregator.takesSums && record === undefined && !given.plainScanner) optimizeLater();
  try {
    await Promise.all([
      follows ? ingest.inputs.follow(paths, turns) : readPaths(ingest, divideAmongThreads(paths, given), turns),
      record?.readAll(follows, turns),
    ]);
  } finally {
    display.stop();
    clearTimeout(sayIdle);
  }
  for (const path of givenUp) reportGivenUp(path);
  // Who ends a live screen wants it as it was: silent, too.
  const isLive = redraws && interruption.wanted();
  const last = { ...source, ...(isLive && { present: arrivals.present }), waitsFor: awaited() };
  finish(given, last, ingest, record, interruption, display, output);
}

/** Whether a terminal is to show a log that goes on in full screen. */
function mayBeFullScreen(
  { format, plain, once, every, follow }: SummarizeArguments,
  paths: readonly string[],
): boolean {
  if (plain || once || every !== undefined || format !== 'table' || !canFillScreen()) return false;
  return follow || (paths.includes(STDIN) && standardInputKind() === 'pipe');
}

/**
 * What stands at standard input is the log also where only the record is named. A pipe may be there by accident:
 * `isAssumed`.
 */
function readLogPaths(
  { files = [], follow }: SummarizeArguments,
  recordPaths: readonly string[],
): { readonly paths: readonly string[]; readonly isAssumed: boolean } {
  if (files.length > 0 || recordPaths.length === 0)
    return { paths: inputPaths(files, follow, recordPaths.length > 0), isAssumed: false };
  const kind = recordPaths.includes(STDIN) ? undefined : standardInputKind();
  return { paths: kind === undefined ? [] : [STDIN], isAssumed: kind === 'pipe' };
}

/** The paths of the record; the log and the record cannot both be standard input. */
function readRecordPaths({ record, files = [], follow }: SummarizeArguments): readonly string[] {
  if (record === undefined) return [];
  const paths = [...new Set(inputPaths(record, follow, files.length > 0))];
  if (paths.includes(STDIN) && files.includes(STDIN_PATH))
    throw new CliError('stdin-twice', 'standard input can be read only once', 'name - once');
  const same = paths.find((path) => path !== STDIN && files.some((file) => isSameFile(file, path)));
  if (same !== undefined)
    throw new CliError(
      'no-record',
      `${same} is given as the log and as --record`,
      'the record is what spoa-mirror --record FILE writes',
    );
  return paths;
}

function isSameFile(first: string, second: string): boolean {
  const [a, b] = [first, second].map((path) => statSync(path, { throwIfNoEntry: false }));
  return first === second || (a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino && a.isFile());
}

/** Opens the record. Most summaries are of a log alone, so the reader of records is loaded here. */
async function openRecord(paths: readonly string[], options: LogOptions & MirrorRecordOptions): Promise<RecordIngest> {
  const { RecordIngest: Reader } = await import('../record-ingest.ts');
  return new Reader(paths, options);
}

/** Whether standard input may have a thread of its own: on one processor it would only be in the way, if nobody asks for it. */
function mayReadAhead({ threads = availableParallelism(), follow }: SummarizeArguments): boolean {
  return threads > 1 && !follow;
}

/** The parts of the inputs for each thread; a number of threads that is given makes so many equal parts. */
function divideAmongThreads(paths: readonly string[], { threads }: SummarizeArguments): Region[][] {
  if (threads !== undefined) return divide(paths, threads, 0);
  return divide(paths, Math.min(availableParallelism(), MOST_THREADS), START_BYTES, WORTH_BYTES);
}

async function readPaths(ingest: Ingest, lists: readonly (readonly Region[])[], turns: ReadTurns): Promise<void> {
  if (lists.length === 1) await ingest.inputs.read(lists[0] ?? [], turns);
  else await (await import('../parallel.ts')).readInThreads(ingest, lists, turns);
}

/** Of inputs that are followed, and of a pipe, who reads them says when it is enough. */
function hasEnd({ follow }: SummarizeArguments, files: readonly string[]): boolean {
  return !follow && !(files.includes(STDIN) && standardInputKind() === 'pipe');
}

const INTERRUPTED: Notice = {
  code: 'interrupted',
  message: 'the reading was interrupted: what came behind is in no number here',
};

/** Ends the command: the summary, what could not be read, the saved state, the exit code. */
function finish(
  given: SummarizeArguments,
  source: SummarySource,
  ingest: Ingest,
  record: RecordIngest | undefined,
  interruption: Interruption,
  display: Pick<Display, 'finish'>,
  output: RenderOutput,
): void {
  const problems = [...ingest.inputs.problems, ...(record?.inputs.problems ?? [])];
  const inputNotices: Notice[] = problems.map(({ code, message }) => ({ code, message }));
  if (interruption.interrupted() && hasEnd(given, source.files)) inputNotices.push(INTERRUPTED);
  const summary = makeSummary({ ...source, inputNotices }, given);
  display.finish(output(summary, source));
  const { spoe, spoeOther, malformed, filtered } = summary.input;
  if (source.files.length > 0)
    reportReading(source.files, ingest.inputs, spoe + spoeOther + malformed + filtered, interruption);
  if (record !== undefined) reportRecord(record, interruption);
  setExit(exitOf(summary));
  interruption.release();
  if (given.save !== undefined) saveState(given.save, { ...source, inputNotices }, ingest);
}

function saveState(
  path: string,
  { files, tally, mirror, inputNotices: notices = [] }: SummarySource,
  { aggregator, seenParts }: Ingest,
): void {
  const aggregate = aggregator.toState();
  const sums = seenParts.length === 0 || aggregate.unchecked > 0 ? undefined : sumSeen(seenParts);
  const state: SavedState = {
    schema: STATE_SCHEMA,
    files,
    notices,
    tally: tally.toState(),
    aggregate: sums === undefined ? aggregate : withSums(aggregate, sums),
    ...(mirror && { mirror: mirror.toState() }),
  };
  try {
    writeFileSync(path, `${escapeJson(JSON.stringify(state))}\n`);
  } catch (error) {
    throw new CliError(
      'cannot-save',
      `cannot write ${path}: ${(error as Error).message}`,
      'check the folder and the disk',
    );
  }
}
