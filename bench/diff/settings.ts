/** What a data set is made from; its truth repeats it. */
import { MIRROR_FORMATS, type MirrorFormat } from './mirror-lines.ts';

const SPOE_PLACES = ['inline', 'separate', 'none'] as const;

export interface DataSettings {
  readonly seed: number;
  readonly requests: number;
  /** What real logs hold besides ordinary requests. */
  readonly traps: boolean;
  /** The format of the mirror's side. */
  readonly mirror: MirrorFormat;
  /** A route that the mirror answers with 500, for this part of its requests. */
  readonly broken: string | undefined;
  readonly brokenRate: number;
  /** Where SPOE lines are: in production's log, in a file of their own, nowhere. */
  readonly spoe: (typeof SPOE_PLACES)[number];
  /** How much slower the mirror is. */
  readonly latencyRatio: number;
  /** How far the mirror's clock is ahead, and how much it gains. */
  readonly skewMs: number;
  readonly driftPpm: number;
  /** Requests a second of log time. */
  readonly rate: number;
}

export const DEFAULTS: DataSettings = {
  seed: 1,
  requests: 10_000,
  traps: false,
  mirror: 'agent-jsonl',
  broken: undefined,
  brokenRate: 0.3,
  spoe: 'inline',
  latencyRatio: 1.2,
  skewMs: 2500,
  driftPpm: 400,
  rate: 2000,
};

/** With the defaults for what is not given. Throws for a number that is none. */
export function settle(given: Partial<DataSettings>): DataSettings {
  const settings = { ...DEFAULTS, ...given };
  const { seed, requests, brokenRate, latencyRatio, skewMs, driftPpm, rate } = settings;
  for (const [name, number] of Object.entries({ seed, requests, brokenRate, latencyRatio, skewMs, driftPpm, rate }))
    if (!Number.isFinite(number)) throw new Error(`${name} is no number: ${number}`);
  return settings;
}

export function readMirrorFormat(text: string): MirrorFormat {
  return oneOf(MIRROR_FORMATS, text, 'format');
}

export function readSpoePlace(text: string): DataSettings['spoe'] {
  return oneOf(SPOE_PLACES, text, 'place');
}

function oneOf<T extends string>(known: readonly T[], text: string, what: string): T {
  const found = known.find((name) => name === text);
  if (found === undefined) throw new Error(`no ${what} ${text}: ${known.join(', ')}`);
  return found;
}
