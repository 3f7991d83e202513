/** Divides files among threads: contiguous parts of about the same size, cut at line ends. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { isOctetCounted } from './input/octet-frames.ts';
import { isGzip } from './input/sniff.ts';
import type { Region } from './inputs.ts';
import { STDIN, startOf } from './read.ts';

/** Below this, starting a thread costs more than it saves. */
const MIN_PART_BYTES = 16 * 1024 * 1024;
/** Below this it saves little, and costs more CPU by half: not for a thread that nobody has asked for. */
export const WORTH_BYTES = 64 * 1024 * 1024;
/** What this thread reads while the others start (0.08 to 0.15 s): its part is larger by so much. */
export const START_BYTES = 96 * 1024 * 1024;
/** As much as tells compressed data and frames from lines. */
const HEAD_BYTES = 64;
const NEWLINE = 0x0a;

/**
 * One list of regions a thread, in order; one list only when threads would not help (small, compressed, piped) or
 * newlines are no line ends.
 * An unreadable file is left in: reading it tells why.
 * @param startBytes how much larger the first list is
 * @param partBytes the least of the others
 */
export function divide(
  paths: readonly string[],
  threads: number,
  startBytes: number,
  partBytes: number = MIN_PART_BYTES,
): Region[][] {
  const sizes = paths.map(regularSize);
  const total = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const parts = Math.min(threads, Math.floor((total - startBytes) / partBytes));
  if (parts < 2 || sizes.includes(undefined)) return [paths.map((path) => ({ path }))];
  const others = (total - startBytes) / parts;
  // Where the part of each thread but the first begins, in all files as one.
  const bounds = Array.from({ length: parts - 1 }, (_, i) => Math.round(startBytes + others * (i + 1)));
  const partAt = (offset: number) => bounds.filter((bound) => bound <= offset).length;
  const lists: Region[][] = Array.from({ length: parts }, () => []);
  let before = 0;
  for (const [i, path] of paths.entries()) {
    const size = sizes[i] ?? 0;
    const start = startOf(path);
    const inside = bounds.map((bound) => bound - before).filter((cut) => cut > 0 && cut < size);
    const starts = [start, ...new Set(inside.map((cut) => nextLine(path, start + cut)))];
    for (const [j, from] of starts.entries()) {
      const end = starts[j + 1];
      lists[partAt(before + from - start)]?.push({ path, range: { start: from, ...(end !== undefined && { end }) } });
    }
    before += size;
  }
  return lists;
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
