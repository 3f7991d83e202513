/** The files of a comparison besides its output: those of --report, and the summary of a step of GitHub Actions. */
import { accessSync, appendFileSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DiffReport } from '../../diff/model.ts';
import type { DiffArguments } from './diff-options.ts';
import { renderFile } from './diff-output.ts';
import { CliError, Exit } from './errors.ts';
import { reportProblem, setExit } from './report-problem.ts';

/** Refuses files that cannot be written, or are read, before a minute is spent on reading. @throws CliError */
export function refuseReportFiles(given: DiffArguments): void {
  const { report = [], production = [], mirror = [], spoe = [], mirrorNoise = [], noiseBaseline, openapi } = given;
  const inputs = [production, mirror, spoe, mirrorNoise, noiseBaseline ?? [], openapi ?? []].flat();
  const taken = new Map(inputs.map((path) => [identityOf(path), `${path} is an input`]));
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
  return stats?.isFile() === true ? `${stats.dev} ${stats.ino}` : resolve(path);
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
    attempt(file, () => writeFileSync(file, renderFile(format, report, given, exitCode)));
  }
  const summary = given.format === 'github' ? process.env.GITHUB_STEP_SUMMARY : undefined;
  if (!summary) return;
  attempt(summary, () => appendFileSync(summary, `${renderFile('markdown', report, given, exitCode)}\n`));
}

function attempt(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    reportProblem({ code: 'cannot-write', message: `cannot write ${file}: ${code}` });
    setExit(Exit.unusable);
  }
}
