/** What the join of logs that grow knows besides its tally, and the report on both. */

import type { CorrelationKey, DiffReport, Warning } from '../../model.ts';
import type { PairingState } from '../../pairing-warnings.ts';
import { makeReport, type ReportOptions } from '../../report.ts';
import { NO_STRAYS } from '../../strays.ts';
import type { AnswerFacts } from '../joined-request.ts';
import type { Evictions } from './join.ts';
import type { LiveRouteTally } from './live-route-tally.ts';
import type { LiveTally } from './live-tally.ts';
import type { SpoeWindow } from './spoe-window.ts';

/** What of each kind is held in memory. */
export interface Waiting {
  /** Requests without an answer, and lines of the mirror's ids without a request: not in any bucket yet. */
  readonly production: number;
  readonly mirror: number;
  /** They have met, and wait for a retry. */
  readonly pairs: number;
  /** Lines of which it is not known yet what the sides have in common. */
  readonly unjoined: number;
}

export interface LiveState {
  readonly counted: LiveTally;
  /** Empty where the mirror's lines name none. */
  readonly destination: string;
  /** What waits may be for another destination. */
  readonly hasOthers: boolean;
  readonly spoe: SpoeWindow;
  readonly key: CorrelationKey;
  readonly waiting: Waiting;
  readonly evicted: Evictions;
  /** Hashes that were dropped early. */
  readonly forgotten: number;
  readonly graceMs: number;
  /** How many lines of each side have which id. */
  readonly ids: ReturnType<PairingState['ids']>;
  /** Requests that were counted before the first line of this destination came. */
  readonly countedBefore: number;
  readonly areDestinationsFull: boolean;
  /** Nothing more comes. */
  readonly isEnded: boolean;
  /** Undefined without answers. */
  readonly answers: Omit<AnswerFacts, 'otherKey'> | undefined;
}

export function makeLiveReport(state: LiveState, options: ReportOptions): DiffReport {
  const { tally, routes, strays } = state.counted;
  const { key, destination, spoe, areDestinationsFull } = state;
  const isUnmatched = key === 'none';
  const rankOf = ({ unpaired, pairs }: LiveRouteTally) => (isUnmatched ? unpaired.productionN : pairs.comparable);
  const facts = {
    key,
    // Lines are forgotten once they are counted: another key is not tried.
    betterKey: undefined,
    destination,
    spoe,
    routes: routes.summarize(options.settings.maxRoutes, rankOf),
    strays: isUnmatched ? NO_STRAYS : strays.counts,
    warnings: liveWarnings(state),
    ids: () => state.ids,
    event: spoe.event,
    // Files that are followed are read as they grow: what they share is not looked for.
    inSeveralFiles: { production: 0, mirror: 0 },
    areDestinationsFull,
    pendingMs: isPending(state) ? state.graceMs : undefined,
    graceMs: state.graceMs,
    answers: state.answers && { ...state.answers, otherKey: tally.answers.otherKey },
  };
  return makeReport(tally, facts, options);
}

/** No request has waited in vain: either the first ones still wait, or some have met and wait for a retry. */
function isPending({ counted: { tally }, waiting, hasOthers, isEnded }: LiveState): boolean {
  return !isEnded && tally.paired === 0 && (tally.requests === 0 || (!hasOthers && waiting.pairs > 0));
}

function liveWarnings({
  key,
  counted,
  spoe,
  waiting,
  evicted,
  forgotten,
  graceMs,
  countedBefore,
}: LiveState): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: string, message: string) => warnings.push({ code, message });
  const grace = `--grace ${graceMs / 1000}s`;
  const { production, mirror, unjoined } = waiting;
  if (production + mirror + unjoined > 0) {
    const yet = unjoined > 0 ? `, ${unjoined} lines for the first id that both sides have` : '';
    warn('waiting', `not counted yet: ${production} requests and ${mirror} answers wait for the other side${yet}`);
  }
  if (evicted.production + evicted.mirror + evicted.pairs + spoe.evicted + forgotten > 0) {
    warn(
      'evicted',
      `more lines than can wait came within ${grace}: given up early were ${evicted.production} requests and ` +
        `${evicted.mirror} lines of the mirror (they may be counted as missing and unknown though both came), ` +
        `${evicted.pairs} pairs (a retry may have come later), ${spoe.evicted} SPOE lines, and ${forgotten} lines ` +
        'of which a copy would no longer be noticed',
    );
  }
  if (counted.outlasted > 0 && key !== 'none') {
    const requests = `${counted.outlasted} unanswered requests took longer than ${grace}`;
    warn('longer-than-grace', `${requests}: what the mirror answered may be counted as unknown; wait longer`);
  }
  if (countedBefore > 0) {
    warn('late-destination', `${countedBefore} requests were counted before the first line of this destination came`);
  }
  const { overflow } = counted.routes;
  if (overflow > 0) warn('routes-full', `too many routes to tell them apart: ${overflow} requests are in (other)`);
  return warnings;
}
