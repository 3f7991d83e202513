import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { AgentError } from './errors.ts';

/** @throws AgentError `pid-file` */
export function writePidFile(path: string, pid: number): void {
  try {
    writeFileSync(path, `${pid}\n`, { mode: 0o644 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new AgentError('pid-file', `unable to write pidfile ${path}: ${code}`, { cause: error });
  }
}

/** Only if it is still ours: another one may have been started since. */
export function removePidFile(path: string, pid: number): void {
  try {
    if (readFileSync(path, 'utf8').trim() === String(pid)) rmSync(path);
  } catch {
    // Gone already.
  }
}
