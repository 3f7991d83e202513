/** The map file as HAProxy reads it (pattern.c, pat_ref_read_from_file_smp), and how single values in it are changed. */
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { OperateError } from './operate-error.ts';

const MAX_BYTES = 64 * 1024 * 1024;
const REASONS: { readonly [code: string]: string } = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the quota is used up',
  EACCES: 'no permission to write into its folder',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  EBUSY: 'it is a mount of its own, which cannot be replaced',
};

/** A line that is an entry: what stands before the value, the key in it, the value, and what stands behind it. */
interface Entry {
  readonly head: string;
  readonly key: string;
  readonly value: string;
  readonly tail: string;
}

/** Undefined for a comment, which has its `#` in the first column, and for an empty line. */
function parseEntry(line: string): Entry | undefined {
  const [head = '', key] = /^[ \t]*([^ \t\r]+)[ \t]*/.exec(line) ?? [];
  if (key === undefined || line.startsWith('#')) return undefined;
  const rest = line.slice(head.length);
  const end = rest.indexOf('\r');
  const text = end < 0 ? rest : rest.slice(0, end);
  let length = text.length;
  while (length > 0 && ' \t'.includes(text.charAt(length - 1))) length -= 1;
  return { head, key, value: rest.slice(0, length), tail: rest.slice(length) };
}

/** The first value of each key that is there. Throws OperateError `cannot-read`. */
export function readMapFile(path: string, keys: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of readText(path).split('\n')) {
    const entry = parseEntry(line);
    if (entry !== undefined && keys.includes(entry.key) && !found.has(entry.key)) found.set(entry.key, entry.value);
  }
  return found;
}

/**
 * Writes values into the file in one step: a reader sees the old file or the new one. All other lines, comments, line ends
 * and the file's mode and owner stay. A key that is there several times is changed everywhere, as `set map` does; one that is
 * missing is added. Throws OperateError `cannot-read`, `cannot-save`.
 */
export function saveMapFile(path: string, values: ReadonlyMap<string, string>): void {
  const left = new Set(values.keys());
  const lines = readText(path).split('\n');
  const changed = lines.map((line) => {
    const entry = parseEntry(line);
    const value = entry && values.get(entry.key);
    if (entry === undefined || value === undefined) return line;
    left.delete(entry.key);
    return `${/[ \t]$/.test(entry.head) ? entry.head : `${entry.head} `}${value}${entry.tail}`;
  });
  const added = [...left].map((key) => `${key} ${values.get(key)}`);
  if (added.length > 0) {
    if (changed.at(-1) === '') changed.pop();
    changed.push(...added, '');
  }
  replace(path, Buffer.from(changed.join('\n'), 'latin1'));
}

function readText(path: string): string {
  try {
    const fd = openSync(path, 'r');
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw new OperateError('cannot-read', `${path} is no regular file`, 'name the map file');
      if (stats.size > MAX_BYTES)
        throw new OperateError(
          'cannot-read',
          `${path} is larger than ${MAX_BYTES} bytes`,
          'use a map of its own for the switch',
        );
      // One character a byte: what is not ASCII goes out as it came in.
      return readFileSync(fd, 'latin1');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof OperateError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'it is not on this machine' : code === 'EACCES' ? 'no permission' : (code ?? message);
    throw new OperateError('cannot-read', `cannot read the map file ${path}: ${why}`, 'name it with --map-file');
  }
}

function replace(path: string, content: Buffer): void {
  let temporary: string | undefined;
  try {
    // A link stays one: the file that it leads to is replaced.
    const target = realpathSync(path);
    const fd = openSync(target, 'r');
    const stats = fstatSync(fd);
    closeSync(fd);
    const name = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
    const out = openSync(name, 'wx', 0o600);
    temporary = name;
    try {
      writeFileSync(out, content);
      const made = fstatSync(out);
      if (made.uid !== stats.uid || made.gid !== stats.gid) chownSync(name, stats.uid, stats.gid);
      fchmodSync(out, stats.mode & 0o7777);
      fsyncSync(out);
    } finally {
      closeSync(out);
    }
    renameSync(name, target);
  } catch (error) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    const { code, message, syscall } = error as NodeJS.ErrnoException;
    const why = syscall === 'chown' ? 'its owner or group cannot be kept' : (REASONS[code ?? ''] ?? code ?? message);
    throw new OperateError(
      'cannot-save',
      `cannot write the map file ${path}: ${why}`,
      syscall === 'chown' ? 'run as its owner, or as root' : 'it is as it was; what HAProxy has in memory is not',
    );
  }
}
