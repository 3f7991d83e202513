// Which events were seen before: a byte a stream, in pages of 64 streams for each track and 4 s (../seen-events.ts says
// what that is about and what it cannot tell). Here because it looks at each event.

import {
  AT_ERRORS,
  AT_FLAGS,
  AT_KEY,
  AT_ORIGIN,
  AT_PROCESSED,
  AT_SID,
  AT_STATUS,
  AT_TIME,
  AT_TOTAL,
  HEADS,
  HEADS_COUNT,
  LIFE_BYTES,
  LIVES,
  MAX_PAGES,
  MAX_TRACKS,
  NO_TIME,
  OWNER_BYTES,
  OWNERS,
  PAGE_BYTES,
  PAGES,
  RECENT,
  RECENT_BYTES,
  RECENT_COUNT,
  ROW_BYTES,
  TRACK_BYTES,
  TRACK_SLOTS,
  TRACKS,
} from './layout';

const FLAG_REPEATED: i32 = 4;
const BUCKET_MS: f64 = 4096;
const VALUES: u32 = 255;
/** As far as nb_processed steps back when threads log out of order. */
const JITTER: f64 = 16;
const NO_TRACK: i32 = -1;
/** Bit of a track of groups, which one stream may send several times. */
const GROUP: i32 = 1 << 20;
const NEVER: i32 = i32.MIN_VALUE;

// An owner: track, bucket and block of a page, and the next page of its chain.
const AT_BUCKET: usize = 4;
const AT_BLOCK: usize = 8;
const AT_NEXT: usize = 12;
// A recent block: track, bucket and block, then its pages here, in the bucket before and in the one after.
const AT_HERE: usize = 12;
const AT_BEFORE: usize = 16;
const AT_AFTER: usize = 20;

/** The track of these numbers: NO_TRACK, or a number below 65,536, with GROUP. */
declare function trackOf(origin: i32, key: i32): i32;
/** Whether this event is among those that are kept whole; adds it. */
declare function isInCrowd(track: i32, bucket: i32, near: i32, sid: i32, processed: f64): i32;

/** Pages that were ever taken. Page 0 is no page: nothing is ever in it. */
export let taken: i32 = 0;
/** Events that could not be checked. */
export let unchecked: f64 = 0;
export const ownersStart: i32 = OWNERS as i32;
export const pagesStart: i32 = PAGES as i32;
export const maxPages: i32 = MAX_PAGES;
let mostPages: i32 = MAX_PAGES;
let forgottenUntil: i32 = NEVER;

/** Called once, before anything else; `pages` may be fewer than there is room for. */
export function beginSeen(pages: i32): void {
  mostPages = pages;
  for (let i: usize = 0; i < (RECENT_COUNT as usize); i++) store<i32>(RECENT + i * RECENT_BYTES, NO_TRACK);
}

/** The numbers of origins and keys mean something else now. */
export function forgetTracks(): void {
  memory.fill(TRACKS, 0, (TRACK_SLOTS as usize) * TRACK_BYTES);
}

/** Lines without a time begin anew. */
export function forgetLives(): void {
  memory.fill(LIVES, 0, (MAX_TRACKS as usize) * LIFE_BYTES);
}

// @ts-ignore: decorator
@inline
function recentOf(track: i32, block: i32): usize {
  return RECENT + (((block + track * 7) & (RECENT_COUNT - 1)) as usize) * RECENT_BYTES;
}

/** Remembers the events of rows, and sets FLAG_REPEATED on each that was seen before. */
export function mark(start: i32, count: i32): void {
  let row = start as usize;
  let lastTime: f64 = NaN;
  let bucket: i32 = 0;
  let isEarly: bool = false;
  for (let i = 0; i < count; i++, row += ROW_BYTES) {
    const time = load<f64>(row, AT_TIME);
    if (time != lastTime) {
      lastTime = time;
      const place = time / BUCKET_MS;
      bucket = time == NO_TIME ? 0 : ((floor(place) as i64) as i32);
      isEarly = place - floor(place) < 0.5;
    }
    const origin = load<i32>(row, AT_ORIGIN);
    const key = load<i32>(row, AT_KEY);
    const known = TRACKS + (((origin * 31 + key) & (TRACK_SLOTS - 1)) as usize) * TRACK_BYTES;
    let track = load<i32>(known, 8);
    // One more, because memory that was never written is 0.
    if (load<i32>(known) != origin + 1 || load<i32>(known, 4) != key) {
      track = trackOf(origin, key);
      store<i32>(known, origin + 1);
      store<i32>(known, key, 4);
      store<i32>(known, track, 8);
    }
    if (track == NO_TRACK) {
      unchecked++;
      continue;
    }
    const sid = load<i32>(row, AT_SID);
    const processed = load<f64>(row, AT_PROCESSED);
    let block = sid >>> 6;
    let value = 1 + (sumOf(row, processed) % VALUES);
    if (track & GROUP) {
      // Not what the counters come to but the counters themselves: their last part in the byte, the rest in the block.
      const counter = processed as i64;
      block ^= ((counter / VALUES + 1) as i32) * 0x1e3779b1;
      value = 1 + ((counter % VALUES) as u32);
    }
    if (time == NO_TIME) bucket = lifeOf(track, processed);
    const recent = recentOf(track, block);
    if (load<i32>(recent, AT_BLOCK) != block || load<i32>(recent, AT_BUCKET) != bucket || load<i32>(recent) != track)
      find(recent, track, bucket, block);
    const at = (sid & 63) as usize;
    const here = (load<i32>(recent, AT_HERE) as usize) + at;
    const near = (load<i32>(recent + (isEarly ? AT_BEFORE : AT_AFTER)) as usize) + at;
    if (here >= PAGES + PAGE_BYTES && load<u8>(here) == 0 && load<u8>(near) == 0 && bucket > forgottenUntil)
      store<u8>(here, value as u8);
    else if (take(recent, time == NO_TIME || isEarly, sid, value, processed))
      store<i32>(row, load<i32>(row, AT_FLAGS) | FLAG_REPEATED, AT_FLAGS);
  }
}

/** What a byte is made of. Counters that differ by a little differ in it. */
// @ts-ignore: decorator
@inline
function sumOf(row: usize, processed: f64): u32 {
  const errors = (load<f64>(row, AT_ERRORS) as i64) as u32;
  return ((processed as i64) as u32) + errors * 7 + load<u32>(row, AT_TOTAL) * 31 + load<u32>(row, AT_STATUS) * 101;
}

/** Everything that is not usual: the stream is known, has no page yet, or is older than what is remembered. */
function take(recent: usize, isEarly: bool, sid: i32, value: u32, processed: f64): bool {
  const track = load<i32>(recent);
  const bucket = load<i32>(recent, AT_BUCKET);
  const at = (sid & 63) as usize;
  let here = load<i32>(recent, AT_HERE) as usize;
  const known = load<u8>(here + at) as u32;
  const near = load<u8>((load<i32>(recent + (isEarly ? AT_BEFORE : AT_AFTER)) as usize) + at) as u32;
  if (known == value || near == value) return true;
  if (known | near) {
    if (isInCrowd(track, bucket, isEarly ? bucket - 1 : bucket + 1, sid, processed)) return true;
  }
  if (bucket <= forgottenUntil) unchecked++;
  if (here == PAGES) {
    here = addPage(track, bucket, load<i32>(recent, AT_BLOCK));
    store<i32>(recent, track);
    store<i32>(recent, here as i32, AT_HERE);
  }
  if (known == 0) store<u8>(here + at, value as u8);
  return false;
}

/** How often the counters of a track have begun anew in this input, as a bucket. Those of lives are no neighbours. */
function lifeOf(track: i32, processed: f64): i32 {
  const life = LIVES + ((track & (MAX_TRACKS - 1)) as usize) * LIFE_BYTES;
  const latest = load<f64>(life);
  if (processed < latest / 2 && latest - processed > JITTER) {
    store<f64>(life, processed);
    store<i32>(life, load<i32>(life, 8) + 1, 8);
  } else if (processed > latest) store<f64>(life, processed);
  return -2 * (1 + load<i32>(life, 8));
}

/** Chains of a block in neighbouring buckets have their heads beside each other. */
// @ts-ignore: decorator
@inline
function headOf(track: i32, bucket: i32, block: i32): usize {
  let hash = (block * 0x1e3779b1) ^ ((track + 1) * 0x42b2ae35) ^ ((bucket >> 4) * 0x05ebca6b);
  hash ^= hash >>> 15;
  return HEADS + (((((hash << 4) | (bucket & 15)) & (HEADS_COUNT - 1)) as usize) << 2);
}

function find(recent: usize, track: i32, bucket: i32, block: i32): void {
  store<i32>(recent, track);
  store<i32>(recent, bucket, AT_BUCKET);
  store<i32>(recent, block, AT_BLOCK);
  store<i32>(recent, findPage(track, bucket, block), AT_HERE);
  store<i32>(recent, findPage(track, bucket - 1, block), AT_BEFORE);
  store<i32>(recent, findPage(track, bucket + 1, block), AT_AFTER);
}

/** Where the bytes of a page are; those of page 0 without one. */
function findPage(track: i32, bucket: i32, block: i32): i32 {
  let page = load<i32>(headOf(track, bucket, block));
  while (page) {
    const owner = OWNERS + (page as usize) * OWNER_BYTES;
    if (load<i32>(owner) == track && load<i32>(owner, AT_BUCKET) == bucket && load<i32>(owner, AT_BLOCK) == block) break;
    page = load<i32>(owner, AT_NEXT);
  }
  return (PAGES as i32) + page * (PAGE_BYTES as i32);
}

/** A page of its own for a block that has none; where its bytes are. */
export function addPage(track: i32, bucket: i32, block: i32): usize {
  const page = 1 + (taken % (mostPages - 1));
  if (taken >= mostPages - 1) forget(page);
  taken++;
  const owner = OWNERS + (page as usize) * OWNER_BYTES;
  const head = headOf(track, bucket, block);
  store<i32>(owner, track);
  store<i32>(owner, bucket, AT_BUCKET);
  store<i32>(owner, block, AT_BLOCK);
  store<i32>(owner, load<i32>(head), AT_NEXT);
  store<i32>(head, page);
  return PAGES + (page as usize) * PAGE_BYTES;
}

/** The page of a block, a new one where there is none yet. */
export function pageOf(track: i32, bucket: i32, block: i32): i32 {
  const known = findPage(track, bucket, block);
  const page = known == (PAGES as i32) ? (addPage(track, bucket, block) as i32) : known;
  store<i32>(recentOf(track, block), NO_TRACK);
  return page;
}

/** Gives up the oldest page. */
function forget(page: i32): void {
  const owner = OWNERS + (page as usize) * OWNER_BYTES;
  const track = load<i32>(owner);
  const bucket = load<i32>(owner, AT_BUCKET);
  const block = load<i32>(owner, AT_BLOCK);
  let link = headOf(track, bucket, block);
  while (load<i32>(link) != page) link = OWNERS + (load<i32>(link) as usize) * OWNER_BYTES + AT_NEXT;
  store<i32>(link, load<i32>(owner, AT_NEXT));
  memory.fill(PAGES + (page as usize) * PAGE_BYTES, 0, PAGE_BYTES);
  if (bucket > forgottenUntil) forgottenUntil = bucket;
  // Whatever is at hand of these streams, in this bucket or beside it, is in one place.
  store<i32>(recentOf(track, block), NO_TRACK);
}
