/** The loads, and what is required under each. */
import type { Figures } from './measured-run.ts';

interface Limit {
  readonly text: string;
  /** What is wished for besides. */
  readonly aim?: string;
  /** undefined where there is nothing to compare with. */
  readonly keeps: (figures: Figures, peer: Figures | undefined) => boolean | undefined;
}

export interface Scenario {
  readonly name: string;
  /** Requests a second; without it the loop is closed. */
  readonly rate?: number;
  readonly neverAnswer?: boolean;
  readonly limits: readonly Limit[];
}

/** `text` uses the names and units of the columns; `×` is the CPU over that of the C agent. */
const LIMITS = {
  cpuOfPeer: {
    text: '× ≤ 1',
    aim: '0.7',
    keeps: ({ cpuPer10k }: Figures, peer: Figures | undefined) =>
      peer === undefined ? undefined : cpuPer10k <= peer.cpuPer10k,
  },
  ackP99: { text: 'p99 ≤ 5', keeps: ({ p99Ms }: Figures) => p99Ms <= 5 },
  memory: {
    text: 'PSS ≤ 45 or RSS ≤ 110',
    aim: '35',
    keeps: ({ pssMegabytes, rssMegabytes }: Figures) => pssMegabytes <= 45 || rssMegabytes <= 110,
  },
  rss200: { text: 'RSS ≤ 200', keeps: ({ rssMegabytes }: Figures) => rssMegabytes <= 200 },
  rss250: { text: 'RSS ≤ 250', keeps: ({ rssMegabytes }: Figures) => rssMegabytes <= 250 },
  rate: {
    text: '≥ 20000/s',
    aim: '35000',
    keeps: ({ mirroredPerSecond = 0 }: Figures) => mirroredPerSecond >= 20_000,
  },
  accounted: { text: 'missing 0', keeps: ({ missing, lost }: Figures) => missing === 0 && lost === 0 },
  all: {
    text: 'all mirrored',
    keeps: ({ missing, lost, dropped, failed }: Figures) =>
      [missing, lost, dropped, failed].every((count) => count === 0),
  },
};

const PACED_LIMITS = new Map<number, readonly Limit[]>([
  [1000, [LIMITS.cpuOfPeer, LIMITS.memory, LIMITS.all]],
  [2000, [LIMITS.cpuOfPeer, LIMITS.all]],
  [4000, [LIMITS.all]],
  [8000, [LIMITS.ackP99, LIMITS.all, LIMITS.rss200]],
]);
export const PACED_RATES: readonly number[] = [...PACED_LIMITS.keys()];

export function paced(perSecond: number): Scenario {
  return { name: `${perSecond}/s`, rate: perSecond, limits: PACED_LIMITS.get(perSecond) ?? [LIMITS.all] };
}

export function closedLoop({ connections, depth }: { readonly connections: number; readonly depth: number }): Scenario {
  return { name: `closed loop ${connections}×${depth}`, limits: [LIMITS.rate, LIMITS.accounted, LIMITS.rss250] };
}

export const NEVER_ANSWERS: Scenario = {
  name: 'mirror never answers, 1000/s',
  rate: 1000,
  neverAnswer: true,
  limits: [LIMITS.ackP99, LIMITS.accounted, LIMITS.rss200],
};

/** 'yes', or the limits that are not kept; empty when there is nothing to hold against. */
export function describeKept(limits: readonly Limit[], figures: Figures, peer: Figures | undefined): string {
  const results = limits.map(({ text, keeps }) => ({ text, kept: keeps(figures, peer) }));
  const those = (wanted: boolean | undefined) => results.filter(({ kept }) => kept === wanted).map(({ text }) => text);
  if (figures.died) return 'no: died';
  if (those(false).length > 0) return `no: ${those(false).join(', ')}`;
  if (those(undefined).length > 0) return `not compared: ${those(undefined).join(', ')}`;
  return results.length > 0 ? 'yes' : '';
}

export function describeLimits(limits: readonly Limit[]): string {
  return limits.map(({ text, aim }) => (aim === undefined ? text : `${text} (aim ${aim})`)).join(', ');
}
