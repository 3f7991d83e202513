/**
 * One number, two tables: what `st=` of a SPOE log line means.
 *
 * HAProxy logs the engine table (an agent that disconnects with SPOP code 8 is logged as st=264), while the vendor's
 * traffic-mirroring page lists the SPOP table for the same field. Measured on HAProxy 2.6.12, 3.0.11 and 3.2.26.
 */
import { ENGINE_CODES, SPOP_OFFSET } from './engine-codes.ts';
import type { CodeEntry } from './spop-codes.ts';
import { SPOP_CODES } from './spop-codes.ts';

export type StatusOrigin = 'none' | 'engine' | 'spop' | 'unknown';

export interface StatusDescription {
  readonly st: number;
  /** Which table the primary meaning comes from; `none` for st=0. */
  readonly origin: StatusOrigin;
  /** Stable, kebab-case, low-cardinality: every agent-defined code is `agent-defined`. */
  readonly name: string;
  readonly meaning: string;
  /** What the documented SPOP table says for the same number; only for st 0–5, where the two tables overlap. */
  readonly documented?: string;
  /** What an operator checks next, one sentence; absent for st=0. */
  readonly next?: string;
}

/** `st` is printed from an unsigned 32-bit integer. */
const MAX_ST = 2 ** 32 - 1;
/** Up to this code both tables give the number a meaning of their own. */
const LAST_OVERLAP = 5;

const AGENT_DEFINED_NEXT = "Look the code up in the agent's own documentation or log: SPOP does not define it.";
const UNKNOWN_NEXT = 'Check the HAProxy version and the log line: no table lists this code.';

/** Describes any `st`: never throws; a number outside both tables (or outside u32) has origin `unknown`. */
export function describeStatus(st: number): StatusDescription {
  if (Number.isInteger(st) && st >= 0 && st <= MAX_ST) {
    const engine = ENGINE_CODES.get(st);
    if (engine !== undefined) {
      const documented = st <= LAST_OVERLAP ? documentedMeaning(st) : undefined;
      return description(st, st === 0 ? 'none' : 'engine', engine, documented);
    }
    if (st >= SPOP_OFFSET) return description(st, 'spop', spopEntry(st - SPOP_OFFSET));
    const bare = SPOP_CODES.get(st);
    if (bare !== undefined) return description(st, 'spop', bare);
  }
  return { st, origin: 'unknown', name: 'unknown', meaning: 'unknown code', next: UNKNOWN_NEXT };
}

/** What the documented SPOP table says for the bare number, or undefined when it does not list it. */
export function documentedMeaning(st: number): string | undefined {
  return st === 0 ? 'normal' : SPOP_CODES.get(st)?.meaning;
}

function spopEntry(code: number): CodeEntry {
  return (
    SPOP_CODES.get(code) ?? {
      name: 'agent-defined',
      meaning: `agent-defined code ${code}`,
      next: AGENT_DEFINED_NEXT,
    }
  );
}

function description(st: number, origin: StatusOrigin, entry: CodeEntry, documented?: string): StatusDescription {
  return {
    st,
    origin,
    name: entry.name,
    meaning: entry.meaning,
    ...(documented === undefined ? {} : { documented }),
    ...(entry.next === undefined ? {} : { next: entry.next }),
  };
}
