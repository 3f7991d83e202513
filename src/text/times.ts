/** Times as text, in UTC: nothing is converted. */
import { NOTHING } from './numbers.ts';

/** Epoch ms → `2026-11-22 07:02:28Z`. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** `2026-11-22T07:02:28.123Z` → `2026-11-22 07:02:28Z`; the model's times are UTC, nothing is converted. */
export function formatTime(iso: string | null | undefined): string {
  return iso === null || iso === undefined ? NOTHING : `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`;
}

/** Month, day and time only, for a column whose heading says UTC: `11-22 07:02:28`. */
export function formatShortTime(iso: string | null | undefined): string {
  return iso === null || iso === undefined ? NOTHING : `${iso.slice(5, 10)} ${iso.slice(11, 19)}`;
}

/** The time of day only: `07:02:28`. */
export function formatClock(iso: string | null | undefined): string {
  return iso === null || iso === undefined ? NOTHING : iso.slice(11, 19);
}
