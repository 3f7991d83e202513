import { closeSync, fstatSync, ftruncateSync, lstatSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { AgentError } from '../../spoa/errors.ts';
import { AGENT_DEFAULTS } from './defaults.ts';
import { describeOpenError, type FileRights, openOutput } from './output-file.ts';

/** The rights of the pidfile, which scripts of any user may read to stop the agent. */
const RIGHTS: FileRights = { mode: AGENT_DEFAULTS.pidFileMode };

/**
 * The file that names the process while it runs. Until then a file that is there stays as it is: it may be that of an agent that
 * runs, and this one may find its port in use. It stays root's where root makes it, or whoever the agent becomes could
 * have root's scripts end any process; so it stays open, too.
 */
export class PidFile {
  readonly #path: string;
  readonly #content: string;
  readonly #fd: number;
  readonly #isNew: boolean;

  /** @throws AgentError `pid-file` when it could not be written, or names another process that runs */
  constructor(path: string, pid: number, rights: FileRights = RIGHTS) {
    this.#path = path;
    this.#content = `${pid}\n`;
    this.#isNew = lstatSync(path, { throwIfNoEntry: false }) === undefined;
    const other = this.#isNew ? undefined : runningProcess(path);
    if (other !== undefined && other !== pid)
      throw new AgentError('pid-file', `pidfile ${path} is that of process ${other}, which runs`);
    this.#fd = this.#attempt(() => openOutput(path, 'a', rights));
    if (this.#isNew || isPidFile(path)) return;
    closeSync(this.#fd);
    throw new AgentError('pid-file', `${path} is no pidfile: it holds something else, which would be lost`);
  }

  /** @throws AgentError `pid-file` */
  write(): void {
    this.#attempt(() => {
      if (fstatSync(this.#fd).isFile()) ftruncateSync(this.#fd);
      writeSync(this.#fd, this.#content);
    });
  }

  /** Removes the file, or empties it where that is not allowed, unless another process has written it since. */
  remove(): void {
    try {
      if (this.#isOurs()) this.#removeOrEmpty();
      closeSync(this.#fd);
    } catch {
      // The file is gone already.
    }
  }

  #isOurs(): boolean {
    if (!lstatSync(this.#path).isFile()) return false;
    const content = readFileSync(this.#path, 'utf8');
    return content === this.#content || (this.#isNew && content === '');
  }

  #removeOrEmpty(): void {
    try {
      rmSync(this.#path);
    } catch {
      ftruncateSync(this.#fd);
    }
  }

  #attempt<Result>(step: () => Result): Result {
    try {
      return step();
    } catch (error) {
      const why = describeOpenError(error);
      throw new AgentError('pid-file', `unable to write pidfile ${this.#path}: ${why}`, { cause: error });
    }
  }
}

/** The id of the agent that a pidfile names, if it runs. */
/** A number, or nothing. What is no regular file, or may not be read, is for opening it to refuse. */
function isPidFile(path: string): boolean {
  try {
    return !lstatSync(path).isFile() || /^\s*\d*\s*$/.test(readFileSync(path, 'latin1').slice(0, 100));
  } catch {
    return true;
  }
}

function runningProcess(path: string): number | undefined {
  try {
    if (!lstatSync(path).isFile()) return undefined;
    const pid = Number(readFileSync(path, 'utf8').trim());
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    process.kill(pid, 0);
    return isAgent(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process is an agent: after a crash, or in another container, the id in a file may be that of any process. */
function isAgent(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('spoa-mirror');
  } catch {
    // Without /proc: better no second agent than a pidfile that replaces the first one's.
    return true;
  }
}
