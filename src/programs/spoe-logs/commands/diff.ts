/** `spoe-logs diff`. A bundle of its own (scripts/build.mjs): no other command loads it. */
import type { Analysis } from '../../../diff/analysis.ts';
import { Collection } from '../../../diff/collection.ts';
import { analysisOf, namesOf, reportOn } from '../../../diff/comparing.ts';
import { judgedDestinations } from '../../../diff/destinations.ts';
import { readGates } from '../../../diff/gates.ts';
import type { DiffReport, InputReport } from '../../../diff/model.ts';
import type { RequestLine } from '../../../diff/request-line.ts';
import { readMaxRequests, readSettings } from '../../../diff/settings.ts';
import { SAME_NOISE_HINT } from '../../../diff/side-refusals.ts';
import { DEFAULT_SETUP, makeSetup, setupText } from '../../../operate/setup.ts';
import { LOGGING_SETTINGS } from '../../../report/diff-logging-settings.ts';
import { renderPlan } from '../../../report/diff-plan.ts';
import { readAnswers } from '../answer-options.ts';
import { defineCommand } from '../command.ts';
import { DIFF_OPTIONS, type DiffArguments } from '../diff-options.ts';
import { chooses, exitOf, renderReport, writeRequests } from '../diff-output.ts';
import { refuseSameFile, refuseSides } from '../diff-refusals.ts';
import { refuseReportFiles, writeReportFiles } from '../diff-report-files.ts';
import { type DiffSetup, readDiffSetup, refuseNoiseTwice } from '../diff-setup.ts';
import { readBothSides } from '../diff-sides.ts';
import { CliError, Exit } from '../errors.ts';
import { catchInterrupts, type Interruption } from '../interrupt.ts';
import { type LogOptions, readLogOptions } from '../log-options.ts';
import { reportProblem, setExit } from '../report-problem.ts';

export const command = defineCommand({
  options: DIFF_OPTIONS,
  positionals: {},
  examples: [
    ['$0 diff --production lb-access.log --mirror mirror.jsonl', 'is the mirrored version safe?'],
    ["$0 diff --production p.log --mirror m.jsonl --fail-on 'p95-ratio>1.2' --report junit=diff.xml", 'a gate for CI'],
    ['$0 diff --from clickhouse://ch:8123/spoe --run v2', 'the same of what spoe-logs load has written'],
  ],
  run,
});

async function run(given: DiffArguments): Promise<void> {
  if (given.printHaproxyConfig) {
    process.stdout.write(printedSettings(given));
    return;
  }
  if (given.answers !== undefined || given.bodies !== undefined)
    throw new CliError('usage', '--answers and --bodies say what is printed', 'add --print-haproxy-config');
  if (given.plan) {
    const gates = readGates(given.failOn ?? [], given.warnOn ?? [], given.gates);
    process.stdout.write(renderPlan(readSettings(given, gates)));
    return;
  }
  if (given.from === undefined) requireSides(given);
  else requireRun(given);
  refuseSameFile(given);
  refuseReportFiles(given);
  const options = readLogOptions({ ...given, agent: undefined, status: undefined }, Date.now());
  const interruption = catchInterrupts();
  try {
    await compare(given, options, interruption);
  } finally {
    interruption.release();
  }
}

/** With answers it is all that `config print` has of them. */
function printedSettings(given: DiffArguments): string {
  const answers = readAnswers(given);
  return answers.answers === undefined ? LOGGING_SETTINGS : setupText(makeSetup({ ...DEFAULT_SETUP, ...answers }));
}

/** Options that say how lines are read: what was loaded is read already. */
const OF_FILES = [
  ...['production', 'mirror', 'spoe', 'mirrorNoise', 'productionFormat', 'mirrorFormat', 'productionId', 'mirrorId'],
  ...['productionLatencyUnit', 'mirrorLatencyUnit', 'year', 'follow'],
] as const;

function requireRun(given: DiffArguments): void {
  if (given.run === undefined)
    throw new CliError('usage', '--run is missing', 'name the comparison that was loaded: spoe-logs load --run NAME');
  const wrong = OF_FILES.find(
    (name) => ![undefined, false].includes((given as { [name: string]: unknown })[name] as false),
  );
  if (wrong === undefined) return;
  const option = `--${wrong.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new CliError(
    'usage',
    `${option} is about logs, and --from about what was loaded of them`,
    `give ${option} to load, or leave --from away`,
  );
}

function requireSides(given: DiffArguments): void {
  refuseNoiseTwice(given);
  const { production = [], mirror = [] } = given;
  if (production.length > 0 && mirror.length > 0) return;
  const missing = production.length === 0 ? '--production' : '--mirror';
  throw new CliError(
    'usage',
    `${missing} is not given`,
    'spoe-logs diff --production lb-access.log --mirror mirror.jsonl; --print-haproxy-config says how to log',
  );
}

async function compare(given: DiffArguments, options: LogOptions, interruption: Interruption): Promise<void> {
  const setup = readDiffSetup(given, options);
  if (given.from !== undefined) {
    await compareLoaded(given, given.from, interruption, setup);
    return;
  }
  if (given.follow) {
    const { followDiff } = await import('../diff-follow.ts');
    const isChosen = (line: RequestLine) => chooses(given, line);
    const { inputs, failed } = await followDiff({ ...setup, given, options, interruption, chooses: isChosen });
    finish(inputs, failed);
    return;
  }
  await compareWhole(given, options, interruption, setup);
}

async function compareWhole(
  given: DiffArguments,
  options: LogOptions,
  interruption: Interruption,
  { report: reportOptions, comparing: { accepts, ...comparing } }: DiffSetup,
): Promise<void> {
  const { agent, key } = given;
  const maxRequests = readMaxRequests(given);
  const collection = new Collection({ agent, maxRequests, ...(accepts && { accepts }) });
  const { facts, problems } = await readBothSides(given, options, collection, interruption.signal);
  for (const problem of problems) reportProblem(problem);
  if (interruption.interrupted()) {
    reportProblem({ code: 'interrupted', message: 'interrupted before both sides were read: there is no report' });
    setExit(Exit.interrupted);
    return;
  }
  refuseSides(given, facts);
  const { report, analyses } = reportOn(collection, facts, { ...comparing, key }, reportOptions);
  // The exit code is set before the report is written, which has it.
  setExit(exitOf(report));
  finish(report.inputs, problems.length > 0);
  await write(analyses, given.timestamp ? { ...report, generatedAt: new Date().toISOString() } : report, given);
}

async function compareLoaded(
  given: DiffArguments,
  from: string,
  interruption: Interruption,
  { report: reportOptions, comparing }: DiffSetup,
): Promise<void> {
  const { diffFrom } = await import('../diff-from.ts');
  const compared = await diffFrom({ given, from, interruption, reportOptions, comparing });
  if (compared === undefined) {
    reportProblem({ code: 'interrupted', message: 'interrupted before all rows were read: there is no report' });
    setExit(Exit.interrupted);
    return;
  }
  const { report, analyses } = compared;
  setExit(exitOf(report));
  finish(report.inputs, false);
  await write(analyses, given.timestamp ? { ...report, generatedAt: new Date().toISOString() } : report, given);
}

function finish(inputs: readonly InputReport[], failed: boolean): void {
  if (failed) setExit(Exit.unusable);
  // Inputs that could not be read at all are reported already.
  refuseUnread(failed ? inputs.filter(({ lines }) => lines > 0) : inputs);
}

async function write(analyses: readonly Analysis[], report: DiffReport, given: DiffArguments): Promise<void> {
  // A file that cannot be written ends the program with 2, and is no input that could not be read: the report does not say so.
  const exitCode = process.exitCode as Exit;
  writeReportFiles(report, given);
  if (given.format !== 'ndjson') {
    process.stdout.write(renderReport(report, given, exitCode));
    return;
  }
  const judged = judgedDestinations(namesOf(analyses), given);
  await writeRequests(
    judged.map((name) => analysisOf(analyses, name)),
    given,
  );
}

/** Refuses an input none of whose lines could be read: it is the wrong one, or has another format. */
function refuseUnread(inputs: readonly InputReport[]): void {
  for (const { role, path, lines, parsed, answers = 0 } of inputs) {
    const isEmpty = lines === 0;
    if (parsed + answers > 0 || (isEmpty && role !== 'production')) continue;
    reportProblem({
      code: isEmpty ? 'empty' : 'no-requests',
      message: isEmpty ? `${path} is empty` : `no line of ${path} could be read as a request`,
      hint:
        role === 'baseline'
          ? SAME_NOISE_HINT
          : `name its format with --${role === 'mirror' ? 'mirror' : 'production'}-format`,
    });
    setExit(Exit.unusable);
  }
}
