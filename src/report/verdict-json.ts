/** The verdict of `serve`, for machines (spoe-logs/verdict/1) and in a few lines of text. */
import type { DestinationSummary, DiffReport, GateResult } from '../diff/model.ts';
import type { StandingVerdict } from '../diff/standing-verdict.ts';
import { escapeJson } from '../text/json.ts';
import { formatExact } from '../text/numbers.ts';
import { escapeTerminal } from '../text/terminal.ts';
import { comparedParts } from './diff/overview.ts';
import { VERDICT_WORDS } from './diff/reading.ts';

const VERDICT_SCHEMA = 'spoe-logs/verdict/1';

/** What is told besides the verdict itself. */
export interface ServedVerdict {
  readonly standing: StandingVerdict;
  /** Undefined as long as there is none. */
  readonly report: DiffReport | undefined;
  readonly version: string;
  /** Epoch ms. */
  readonly nowMs: number;
  /** Requests from then on are counted: epoch ms; null for all. */
  readonly sinceMs: number | null;
  readonly maxAgeMs: number;
  /** Ms since the last SPOE event and the last request of the record; null for none yet, absent where it is not read. */
  readonly eventMs?: number | null | undefined;
  readonly recordMs?: number | null | undefined;
}

/** Two spaces of indent, a final newline; characters that a terminal would act on are \u escapes. */
export function renderVerdictJson(served: ServedVerdict): string {
  const { standing, report, version, nowMs, sinceMs, maxAgeMs, eventMs, recordMs } = served;
  const { status, reasons, gates, pairs, ages, failedMs } = standing;
  const value = {
    schema: VERDICT_SCHEMA,
    tool: { name: 'spoe-logs', version },
    checkedAt: iso(nowMs),
    verdict: status,
    promote: status === 'pass',
    rollback: status === 'fail',
    reasons,
    pairs,
    ages: {
      pairSeconds: seconds(ages.pair),
      productionSeconds: seconds(ages.production),
      mirrorSeconds: seconds(ages.mirror),
      ...(eventMs !== undefined && { eventSeconds: seconds(eventMs) }),
      ...(recordMs !== undefined && { recordSeconds: seconds(recordMs) }),
    },
    maxAgeSeconds: maxAgeMs / 1000,
    countedSince: iso(sinceMs),
    window: report?.window ?? { from: null, to: null },
    failedAt: iso(failedMs),
    gates: gates.map(gateOf),
    ...(report?.destinations && { destinations: report.destinations.map(destinationOf) }),
  };
  return `${escapeJson(JSON.stringify(value, null, 2))}\n`;
}

/**
 * `PASS`, and why, a line each: what a person sees whose pipeline waits.
 * @param report undefined as long as there is none
 */
export function renderVerdictText({ status, reasons, pairs }: StandingVerdict, report: DiffReport | undefined): string {
  const { counted, missing } = pairs;
  // Where answers were compared the first reason says how far.
  const limits =
    status === 'pass' && report !== undefined && report.responses === undefined ? [comparedParts(report)] : [];
  const more =
    missing === null || missing === 0 ? '' : `, ${formatExact(missing)} more are needed if things go on like this`;
  const lines = [
    `${VERDICT_WORDS[status]}: ${formatExact(counted)} pairs so far${more}`,
    ...[...reasons.slice(0, 1), ...limits, ...reasons.slice(1)].map((reason) => `- ${reason}`),
  ];
  return lines.map((line) => `${escapeTerminal(line)}\n`).join('');
}

function gateOf({ gate, place, expression, status, observed, limit, route, reason, title, warnOnly }: GateResult) {
  return {
    gate,
    ...(place !== undefined && { place }),
    expression,
    status,
    observed: observed ?? null,
    ...(limit !== undefined && { limit }),
    ...(route !== undefined && { route }),
    ...(reason !== undefined && { reason }),
    ...(title !== undefined && { title }),
    ...(warnOnly === true && { warnOnly }),
  };
}

function destinationOf({ destination, isBaseline, verdict, paired }: DestinationSummary) {
  return { destination, isBaseline, verdict: verdict.status, pairs: paired };
}

function iso(ms: number | null): string | null {
  return ms === null || !Number.isFinite(ms) ? null : new Date(ms).toISOString();
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms / 100) / 10;
}
