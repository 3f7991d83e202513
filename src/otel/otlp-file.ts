/** --otlp-file: one export request as OTLP JSON a line, as a collector's otlpjsonfile receiver reads it. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { OtelError } from './errors.ts';

const NEWLINE = Buffer.from('\n');

export class OtlpFile {
  readonly path: string;
  readonly #fd: number;

  /** Creates or empties the file. Throws OtelError. */
  constructor(path: string) {
    this.path = path;
    this.#fd = this.#guard(() => openSync(path, 'w'));
  }

  /** Writes one request. Throws OtelError. */
  write(request: Uint8Array): void {
    this.#guard(() => {
      writeAll(this.#fd, request);
      writeAll(this.#fd, NEWLINE);
    });
  }

  close(): void {
    this.#guard(() => closeSync(this.#fd));
  }

  #guard<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new OtelError('cannot-write-otlp', `cannot write ${this.path}: ${code}`, 'check the folder and the disk');
    }
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
