import { closeSync, openSync, writeSync } from 'node:fs';
import { AgentError } from './errors.ts';
import type { LogFileOption } from './option-values.ts';

/** A line of the log, without time and newline. */
export type Log = (line: string) => void;

const FLAGS = { a: 'a', w: 'w', x: 'ax' } as const;
const MODE = 0o644;

/** Few lines come here, each written at once: a log is read after a crash. */
export class LogFile {
  readonly #path: string;
  #fd: number;

  /** @throws AgentError `log-file` */
  constructor({ path, mode }: LogFileOption) {
    this.#path = path;
    try {
      this.#fd = openSync(path, FLAGS[mode], MODE);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const hint = code === 'EEXIST' ? 'it exists, use a: to append or w: to empty it' : code;
      throw new AgentError('log-file', `unable to open logfile ${path}: ${hint}`, { cause: error });
    }
  }

  write(text: string): void {
    try {
      writeSync(this.#fd, text);
    } catch {
      // A full disk must not stop the mirroring, and there is nowhere else to say so.
    }
  }

  /** For rotation: the file of that name, a new one if it was moved away. On failure the old one stays in use. */
  reopen(): void {
    const fd = openSync(this.#path, 'a', MODE);
    closeSync(this.#fd);
    this.#fd = fd;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

export function formatLogLine(line: string, pid: number, now: Date): string {
  return `${now.toISOString()} spoa-mirror[${pid}]: ${line}\n`;
}
