import { closeSync, writeSync } from 'node:fs';
import { AgentError } from '../../spoa/errors.ts';
import { cutText } from '../../text/cut.ts';
import { escapeLogLine } from '../../text/terminal.ts';
import { AGENT_DEFAULTS } from './defaults.ts';
import { LineFile, type LineStats } from './line-file.ts';
import type { LogFileOption } from './option-values.ts';
import { describeOpenError, type FileRights, openOutput } from './output-file.ts';

/** Writes a line of the log, which is given without time and newline. */
export type Log = (line: string) => void;

/** The longest line: more than any of the agent's own; a stack may hold what a peer sent. */
const MAX_LINE = 8192;
/** The rights of a log that is made: it names the destinations, and what is wrong there. */
const RIGHTS: FileRights = { mode: AGENT_DEFAULTS.fileMode };
/** The most characters that wait for a disk or a reader that stands still. */
const MAX_BUFFERED = 1024 * 1024;
/** The time that the end waits for it. */
const LAST_MS = 1_000;

/** A log that never holds anybody up: lines are written behind the caller, and those that find no room are counted. */
export class LogFile {
  readonly #lines: LineFile;
  readonly #path: string | 1 | 2;
  readonly #rights: FileRights;

  /**
   * @param complain is called when lines begin to get lost: there is nowhere else to report it
   * @throws AgentError `log-file`
   */
  constructor(
    { path, mode }: LogFileOption | { readonly path: 1 | 2; readonly mode: 'a' },
    pid: number,
    rights: FileRights = RIGHTS,
    complain: (message: string) => void = () => {},
  ) {
    this.#path = path;
    this.#rights = rights;
    const sayLost = (lost: number, why: string) =>
      this.write(formatLogLine(`${lost} lines of this log were lost: ${why}`, pid, new Date()));
    const sayLosing = (why: string) => complain(`the log ${path} loses lines: ${why}`);
    try {
      this.#lines = new LineFile(path, {
        mode,
        rights,
        maxBuffered: MAX_BUFFERED,
        gatherMs: 0,
        onRecovered: sayLost,
        onLosing: sayLosing,
      });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const hint = code === 'EEXIST' ? 'it exists, use a: to append or w: to empty it' : describeOpenError(error);
      throw new AgentError('log-file', `unable to open logfile ${path}: ${hint}`, { cause: error });
    }
  }

  get stats(): LineStats {
    return { ...this.#lines.stats };
  }

  /** @param line without its newline */
  write(line: string): void {
    this.#lines.write(line);
  }

  /** Writes a line at once, as the process ends with it. */
  writeLast(line: string): void {
    try {
      const path = this.#path;
      const fd = typeof path === 'string' ? openOutput(path, 'a', this.#rights) : path;
      writeSync(fd, `${line}\n`);
      if (typeof path === 'string') closeSync(fd);
    } catch {
      // There is nowhere else to report it.
    }
  }

  /** Opens the file of that name again, for rotation: a new one if it was moved away. On failure the old one stays in use. */
  reopen(): Promise<void> {
    return this.#lines.reopen();
  }

  /** Resolves when all is written, or given up. */
  async close(): Promise<void> {
    await Promise.race([this.#lines.close(), new Promise((resolve) => setTimeout(resolve, LAST_MS).unref())]);
  }
}

/** Formats a line without its newline. */
export function formatLogLine(line: string, pid: number, now: Date): string {
  return `${now.toISOString()} spoa-mirror[${pid}]: ${escapeLogLine(cutText(line, MAX_LINE))}`;
}
