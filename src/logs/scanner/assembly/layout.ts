// Where everything is: the layout of a row, and of the memory that the scanner and the table of seen events share.

// Row layout, shared with ../../row.ts: 32-bit words, then 64-bit floats from byte 64 on.
export const ROW_BYTES: usize = 96;
export const AT_KEY: usize = 0;
export const AT_ORIGIN: usize = 4;
export const AT_STATUS: usize = 8;
export const AT_FLAGS: usize = 12;
export const AT_REQ: usize = 16;
export const AT_QUEUE: usize = 20;
export const AT_WAIT: usize = 24;
export const AT_RES: usize = 28;
export const AT_TOTAL: usize = 32;
export const AT_IDLES: usize = 36;
export const AT_APPLETS: usize = 40;
export const AT_SENDING: usize = 44;
export const AT_WAITING: usize = 48;
export const AT_REPEAT: usize = 52;
export const AT_SID: usize = 56;
export const AT_STAMP: usize = 60;
export const AT_TIME: usize = 64;
export const AT_PROCESSED: usize = 72;
export const AT_ERRORS: usize = 80;

export const NO_TIME: f64 = -Infinity;

// Cell layout, shared with ../cells.ts: 64-bit floats.
export const CELL_VALUES: u32 = 512;
export const HISTOGRAM_BYTES: usize = 512 * 8;
export const AT_TAIL: usize = 5 * HISTOGRAM_BYTES;
export const TAIL_BYTES: usize = 5 * 8;
export const AT_GAUGES: usize = AT_TAIL + 512 * TAIL_BYTES;
export const CELL_BYTES: usize = AT_GAUGES + 4 * 8;
export const MAX_CELLS: i32 = 16;

// ── memory map ──────────────────────────────────────────────────────────────────────────────────────────────

export const MAX_TEXT: usize = 128; // longest origin or key text that can be taught
export const MAX_ORIGINS: i32 = 512;
export const MAX_KEYS: i32 = 64;
export const MAX_ROWS: i32 = 4096;
export const MAX_LINE: usize = 65536;
export const INPUT_BYTES: usize = 4 * 1024 * 1024;

// Comparisons read up to 15 bytes past a text: every area ends with that much slack.
export const SLACK: usize = 64;
export const ENTRY_BYTES: usize = MAX_TEXT + 16; // length, shape, id, cell, then the text
export const ORIGINS: usize = 1024;
export const KEYS: usize = ORIGINS + (MAX_ORIGINS as usize) * ENTRY_BYTES + SLACK;
export const ROWS: usize = (KEYS + (MAX_KEYS as usize) * ENTRY_BYTES + SLACK + 63) & ~63;
export const CELLS: usize = ROWS + (MAX_ROWS as usize) * ROW_BYTES;
export const INPUT: usize = CELLS + (MAX_CELLS as usize) * CELL_BYTES + SLACK;

// The table of seen events (seen.ts): pages, what they are of, the heads of their chains, the pages used last, the tracks
// of origins and keys, and the lives of tracks.
export const MAX_PAGES: i32 = 1 << 18;
export const PAGE_BYTES: usize = 64;
export const OWNER_BYTES: usize = 16;
export const HEADS_COUNT: i32 = 1 << 18;
export const RECENT_COUNT: i32 = 64;
export const RECENT_BYTES: usize = 32;
export const TRACK_SLOTS: i32 = 1 << 13;
export const TRACK_BYTES: usize = 16;
export const MAX_TRACKS: i32 = 1 << 16;
export const LIFE_BYTES: usize = 16;
export const PAGES: usize = (INPUT + INPUT_BYTES + SLACK + 63) & ~63;
export const OWNERS: usize = PAGES + (MAX_PAGES as usize) * PAGE_BYTES;
export const HEADS: usize = OWNERS + (MAX_PAGES as usize) * OWNER_BYTES;
export const RECENT: usize = HEADS + (HEADS_COUNT as usize) * 4;
export const TRACKS: usize = RECENT + (RECENT_COUNT as usize) * RECENT_BYTES;
export const LIVES: usize = TRACKS + (TRACK_SLOTS as usize) * TRACK_BYTES;
export const END: usize = LIVES + (MAX_TRACKS as usize) * LIFE_BYTES;
