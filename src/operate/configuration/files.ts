/** Files of a configuration, read whole, within bounds. */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { fromSystemError } from '../../logs/input-errors.ts';

/** Nobody's configuration is that large; a log or an image may be. Of an SPOE file every engine looks at all. */
export const LARGEST_BYTES = { haproxy: 16 * 1024 * 1024, spoe: 64 * 1024 } as const;
const MOST_FILES = 1000;

/** Something of the input that cannot be used. `code` is stable. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** @throws ConfigurationError */
export function readText(file: string, place: string, largest: number): string {
  const bytes = readBytes(file, place, largest);
  if (bytes.includes(0)) {
    throw new ConfigurationError('binary', `${place} holds binary data`, 'name a configuration of HAProxy');
  }
  // A byte order mark is no part of the first word.
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

function readBytes(file: string, place: string, largest: number): Buffer {
  try {
    // Whoever opens one that nobody writes to waits for ever; those of a shell are below /dev.
    if (statSync(file).isFIFO() && !file.startsWith('/dev/'))
      throw new ConfigurationError('not-a-file', `${place} is a pipe`, 'name a file');
    const descriptor = openSync(file, 'r');
    try {
      if (fstatSync(descriptor).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
      return readBounded(descriptor, place, largest);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw cannotRead(place, error);
  }
}

/** A device or pipe tells no size, so what is read is counted. */
function readBounded(descriptor: number, place: string, largest: number): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  for (;;) {
    const part = Buffer.allocUnsafe(65_536);
    const read = readSync(descriptor, part);
    if (read === 0) return Buffer.concat(parts, length);
    parts.push(part.subarray(0, read));
    length += read;
    if (length > largest) throw tooLarge(place, largest);
  }
}

export function tooLarge(place: string, largest: number): ConfigurationError {
  const message = `${place} is larger than ${Math.round(largest / 1024)} KiB`;
  return new ConfigurationError(
    'too-large',
    message,
    'name a configuration of HAProxy; all files together are 16 MiB at most',
  );
}

function cannotRead(place: string, error: unknown): ConfigurationError {
  const { code, message, hint } = fromSystemError(error, place);
  return new ConfigurationError(code, message, code === 'is-directory' ? 'name a file' : hint);
}

/** The file itself, or of a directory what `haproxy -f DIR` loads: `.cfg` files that are not hidden, in the order of their bytes. */
export function listFiles(named: string, cwd: string): string[] {
  const absolute = path.resolve(cwd, named);
  const isDirectory = statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isDirectory) return [named];
  let names: string[];
  try {
    names = readdirSync(absolute, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.cfg') && !entry.name.startsWith('.'))
      .map(({ name }) => name);
  } catch (error) {
    throw cannotRead(named, error);
  }
  if (names.length === 0) throw new ConfigurationError('no-files', `no .cfg file in ${named}`, 'name files');
  if (names.length > MOST_FILES)
    throw new ConfigurationError('too-many-files', `more than ${MOST_FILES} files in ${named}`, 'name files');
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map((name) => path.join(named, name));
}
