/** The loads, and what is required under each. */

/** `text` uses the names and units of the columns; `×` is the CPU over that of the C agent. */
const LIMITS = {
  cpuOfPeer: {
    text: '× ≤ 1',
    aim: '0.6',
    keeps: ({ cpuPer10k }, peer) => (peer === undefined ? undefined : cpuPer10k <= peer.cpuPer10k),
  },
  ackP99: { text: 'p99 ≤ 5', keeps: ({ p99Ms }) => p99Ms <= 5 },
  rss200: { text: 'RSS ≤ 200', keeps: ({ rssMegabytes }) => rssMegabytes <= 200 },
  rss250: { text: 'RSS ≤ 250', keeps: ({ rssMegabytes }) => rssMegabytes <= 250 },
  rate: {
    text: '≥ 20000/s',
    aim: '35000',
    keeps: ({ mirroredPerSecond }) => mirroredPerSecond >= 20_000,
  },
  accounted: { text: 'missing 0', keeps: ({ missing, lost }) => missing === 0 && lost === 0 },
  all: {
    text: 'all mirrored',
    keeps: ({ missing, lost, dropped, failed }) => [missing, lost, dropped, failed].every((count) => count === 0),
  },
};

const PACED_LIMITS = {
  1000: [LIMITS.all],
  2000: [LIMITS.cpuOfPeer, LIMITS.all],
  4000: [LIMITS.all],
  8000: [LIMITS.ackP99, LIMITS.all, LIMITS.rss200],
};
export const PACED_RATES = Object.keys(PACED_LIMITS).map(Number);

export function paced(perSecond) {
  return { name: `${perSecond}/s`, rate: perSecond, limits: PACED_LIMITS[perSecond] ?? [LIMITS.all] };
}

export function closedLoop({ connections, depth }) {
  return { name: `closed loop ${connections}×${depth}`, limits: [LIMITS.rate, LIMITS.accounted, LIMITS.rss250] };
}

export const NEVER_ANSWERS = {
  name: 'mirror never answers, 1000/s',
  rate: 1000,
  neverAnswer: true,
  limits: [LIMITS.ackP99, LIMITS.accounted, LIMITS.rss200],
};

/** 'yes', or the limits that are not kept; empty when there is nothing to hold against. */
export function describeKept(limits, figures, peer) {
  const results = limits.map(({ text, keeps }) => ({ text, kept: keeps(figures, peer) }));
  const those = (wanted) => results.filter(({ kept }) => kept === wanted).map(({ text }) => text);
  if (figures.died) return 'no: died';
  if (those(false).length > 0) return `no: ${those(false).join(', ')}`;
  if (those(undefined).length > 0) return `not compared: ${those(undefined).join(', ')}`;
  return results.length > 0 ? 'yes' : '';
}

export function describeLimits(limits) {
  return limits.map(({ text, aim }) => (aim === undefined ? text : `${text} (aim ${aim})`)).join(', ');
}
