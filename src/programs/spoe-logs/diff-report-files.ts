/** The files of a comparison besides its output: those of --report, and the summary of a step of GitHub Actions. */
import {
  accessSync,
  appendFileSync,
  constants,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { DiffReport } from '../../diff/model.ts';
import { renderAnnotation } from '../../report/workflow-commands.ts';
import type { DiffArguments } from './diff-options.ts';
import { renderFile } from './diff-output.ts';
import { CliError, Exit } from './errors.ts';
import { reportProblem, setExit } from './report-problem.ts';

/** Refuses files that cannot be written, or are read, before a minute is spent on reading. @throws CliError */
export function refuseReportFiles(given: DiffArguments): void {
  const { report = [], production = [], mirror = [], spoe = [], mirrorNoise = [], noiseBaseline, openapi } = given;
  const inputs = [production, mirror, spoe, mirrorNoise, noiseBaseline ?? [], openapi ?? []].flat();
  const taken = new Map(inputs.map((path) => [identityOf(path), `${path} is an input`]));
  const summary = stepSummary(given);
  if (summary !== undefined) {
    const why = taken.get(identityOf(summary));
    if (why !== undefined) throw new CliError('same-file', `GITHUB_STEP_SUMMARY=${summary} cannot be written: ${why}`);
    taken.set(identityOf(summary), 'it is GITHUB_STEP_SUMMARY, which gets the report by itself');
  }
  for (const { format, file } of report) {
    const identity = identityOf(file);
    const why = taken.get(identity);
    if (why !== undefined)
      throw new CliError('same-file', `--report ${format}=${file} cannot be written there: ${why}`);
    taken.set(identity, 'another --report is written there');
    const blocked = blockedBy(file);
    if (blocked !== undefined) throw new CliError('cannot-write', `cannot write ${file}: ${blocked}`);
  }
}

/** One file by two names is one file. */
function identityOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return `${stats.dev} ${stats.ino}`;
  const folder = dirname(resolve(path));
  return join(
    statSync(folder, { throwIfNoEntry: false }) === undefined ? folder : realpathSync(folder),
    basename(path),
  );
}

/** The file that a step of GitHub Actions shows as its summary; undefined where none is to be written. */
function stepSummary({ format }: DiffArguments): string | undefined {
  return format === 'github' && process.env.GITHUB_STEP_SUMMARY ? process.env.GITHUB_STEP_SUMMARY : undefined;
}

function blockedBy(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return 'EISDIR';
  try {
    accessSync(stats === undefined ? dirname(resolve(file)) : file, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

/**
 * Writes the files of --report, and of --format github the report as Markdown behind what the step's summary has already.
 * One that cannot be written is reported, and ends the program with 2: whoever waits for it must not take it for none.
 */
export function writeReportFiles(report: DiffReport, given: DiffArguments): void {
  const exitCode = (process.exitCode ?? Exit.ok) as Exit;
  for (const { format, file } of given.report ?? []) {
    attempt(file, given, () => replaceFile(file, renderFile(format, report, given, exitCode)));
  }
  const summary = stepSummary(given);
  if (summary === undefined) return;
  attempt(summary, given, () => appendFileSync(summary, `${renderFile('markdown', report, given, exitCode)}\n`));
}

/** Whole or not at all: a later step takes whatever is there. What is no regular file, as a pipe, is written to as it is. */
function replaceFile(file: string, text: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile()) {
    writeFileSync(file, text);
    return;
  }
  const target = stats === undefined ? file : realpathSync(file);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text, { flag: 'wx', ...(stats && { mode: stats.mode }) });
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function attempt(file: string, { format }: DiffArguments, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const message = `cannot write ${file}: ${code}`;
    reportProblem({ code: 'cannot-write', message });
    if (format === 'github')
      process.stdout.write(
        renderAnnotation({ level: 'error', title: 'spoe-logs diff: a report is missing', lines: [message] }),
      );
    setExit(Exit.unusable);
  }
}
