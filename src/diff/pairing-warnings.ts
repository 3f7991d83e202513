/** What is said about how requests were paired, or why they were not; of both joins. */

import { durationInWords } from '../text/numbers.ts';
import { KEYS, type Key } from './join/key-choice.ts';
import type { CorrelationKey, Warning } from './model.ts';

/** How many lines of a side have which id. */
export type IdCounts = { readonly lines: number } & { readonly [key in Key]: number };

export interface PairingState {
  readonly key: CorrelationKey;
  /** Requests that a line of the mirror is about. */
  readonly joined: number;
  /** The median of the pairs' skews; null without pairs. */
  readonly skewMs: number | null;
  /** Asked for only when nothing is joined. */
  readonly ids: () => { readonly production: IdCounts; readonly mirror: IdCounts };
  /** The agent's events that have SPOE lines, and the one that is taken for the one that mirrors. */
  readonly events: readonly string[];
  readonly event: string | undefined;
  /** Different lines without an id that are in several files of a side. */
  readonly inSeveralFiles: { readonly production: number; readonly mirror: number };
  /** More destinations than are told apart. */
  readonly areDestinationsFull: boolean;
  /** Of logs that grow, as long as no request has waited in vain: how long each waits for its answer. What is not paired yet says nothing. */
  readonly pendingMs?: number | undefined;
  /** Of logs that grow: how long a request waited for its answer before it was counted without. */
  readonly graceMs?: number | undefined;
}

const NAMES: { readonly [key in Key]: string } = {
  'unique-id': 'a unique id',
  traceparent: 'a traceparent',
  'pid+sid': 'process and stream',
};
/** Clocks of machines that are kept by NTP differ by less; a slow request explains no median. */
const SKEW_MS = 5_000;
const HOUR_MS = 3_600_000;
/** UTC+14; further apart are other days. */
const FARTHEST_ZONES_MS = 14 * HOUR_MS;
const ZONE_STEP_MS = HOUR_MS / 2;
const ZONE_SLACK_MS = 300_000;
/** Fewer are the same request of a health check, seen by two servers. */
const MANY_SHARED_LINES = 20;

export function pairingWarnings(state: PairingState): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: string, message: string | undefined) => {
    if (message !== undefined) warnings.push({ code, message });
  };
  if (state.joined === 0) warn('nothing-paired', describeNothing(state));
  if (state.skewMs !== null) {
    if (isZone(state.skewMs)) warn('wrong-time-zone', describeZone(state.skewMs));
    else if (Math.abs(state.skewMs) > SKEW_MS) warn('clock-skew', describeSkew(state.skewMs));
  }
  const others = state.events.filter((name) => name !== state.event);
  if (others.length > 0 && state.event !== undefined) {
    warn('several-events', describeEvents(state.event, others));
  }
  for (const side of ['production', 'mirror'] as const) {
    if (state.inSeveralFiles[side] >= MANY_SHARED_LINES) warn('overlapping-files', describeOverlap(side, state));
  }
  if (state.areDestinationsFull)
    warn('destinations-full', 'too many destinations to tell them apart: the rest is (other)');
  return warnings;
}

/** Undefined where a side has no lines: that is said elsewhere. */
function describeNothing({ ids, pendingMs, graceMs }: PairingState): string | undefined {
  const { production, mirror } = ids();
  if (production.lines === 0 || mirror.lines === 0) return undefined;
  const common = KEYS.find((key) => production[key] > 0 && mirror[key] > 0);
  if (common !== undefined) {
    if (pendingMs !== undefined) return undefined;
    const have = `lines of both sides have ${NAMES[common]}, but none`;
    const why = 'they are of other requests, or what stands between gives ids of its own';
    if (graceMs === undefined) return `${have} is on both: ${why}`;
    const grace = `--grace (${durationInWords(graceMs)})`;
    return `${have} came on both within ${grace}: ${why}, or a log comes in batches that take longer: wait longer than those`;
  }
  const [before, after] = [describeIds(production), describeIds(mirror)];
  if (before === undefined && after === undefined) {
    return 'no line of either side has an id: log one, or name its field with --production-id and --mirror-id';
  }
  if (after === undefined) {
    return `production's lines have ${before}, the mirror's have no id: log the header that carries it, or name its field with --mirror-id`;
  }
  if (before === undefined) {
    return `the mirror's lines have ${after}, production's have no id: log it, or name its field with --production-id`;
  }
  return `production's lines have ${before}, the mirror's ${after}: nothing that both have`;
}

/** `a unique id (950 of 1000)`; undefined for none. */
function describeIds(counts: IdCounts): string | undefined {
  const key = KEYS.find((name) => counts[name] > 0);
  return key && `${NAMES[key]} (${counts[key]} of ${counts.lines})`;
}

function isZone(skewMs: number): boolean {
  const zone = Math.round(skewMs / ZONE_STEP_MS) * ZONE_STEP_MS;
  const isZoneApart = Math.abs(zone) >= HOUR_MS && Math.abs(zone) <= FARTHEST_ZONES_MS;
  return isZoneApart && Math.abs(skewMs - zone) <= ZONE_SLACK_MS;
}

function describeZone(skewMs: number): string {
  const hours = Math.round(skewMs / ZONE_STEP_MS) / 2;
  const size = `${Math.abs(hours)} h ${hours > 0 ? 'ahead of' : 'behind'} production's`;
  const east = hours > 0 ? 'west' : 'east';
  return (
    `the mirror's times are ${size}: a time zone is wrong. Times without a zone are read as --tz says: ` +
    `if those are production's, give one ${Math.abs(hours)} h further ${east}, if the mirror's, the other way`
  );
}

function describeSkew(skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / 100) / 10;
  return `the mirror's times are ${seconds} s ${skewMs > 0 ? 'after' : 'before'} production's: its clock is wrong, or it gets requests that late`;
}

function describeEvents(event: string, others: readonly string[]): string {
  const names = [...others].sort().join(', ');
  return `requests are taken to be mirrored by ${event}, of which most pairs have an SPOE line; there are lines of ${names} too: choose with --event`;
}

function describeOverlap(side: 'production' | 'mirror', { inSeveralFiles }: PairingState): string {
  const whose = side === 'production' ? 'production' : 'the mirror';
  return `${inSeveralFiles[side]} lines of ${whose} without an id are in several files and count in each: if the files overlap, leave one out`;
}
