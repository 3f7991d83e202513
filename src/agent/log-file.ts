import { closeSync, writeSync } from 'node:fs';
import { AgentError } from './errors.ts';
import type { LogFileOption } from './option-values.ts';
import { describeOpenError, openOutput } from './output-file.ts';

/** A line of the log, without time and newline. */
export type Log = (line: string) => void;

/** Few lines come here, each written at once: a log is read after a crash. */
export class LogFile {
  readonly #path: string;
  #fd: number;

  /** @throws AgentError `log-file` */
  constructor({ path, mode }: LogFileOption) {
    this.#path = path;
    try {
      this.#fd = openOutput(path, mode);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const hint = code === 'EEXIST' ? 'it exists, use a: to append or w: to empty it' : describeOpenError(error);
      throw new AgentError('log-file', `unable to open logfile ${path}: ${hint}`, { cause: error });
    }
  }

  write(text: string): void {
    try {
      writeSync(this.#fd, text);
    } catch {
      // A full disk, or a pipe nobody empties, must not stop the mirroring, and there is nowhere else to say so.
    }
  }

  /** For rotation: the file of that name, a new one if it was moved away. On failure the old one stays in use. */
  reopen(): void {
    const fd = openOutput(this.#path, 'a');
    closeSync(this.#fd);
    this.#fd = fd;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

export function formatLogLine(line: string, pid: number, now: Date): string {
  return `${now.toISOString()} spoa-mirror[${pid}]: ${printable(line)}\n`;
}

/** What moves a terminal's cursor or turns its text around becomes visible; a line stays one line, a stack too. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n' ? '\\n' : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
