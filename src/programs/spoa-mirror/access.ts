/** The access to files that the agent needs after it has changed its user. */
import { constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { AgentError } from '../../spoa/errors.ts';
import type { Log } from './log-file.ts';
import { type MirrorAgentOptions, valuesFile } from './options.ts';
import { isDescriptor } from './output-file.ts';
import { type Account, describeAccount, mayOpen } from './privileges.ts';

/**
 * Files are opened again with SIGHUP, and workers that take the place of others are no longer root from their start. To be called once the
 * process is that account.
 * @param log is told what makes no start impossible
 * @throws AgentError
 */
export function checkAccess(options: MirrorAgentOptions, account: Account, workers: number, log: Log): void {
  const { logFile, record, traceFrames, listenTlsFiles } = options;
  const who = describeAccount(account);
  const files = [
    ['logfile', logFile?.path],
    ['record file', record],
    ['trace file', traceFrames],
    ['file of values', valuesFile(options)],
  ] as const;
  for (const [what, path] of files) {
    if (path === undefined || path === '-') continue;
    // One that is not there yet will be this account's own.
    const isThere = existsSync(path);
    if (isThere ? !mayOpen(path, constants.W_OK) : !mayOpen(dirname(path), constants.X_OK))
      throw new AgentError(
        'log-file',
        `${what} ${path} cannot be opened again by ${who}, as with SIGHUP: give it to that one`,
      );
    const isFile = isThere && statSync(path).isFile();
    if ((isFile || !isThere) && !isDescriptor(path) && !mayOpen(dirname(path), constants.W_OK))
      log(`${what} ${path}: its folder is not one of ${who}, so whoever moves the file away has to make a new one`);
  }
  for (const [name, path] of Object.entries(listenTlsFiles))
    if (!mayOpen(path, constants.R_OK))
      log(`--tls-${name} ${path} cannot be read by ${who}: SIGHUP does not renew TLS`);
  for (const path of options.verdictProduction)
    if (existsSync(path) && !mayOpen(path, constants.R_OK))
      log(`--verdict-production ${path} cannot be read by ${who}: there is no PASS while that is so`);
  if (workers === 1) return;
  for (const [path, mode] of [
    [process.execPath, constants.X_OK],
    [process.argv[1] as string, constants.R_OK],
  ] as const) {
    if (mayOpen(path, mode)) continue;
    throw new AgentError('start', `${path} cannot be read by ${who}: a worker that dies could not be replaced`);
  }
}
