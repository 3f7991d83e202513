import { closeSync, writeSync } from 'node:fs';
import { AgentError } from './errors.ts';
import { LineFile } from './line-file.ts';
import type { LogFileOption } from './option-values.ts';
import { describeOpenError, openOutput } from './output-file.ts';

/** A line of the log, without time and newline. */
export type Log = (line: string) => void;

/** What waits for a disk or a reader that stands still. */
const MAX_BUFFERED = 1024 * 1024;
/** How long the end waits for it. */
const LAST_MS = 1_000;

/** A log that never holds anybody up: lines are written behind the caller, and those that find no room are counted. */
export class LogFile {
  readonly #lines: LineFile;
  readonly #path: string;

  /** @throws AgentError `log-file` */
  constructor({ path, mode }: LogFileOption, pid: number) {
    this.#path = path;
    const sayLost = (lost: number) => this.write(formatLogLine(`${lost} lines of this log were lost`, pid, new Date()));
    try {
      this.#lines = new LineFile(path, { mode, maxBuffered: MAX_BUFFERED, gatherMs: 0, onRecovered: sayLost });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const hint = code === 'EEXIST' ? 'it exists, use a: to append or w: to empty it' : describeOpenError(error);
      throw new AgentError('log-file', `unable to open logfile ${path}: ${hint}`, { cause: error });
    }
  }

  /** @param line without its newline */
  write(line: string): void {
    this.#lines.write(line);
  }

  /** At once: the process ends with it. */
  writeLast(line: string): void {
    try {
      const fd = openOutput(this.#path, 'a');
      writeSync(fd, `${line}\n`);
      closeSync(fd);
    } catch {
      // There is nowhere else to say it.
    }
  }

  /** For rotation: the file of that name, a new one if it was moved away. On failure the old one stays in use. */
  reopen(): Promise<void> {
    return this.#lines.reopen();
  }

  /** Resolves when all is written, or given up. */
  async close(): Promise<void> {
    await Promise.race([this.#lines.close(), new Promise((resolve) => setTimeout(resolve, LAST_MS).unref())]);
  }
}

/** Without a newline. */
export function formatLogLine(line: string, pid: number, now: Date): string {
  return `${now.toISOString()} spoa-mirror[${pid}]: ${printable(line)}`;
}

/** What moves a terminal's cursor or turns its text around becomes visible; a line stays one line, a stack too. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n' ? '\\n' : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
