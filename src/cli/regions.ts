/** Divides files among threads: contiguous parts of about the same size, cut at line ends. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { type ByteRange, positionOf, STDIN } from '../logs/input/read.ts';
import { isGzip } from '../logs/input/sniff.ts';
import { isOctetCounted } from '../logs/octet-frames.ts';

/** Below this, starting a thread costs more than it saves. */
const MIN_PART_BYTES = 16 * 1024 * 1024;
/** As much as tells compressed data and frames from lines. */
const HEAD_BYTES = 64;
const NEWLINE = 0x0a;

export interface Region {
  readonly path: string;
  /** Absent: the whole input, whatever it is. */
  readonly range?: ByteRange;
}

/**
 * One list of regions a thread, in order; one list only when threads would not help (small, compressed, piped) or
 * newlines are no line ends.
 * An unreadable file is left in: reading it tells why.
 */
export function divide(paths: readonly string[], threads: number, minPartBytes = MIN_PART_BYTES): Region[][] {
  const sizes = paths.map(regularSize);
  const total = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const parts = Math.min(threads, Math.floor(total / minPartBytes));
  if (parts < 2 || sizes.includes(undefined)) return [paths.map((path) => ({ path }))];
  const lists: Region[][] = Array.from({ length: parts }, () => []);
  let before = 0;
  for (const [i, path] of paths.entries()) {
    const size = sizes[i] ?? 0;
    const cuts = [...new Set(innerCuts(before, size, total, parts).map((cut) => nextLine(path, startOf(path) + cut)))];
    let start = startOf(path);
    for (const cut of cuts) {
      lists[partAt(before + start - startOf(path), total, parts)]?.push({ path, range: { start, end: cut } });
      start = cut;
    }
    lists[partAt(before + start - startOf(path), total, parts)]?.push({ path, range: { start } });
    before += size;
  }
  return lists;
}

/** Offsets in a file at which another thread's part begins. */
function innerCuts(before: number, size: number, total: number, parts: number): number[] {
  const cuts: number[] = [];
  for (let part = 1; part < parts; part++) {
    const cut = Math.round((total * part) / parts) - before;
    if (cut > 0 && cut < size) cuts.push(cut);
  }
  return cuts;
}

function partAt(offset: number, total: number, parts: number): number {
  return Math.min(parts - 1, Math.floor((offset * parts) / total + 1e-9));
}

/** Where an input begins: standard input may share its file with other commands. */
export function startOf(path: string): number {
  return path === STDIN ? positionOf(0) : 0;
}

/** Bytes left to read; undefined for what can only be read from its start to its end. */
export function regularSize(path: string): number | undefined {
  let fd = 0;
  try {
    // Opening a pipe to look at it would take it from its writer.
    const stats = path === STDIN ? fstatSync(0) : statSync(path);
    if (!stats.isFile()) return undefined;
    if (path !== STDIN) fd = openSync(path, 'r');
    const head = new Uint8Array(HEAD_BYTES);
    const sniffed = head.subarray(0, readSync(fd, head, 0, HEAD_BYTES, startOf(path)));
    return isGzip(sniffed) || isOctetCounted(sniffed) ? undefined : stats.size - startOf(path);
  } catch {
    return 0;
  } finally {
    if (fd > 0) closeSync(fd);
  }
}

/** The start of the first line that begins at or after `offset`. */
function nextLine(path: string, offset: number): number {
  const fd = path === STDIN ? 0 : openSync(path, 'r');
  try {
    const block = Buffer.alloc(64 * 1024);
    for (let at = offset - 1; ; ) {
      const count = readSync(fd, block, 0, block.length, at);
      if (count === 0) return at;
      const newline = block.subarray(0, count).indexOf(NEWLINE);
      if (newline >= 0) return at + newline + 1;
      at += count;
    }
  } finally {
    if (fd > 0) closeSync(fd);
  }
}
