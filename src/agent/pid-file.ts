import { closeSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { AgentError } from './errors.ts';
import { describeOpenError, openOutput } from './output-file.ts';

/**
 * Names the process while it runs. Until then a file that is there stays as it is: it may be that of an agent that
 * runs, and this one may find its port in use.
 */
export class PidFile {
  readonly #path: string;
  readonly #content: string;
  readonly #isNew: boolean;

  /** @throws AgentError `pid-file` when it could not be written, or names another process that runs */
  constructor(path: string, pid: number) {
    this.#path = path;
    this.#content = `${pid}\n`;
    this.#isNew = !existsSync(path);
    const other = this.#isNew ? undefined : runningProcess(path);
    if (other !== undefined && other !== pid)
      throw new AgentError('pid-file', `pidfile ${path} is that of process ${other}, which runs`);
    this.#attempt(() => closeSync(openOutput(path, 'a')));
  }

  /** @throws AgentError `pid-file` */
  write(): void {
    this.#attempt(() => writeFileSync(this.#path, this.#content));
  }

  /** Only if it is still ours: another one may have been started since. */
  remove(): void {
    try {
      if (!statSync(this.#path).isFile()) return;
      const content = readFileSync(this.#path, 'utf8');
      if (content === this.#content || (this.#isNew && content === '')) rmSync(this.#path);
    } catch {
      // Gone already.
    }
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      const why = describeOpenError(error);
      throw new AgentError('pid-file', `unable to write pidfile ${this.#path}: ${why}`, { cause: error });
    }
  }
}

/** The agent a pidfile names, if it runs. */
function runningProcess(path: string): number | undefined {
  try {
    if (!statSync(path).isFile()) return undefined;
    const pid = Number(readFileSync(path, 'utf8').trim());
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    process.kill(pid, 0);
    return isAgent(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** After a crash, or in another container, the number of a file left behind may be that of anything. */
function isAgent(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('spoa-mirror');
  } catch {
    // Not on this system: better no second agent than a pidfile taken from the first.
    return true;
  }
}
