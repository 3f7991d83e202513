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
import type { Names } from './names.ts';
import { OTHER } from './names.ts';
import { Float, Int, NO_TIME } from './row.ts';

const PAGE_BYTES = 64;
const PAGE_BITS = 6;
/** 16 MiB of streams; memory that is never used is never touched. */
const MAX_PAGES = 1 << 18;
const HEADS = 1 << 18;
const MAX_TRACKS = 65_536;
/** Events kept whole. */
const MAX_CROWD = 65_536;
const BUCKET_MS = 4096;
const VALUES = 255;
const CACHE = 64;
/** As far as nb_processed steps back when threads log out of order. */
const JITTER = 16;
/** What is not an event of a known process and agent. */
export const NO_TRACK = -1;

/** Whose events: of one process, agent and event name. */
function trackText(names: Names, origin: number, key: number): string | undefined {
  const who = names.origins[origin];
  const what = names.keys[key];
  if (origin === OTHER || key === OTHER || who === undefined || what === undefined) return undefined;
  return JSON.stringify([who.host ?? null, who.pid ?? null, what.agent, what.type, what.name]);
}

/** All that was seen, as plain data: what threads send each other. */
export interface SeenState {
  readonly tracks: readonly string[];
  /** Track, bucket and block of each page. */
  readonly owners: Int32Array;
  readonly buckets: Int32Array;
  readonly blocks: Int32Array;
  /** 64 bytes a page. */
  readonly pages: Uint8Array;
  readonly crowd: readonly string[];
  readonly unchecked: number;
}

export class SeenEvents {
  /** Events that could not be checked, because what was read when they happened has been given up. */
  unchecked = 0;
  readonly #maxPages: number;
  readonly #tracks = new Map<string, number>();
  readonly #isGroup: boolean[] = [];
  // Page 0 is no page: nothing is ever in it.
  readonly #pages: Uint8Array;
  readonly #owners: Int32Array;
  readonly #buckets: Int32Array;
  readonly #blocks: Int32Array;
  /** The next page with the same hash. */
  readonly #next: Int32Array;
  readonly #heads = new Int32Array(HEADS);
  /** Pages that were ever taken. */
  #taken = 0;
  #forgottenUntil = Number.NEGATIVE_INFINITY;
  readonly #crowd = new Set<string>();
  // The pages that were used last: of a block of streams in its bucket, and in the ones before and after.
  readonly #cacheTrack = new Int32Array(CACHE).fill(NO_TRACK);
  readonly #cacheBucket = new Int32Array(CACHE);
  readonly #cacheBlock = new Int32Array(CACHE);
  readonly #cacheHere = new Int32Array(CACHE);
  readonly #cacheBefore = new Int32Array(CACHE);
  readonly #cacheAfter = new Int32Array(CACHE);
  // Lines without a time: how often the counters of a track have begun anew in this input stands for it.
  #lives: number[] = [];
  #latest: number[] = [];

  constructor(maxPages = MAX_PAGES) {
    this.#maxPages = maxPages;
    this.#pages = new Uint8Array(maxPages * PAGE_BYTES);
    this.#owners = new Int32Array(maxPages);
    this.#buckets = new Int32Array(maxPages);
    this.#blocks = new Int32Array(maxPages);
    this.#next = new Int32Array(maxPages);
  }

  /** The number under which events of this origin and key are remembered; NO_TRACK when they cannot be. */
  track(names: Names, origin: number, key: number): number {
    const text = trackText(names, origin, key);
    return text === undefined ? NO_TRACK : this.#track(text);
  }

  #track(text: string): number {
    let track = this.#tracks.get(text);
    if (track === undefined) {
      if (this.#tracks.size >= MAX_TRACKS) return NO_TRACK;
      track = this.#tracks.size;
      this.#tracks.set(text, track);
      this.#isGroup.push((JSON.parse(text) as string[])[3] === 'GROUP');
    }
    return track;
  }

  /** Another input begins: lines without a time say again what they said in the one before. */
  beginInput(): void {
    this.#lives = [];
    this.#latest = [];
  }

  /**
   * True when the row at word `int` and float `float` is an event that was seen before; it is remembered. Called for
   * each event: all that is usual is written out here.
   */
  isRepeated(track: number, ints: Int32Array, floats: Float64Array, int: number, float: number): boolean {
    if (track === NO_TRACK) return this.#giveUp();
    const time = floats[float + Float.time] as number;
    if (time === NO_TIME || this.#isGroup[track]) return this.#isRepeatedUnusually(track, ints, floats, int, float);
    const processed = (floats[float + Float.processed] as number) | 0;
    const place = time / BUCKET_MS;
    const bucket = Math.floor(place);
    const sid = ints[int + Int.sid] as number;
    const value = valueOf(processed, ints, int, floats, float);
    return this.#take(track, bucket, place - bucket < 0.5, sid >>> PAGE_BITS, sid, value, processed);
  }

  #take(
    track: number,
    bucket: number,
    isEarly: boolean,
    block: number,
    sid: number,
    value: number,
    processed: number,
  ): boolean {
    const slot = (block + track * 7) & (CACHE - 1);
    if (
      this.#cacheBlock[slot] !== (block | 0) ||
      this.#cacheBucket[slot] !== (bucket | 0) ||
      this.#cacheTrack[slot] !== track
    )
      this.#load(slot, track, bucket | 0, block | 0);
    const pages = this.#pages;
    const at = sid & (PAGE_BYTES - 1);
    let here = this.#cacheHere[slot] as number;
    const near = (isEarly ? this.#cacheBefore[slot] : this.#cacheAfter[slot]) as number;
    const known = pages[here * PAGE_BYTES + at] as number;
    const knownNear = pages[near * PAGE_BYTES + at] as number;
    if (known === value || knownNear === value) return true;
    if ((known !== 0 || knownNear !== 0) && this.#crowd.size > 0) {
      const nearBucket = isEarly ? bucket - 1 : bucket + 1;
      if (this.#isInCrowd(track, bucket, sid, processed) || this.#isInCrowd(track, nearBucket, sid, processed))
        return true;
    }
    if (bucket <= this.#forgottenUntil) this.unchecked += 1;
    if (here === 0) here = this.#addPage(slot, track, bucket | 0, block | 0);
    if (known === 0) pages[here * PAGE_BYTES + at] = value;
    else if (this.#crowd.size < MAX_CROWD) this.#crowd.add(crowdKey(track, bucket, sid, processed));
    else this.unchecked += 1;
    return false;
  }

  #giveUp(): false {
    this.unchecked += 1;
    return false;
  }

  /** Lines without a time; and groups, which one stream may send several times: their counters are kept exactly. */
  #isRepeatedUnusually(
    track: number,
    ints: Int32Array,
    floats: Float64Array,
    int: number,
    float: number,
  ): boolean {
    const processed = floats[float + Float.processed] as number;
    const time = floats[float + Float.time] as number;
    const sid = ints[int + Int.sid] as number;
    let block = sid >>> PAGE_BITS;
    let value = valueOf(processed | 0, ints, int, floats, float);
    if (this.#isGroup[track]) {
      block ^= Math.imul(Math.floor(processed / VALUES) + 1, 0x9e3779b1);
      value = 1 + (processed % VALUES);
    }
    if (time !== NO_TIME) {
      const place = time / BUCKET_MS;
      const bucket = Math.floor(place);
      return this.#take(track, bucket, place - bucket < 0.5, block, sid, value, processed);
    }
    // Buckets of different lives are no neighbours.
    return this.#take(track, -2 * (1 + this.#life(track, processed)), true, block, sid, value, processed);
  }

  #life(track: number, processed: number): number {
    const latest = this.#latest[track] ?? 0;
    const life = this.#lives[track] ?? 0;
    const isAnew = processed < latest / 2 && latest - processed > JITTER;
    this.#latest[track] = isAnew ? processed : Math.max(latest, processed);
    this.#lives[track] = isAnew ? life + 1 : life;
    return isAnew ? life + 1 : life;
  }

  #isInCrowd(track: number, bucket: number, sid: number, processed: number): boolean {
    return this.#crowd.has(crowdKey(track, bucket, sid, processed));
  }

  #load(slot: number, track: number, bucket: number, block: number): void {
    this.#cacheTrack[slot] = track;
    this.#cacheBucket[slot] = bucket;
    this.#cacheBlock[slot] = block;
    this.#cacheHere[slot] = this.#find(track, bucket, block);
    this.#cacheBefore[slot] = this.#find(track, bucket - 1, block);
    this.#cacheAfter[slot] = this.#find(track, bucket + 1, block);
  }

  #find(track: number, bucket: number, block: number): number {
    let page = this.#heads[hashOf(track, bucket, block)] as number;
    while (page !== 0 && !this.#isPage(page, track, bucket, block)) page = this.#next[page] as number;
    return page;
  }

  #isPage(page: number, track: number, bucket: number, block: number): boolean {
    return this.#blocks[page] === block && this.#buckets[page] === bucket && this.#owners[page] === track;
  }

  #addPage(slot: number, track: number, bucket: number, block: number): number {
    const page = this.#newPage(track, bucket, block);
    this.#cacheHere[slot] = page;
    return page;
  }

  #newPage(track: number, bucket: number, block: number): number {
    const page = 1 + (this.#taken % (this.#maxPages - 1));
    if (this.#taken >= this.#maxPages - 1) this.#forget(page);
    this.#taken += 1;
    const hash = hashOf(track, bucket, block);
    this.#owners[page] = track;
    this.#buckets[page] = bucket;
    this.#blocks[page] = block;
    this.#next[page] = this.#heads[hash] as number;
    this.#heads[hash] = page;
    return page;
  }

  /** Gives up the oldest page. */
  #forget(page: number): void {
    const [track = 0, bucket = 0, block = 0] = [this.#owners[page], this.#buckets[page], this.#blocks[page]];
    const hash = hashOf(track, bucket, block);
    const next = this.#next[page] as number;
    if (this.#heads[hash] === page) this.#heads[hash] = next;
    else {
      let before = this.#heads[hash] as number;
      while (this.#next[before] !== page) before = this.#next[before] as number;
      this.#next[before] = next;
    }
    this.#pages.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
    this.#forgottenUntil = Math.max(this.#forgottenUntil, bucket);
    // Whatever is cached of these streams, in this bucket or beside it, is in one slot.
    this.#cacheTrack[((block >>> 0) + track * 7) & (CACHE - 1)] = NO_TRACK;
  }

  toState(): SeenState {
    const end = Math.min(this.#taken, this.#maxPages - 1) + 1;
    return {
      tracks: [...this.#tracks.keys()],
      owners: this.#owners.slice(1, end),
      buckets: this.#buckets.slice(1, end),
      blocks: this.#blocks.slice(1, end),
      pages: this.#pages.slice(PAGE_BYTES, end * PAGE_BYTES),
      crowd: [...this.#crowd],
      unchecked: this.unchecked,
    };
  }

  /** Remembers what was seen elsewhere too. */
  add(state: SeenState): void {
    const tracks = state.tracks.map((text) => this.#track(text));
    for (const [i, owner] of state.owners.entries()) {
      const track = tracks[owner] ?? NO_TRACK;
      if (track === NO_TRACK) continue;
      const [bucket = 0, block = 0] = [state.buckets[i], state.blocks[i]];
      const page = this.#find(track, bucket, block) || this.#newPage(track, bucket, block);
      for (let at = 0; at < PAGE_BYTES; at++)
        this.#pages[page * PAGE_BYTES + at] ||= state.pages[i * PAGE_BYTES + at] as number;
    }
    for (const key of state.crowd) {
      const [track = '', ...rest] = key.split(' ');
      if (this.#crowd.size < MAX_CROWD) this.#crowd.add([tracks[Number(track)], ...rest].join(' '));
    }
    this.#cacheTrack.fill(NO_TRACK);
    this.unchecked += state.unchecked;
  }
}

/** Whether two that counted apart may have counted an event both. */
export function haveInCommon(a: SeenState, b: SeenState): boolean {
  const inA = new Map<string, number>();
  const rangesA = rangesOf(a);
  const rangesB = rangesOf(b);
  for (const [i, owner] of a.owners.entries()) {
    const track = a.tracks[owner] ?? '';
    const bucket = a.buckets[i] as number;
    if (isNear(rangesB.get(track), bucket)) inA.set(`${a.blocks[i]} ${bucket} ${track}`, i);
  }
  if (inA.size === 0) return false;
  for (const [i, owner] of b.owners.entries()) {
    const track = b.tracks[owner] ?? '';
    const bucket = b.buckets[i] as number;
    if (!isNear(rangesA.get(track), bucket)) continue;
    for (const near of [bucket - 1, bucket, bucket + 1]) {
      const page = inA.get(`${b.blocks[i]} ${near} ${track}`);
      if (page !== undefined && haveEqual(a.pages, page, b.pages, i)) return true;
    }
  }
  return false;
}

/** The first and the last bucket of each track. */
function rangesOf({ tracks, owners, buckets }: SeenState): Map<string, readonly [number, number]> {
  const lowest = new Array<number>(tracks.length).fill(Number.POSITIVE_INFINITY);
  const highest = new Array<number>(tracks.length).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < owners.length; i++) {
    const owner = owners[i] as number;
    const bucket = buckets[i] as number;
    if (bucket < (lowest[owner] as number)) lowest[owner] = bucket;
    if (bucket > (highest[owner] as number)) highest[owner] = bucket;
  }
  return new Map(tracks.map((text, i) => [text, [lowest[i] as number, highest[i] as number]]));
}

function isNear(range: readonly [number, number] | undefined, bucket: number): boolean {
  return range !== undefined && bucket >= range[0] - 1 && bucket <= range[1] + 1;
}

function haveEqual(a: Uint8Array, pageA: number, b: Uint8Array, pageB: number): boolean {
  for (let at = 0; at < PAGE_BYTES; at++) {
    const value = a[pageA * PAGE_BYTES + at];
    if (value !== 0 && value === b[pageB * PAGE_BYTES + at]) return true;
  }
  return false;
}

/** 1–255. Counters that differ by a little differ here too. */
function valueOf(processed: number, ints: Int32Array, int: number, floats: Float64Array, float: number): number {
  const sum =
    processed +
    ((floats[float + Float.errors] as number) | 0) +
    Math.imul(ints[int + Int.pT] as number, 31) +
    Math.imul(ints[int + Int.status] as number, 101);
  return 1 + ((sum >>> 0) % VALUES);
}

function crowdKey(track: number, bucket: number, sid: number, processed: number): string {
  return `${track} ${bucket} ${sid} ${processed}`;
}

function hashOf(track: number, bucket: number, block: number): number {
  let hash = Math.imul(block ^ Math.imul(bucket, 0x85ebca6b), 0x9e3779b1) ^ Math.imul(track + 1, 0xc2b2ae35);
  hash ^= hash >>> 15;
  return hash & (HEADS - 1);
}
