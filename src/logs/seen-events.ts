/**
 * Which events were read already. HAProxy writes an event once to each of its log targets: two targets that end in one
 * file, two files, or the same file named twice hold one event as several lines.
 *
 * The same event is the same host, pid, agent, event, sid and counters, within about two seconds: syslog daemons write
 * whole seconds, and a process that begins anew with the same pid (a container) repeats its sids and counters later.
 *
 * Memory is bounded: a byte a stream, in pages of 64 streams for each event name and 4 s. The byte tells the counters
 * and timers; what does not fit there (a group that is sent several times on a stream) is kept whole. When all pages
 * are taken, the oldest is given up: what is as old and comes later cannot be checked, and is counted.
 */
import { hashNumbers } from '../text/hash.ts';
import { type Names, OTHER } from './names.ts';
import { Int, ROW_BYTES, ROW_INTS, type RowBatch } from './row.ts';
import { instantiateScanner, type ScannerExports, scannerMemory } from './scanner/scanner-module.ts';

const PAGE_BYTES = 64;
/** Words of what a page is of: track, bucket, block, and the next page of its chain. */
const OWNER_INTS = 4;
const MAX_TRACKS = 65_536;
/** Bit of a track of groups, which one stream may send several times. */
const GROUP = 1 << 20;
/** The track of events without a known process and agent. */
const NO_TRACK = -1;
/** Events kept whole. */
const MAX_EXACT = 65_536;

/** The text of a track: a process, an agent and an event name. */
function trackText(names: Names, origin: number, key: number): string | undefined {
  const who = names.origins[origin];
  const what = names.keys[key];
  if (origin === OTHER || key === OTHER || who === undefined || what === undefined) return undefined;
  const track = [who.host ?? null, who.pid ?? null, what.agent, what.type, what.name];
  return JSON.stringify(who.scope === undefined ? track : [...track, who.scope]);
}

/** All that was seen, as plain data: what threads send each other. */
export interface SeenState {
  readonly tracks: readonly string[];
  /** Track, bucket, block and a word without meaning, page after page. */
  readonly owners: Int32Array<ArrayBuffer>;
  /** 64 bytes a page. */
  readonly pages: Uint8Array<ArrayBuffer>;
  readonly exact: readonly string[];
  /** Of each track, the highest counter of events without a time since it last began anew, and how often it has. */
  readonly lives: readonly (readonly [latest: number, life: number])[];
  readonly unchecked: number;
}

export class SeenEvents {
  /** Memory that a scanner may use too, so that its rows are looked at where they are. */
  readonly memory = scannerMemory();
  readonly #wasm: ScannerExports;
  readonly #ints: Int32Array<ArrayBuffer>;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #tracks = new Map<string, number>();
  readonly #exact = new Set<string>();
  #names: Names | undefined;
  #unchecked = 0;

  /** `pages`: fewer than there is room for, for tests. */
  constructor(pages?: number) {
    this.#wasm = instantiateScanner(this.memory, {
      trackOf: (origin, key) => this.#trackOf(origin, key),
      isKnownExactly: (track, bucket, near, sid, processed) =>
        this.#isKnownExactly(track, bucket, near, sid, processed),
    });
    this.#wasm.beginSeen(pages ?? this.#wasm.maxPages.value);
    this.#ints = new Int32Array(this.memory.buffer);
    this.#bytes = new Uint8Array(this.memory.buffer);
  }

  /** Events that could not be checked, because what was read when they happened has been given up. */
  get unchecked(): number {
    return this.#unchecked + this.#wasm.unchecked.value;
  }

  /** Another input begins: lines without a time say again what they said in the one before. */
  beginInput(): void {
    this.#wasm.forgetLives();
  }

  /** Remembers the events of a batch, and sets RowFlag.repeated on each that was seen before. */
  mark({ ints, start, count, names }: RowBatch): void {
    if (names !== this.#names) {
      this.#names = names;
      this.#wasm.forgetTracks();
    }
    if (ints.buffer === this.memory.buffer) {
      this.#wasm.mark(start, count);
      return;
    }
    // Rows from elsewhere go through the place of rows here.
    const at = this.#wasm.rowsStart.value;
    this.#ints.set(ints.subarray(start >> 2, (start + count * ROW_BYTES) >> 2), at >> 2);
    this.#wasm.mark(at, count);
    for (let i = 0; i < count; i++) {
      const flags = i * ROW_INTS + Int.flags;
      ints[(start >> 2) + flags] = this.#ints[(at >> 2) + flags] as number;
    }
  }

  #trackOf(origin: number, key: number): number {
    const text = this.#names === undefined ? undefined : trackText(this.#names, origin, key);
    return text === undefined ? NO_TRACK : this.#track(text);
  }

  #track(text: string): number {
    const known = this.#tracks.get(text);
    if (known !== undefined) return known;
    if (this.#tracks.size >= MAX_TRACKS) return NO_TRACK;
    const [, , , type] = JSON.parse(text) as unknown[];
    const track = this.#tracks.size | (type === 'GROUP' ? GROUP : 0);
    this.#tracks.set(text, track);
    return track;
  }

  /** Two events of one stream, one name and about one time: their counters tell them apart. */
  #isKnownExactly(track: number, bucket: number, near: number, sid: number, processed: number): number {
    const key = exactKey(track, bucket, sid, processed);
    if (this.#exact.has(key) || this.#exact.has(exactKey(track, near, sid, processed))) return 1;
    if (this.#exact.size < MAX_EXACT) this.#exact.add(key);
    else this.#unchecked += 1;
    return 0;
  }

  /** All but what `before` holds, which was the first that was ever seen. */
  toState(before?: SeenState): SeenState {
    const { present } = this;
    const pages = present.pages.slice();
    for (const [at, value] of before?.pages.entries() ?? []) if (value !== 0) pages[at] = 0;
    const known = new Set(before?.exact);
    const exact = present.exact.filter((key) => !known.has(key));
    return { ...present, owners: present.owners.slice(), pages, exact };
  }

  /** The same, where it lies: it is not to be kept while more is seen. */
  get present(): SeenState {
    const { taken, ownersStart, pagesStart, maxPages } = this.#wasm;
    const count = Math.min(taken.value, maxPages.value - 1);
    const owners = (ownersStart.value >> 2) + OWNER_INTS;
    const pages = pagesStart.value + PAGE_BYTES;
    return {
      tracks: [...this.#tracks.keys()],
      lives: [...this.#tracks.values()].map((track) => [this.#wasm.latestOf(track), this.#wasm.lifeNumberOf(track)]),
      owners: this.#ints.subarray(owners, owners + count * OWNER_INTS),
      pages: this.#bytes.subarray(pages, pages + count * PAGE_BYTES),
      exact: [...this.#exact],
      unchecked: this.unchecked,
    };
  }

  /** Remembers what was seen elsewhere too, before what comes. */
  add({ tracks, owners, pages, exact, lives, unchecked }: SeenState): void {
    const own = tracks.map((text) => this.#track(text));
    for (const [i, [latest, life]] of lives.entries()) {
      const track = own[i] ?? NO_TRACK;
      if (track !== NO_TRACK && (latest > 0 || life > 0)) this.#wasm.continueLife(track, latest, life);
    }
    const bytes = this.#bytes;
    for (let i = 0; i * OWNER_INTS < owners.length; i++) {
      const [owner = 0, bucket = 0, block = 0] = owners.subarray(i * OWNER_INTS, (i + 1) * OWNER_INTS);
      const track = own[owner & ~GROUP] ?? NO_TRACK;
      if (track === NO_TRACK) continue;
      const page = this.#wasm.pageOf(track, bucket, block);
      for (let at = 0; at < PAGE_BYTES; at++) bytes[page + at] ||= pages[i * PAGE_BYTES + at] as number;
    }
    for (const key of exact) {
      const [track = '', ...rest] = key.split(' ');
      if (this.#exact.size < MAX_EXACT) this.#exact.add([own[Number(track) & ~GROUP], ...rest].join(' '));
    }
    this.#unchecked += unchecked;
  }
}

/**
 * Whether two that counted apart may have counted an event both. Of parts of one log only a few pages are of about one time; of events
 * without one it cannot be told, since counters began anew in both.
 */
export function haveInCommon(a: SeenState, b: SeenState): boolean {
  if (isTimeless(a) && isTimeless(b)) return true;
  const inA = new Map<string, number>();
  for (const page of pagesNear(a, b)) inA.set(pageText(a, page, 0), page);
  if (inA.size === 0) return false;
  return pagesNear(b, a).some((page) =>
    [-1, 0, 1].some((later) => {
      const same = inA.get(pageText(b, page, later));
      return same !== undefined && haveEqual(a.pages, same, b.pages, page);
    }),
  );
}

function isTimeless({ lives }: SeenState): boolean {
  return lives.some(([latest]) => latest > 0);
}

/** Numbers of pages at times that another one has, too. Plain loops over numbers: there are some ten thousand pages, once. */
function pagesNear({ tracks, owners }: SeenState, other: SeenState): number[] {
  const { lowest, highest } = rangesOf(other);
  const numbers = new Map(other.tracks.map((text, i) => [text, i]));
  const from = new Float64Array(tracks.length).fill(Number.POSITIVE_INFINITY);
  const to = new Float64Array(tracks.length);
  for (const [i, text] of tracks.entries()) {
    const number = numbers.get(text);
    if (number === undefined) continue;
    from[i] = (lowest[number] as number) - 1;
    to[i] = (highest[number] as number) + 1;
  }
  const near: number[] = [];
  for (let at = 0; at < owners.length; at += OWNER_INTS) {
    const track = (owners[at] as number) & ~GROUP;
    const bucket = owners[at + 1] as number;
    if (bucket >= (from[track] as number) && bucket <= (to[track] as number)) near.push(at / OWNER_INTS);
  }
  return near;
}

/** The key of a page, or of the one that is so many buckets later. */
function pageText({ tracks, owners }: SeenState, page: number, later: number): string {
  const [owner = 0, bucket = 0, block = 0] = owners.subarray(page * OWNER_INTS, (page + 1) * OWNER_INTS);
  return `${block} ${bucket + later} ${tracks[owner & ~GROUP]}`;
}

interface Page {
  readonly i: number;
  readonly track: string;
  readonly block: number;
}

function* pagesOf({ tracks, owners }: SeenState): Iterable<Page> {
  for (let i = 0; i * OWNER_INTS < owners.length; i++) {
    const [owner = 0, , block = 0] = owners.subarray(i * OWNER_INTS, (i + 1) * OWNER_INTS);
    yield { i, track: tracks[owner & ~GROUP] ?? '', block };
  }
}

/** The first and the last bucket of each track; Infinity and -Infinity without any. */
function rangesOf({ tracks, owners }: SeenState): { readonly lowest: Float64Array; readonly highest: Float64Array } {
  const lowest = new Float64Array(tracks.length).fill(Number.POSITIVE_INFINITY);
  const highest = new Float64Array(tracks.length).fill(Number.NEGATIVE_INFINITY);
  for (let at = 0; at < owners.length; at += OWNER_INTS) {
    const track = (owners[at] as number) & ~GROUP;
    const bucket = owners[at + 1] as number;
    if (bucket < (lowest[track] as number)) lowest[track] = bucket;
    if (bucket > (highest[track] as number)) highest[track] = bucket;
  }
  return { lowest, highest };
}

function haveEqual(a: Uint8Array, pageA: number, b: Uint8Array, pageB: number): boolean {
  for (let at = 0; at < PAGE_BYTES; at++) {
    const value = a[pageA * PAGE_BYTES + at];
    if (value !== 0 && value === b[pageB * PAGE_BYTES + at]) return true;
  }
  return false;
}

function exactKey(track: number, bucket: number, sid: number, processed: number): string {
  return `${track} ${bucket} ${sid} ${processed}`;
}

/** An order-independent sum over the events of one process and agent. */
export interface SeenSum {
  readonly events: number;
  readonly sum: number;
}

/** Sums by process and agent (sourceText). Parts must have no event in common. */
export function sumSeen(parts: readonly SeenState[]): Map<string, SeenSum> {
  const sums = new Map<string, { events: number; sum: number }>();
  const add = (track: string, ...numbers: number[]) => {
    const [host, pid, agent, type, name] = JSON.parse(track) as [string | null, number | null, string, string, string];
    const source = sourceText(host ?? undefined, pid ?? undefined, agent);
    const known = sums.get(source) ?? { events: 0, sum: 0 };
    known.events += 1;
    known.sum = (known.sum + hashNumbers(...Buffer.from(`${type} ${name}`), ...numbers)) | 0;
    sums.set(source, known);
  };
  for (const part of parts) {
    for (const { i, track, block } of pagesOf(part))
      for (let at = 0; at < PAGE_BYTES; at++) {
        const value = part.pages[i * PAGE_BYTES + at] as number;
        if (value !== 0) add(track, block, at, value);
      }
    for (const key of part.exact) {
      const [track = 0, , sid = 0, processed = 0] = key.split(' ').map(Number);
      add(part.tracks[track & ~GROUP] ?? '', sid, processed);
    }
  }
  return sums;
}

/** The key of a process and agent. */
export function sourceText(host: string | undefined, pid: number | undefined, agent: string): string {
  return JSON.stringify([host, pid, agent]);
}
