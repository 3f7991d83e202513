/** Lengths of time as texts. */

export const PER_MS: Readonly<Record<string, number>> = {
  ns: 1e6,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1,
  s: 1e-3,
  m: 1 / 60e3,
  h: 1 / 3600e3,
};

/** 0.0070000000000000001 s is 7 ms. */
export function roundMicros(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** `0.005, 0.010 : -`: what all of nginx's upstreams together took, in ms; NaN for none. */
export function sumOfSeconds(text: string): number {
  let sum = Number.NaN;
  for (const part of text.split(/[ ,:]+/)) {
    const ms = /^\d{1,12}(?:\.\d{1,9})?$/.test(part) ? Number(part) * 1000 : Number.NaN;
    if (!Number.isNaN(ms)) sum = Number.isNaN(sum) ? ms : sum + ms;
  }
  return roundMicros(sum);
}

const PART = /(\d{1,12}(?:\.\d{1,12})?) ?(ns|[u\u00b5\u03bc]s|ms|s|m|h)(?![a-z])/y;
const WORDS: readonly (readonly [pattern: RegExp, unit: string])[] = [
  [/ ?(?:milliseconds?|millis|msecs?|msec)$/i, 'ms'],
  [/ ?(?:microseconds?|micros|usecs?)$/i, 'us'],
  [/ ?(?:nanoseconds?|nanos)$/i, 'ns'],
  [/ ?(?:seconds?|secs?)$/i, 's'],
];

/** `20.4ms`, `1m2.5s` (Go), `20 milliseconds`, `00:00:00.0200000` (.NET, Python), `PT0.02S` (Java) → ms; else NaN. */
export function parseDuration(text: string): number {
  const clock = /^(?:(\d{1,6})\.)?(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)$/.exec(text);
  if (clock !== null) {
    const [, days = '0', hours, minutes, seconds] = clock.map((part) => part ?? '0');
    return roundMicros(((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60e3 + Number(seconds) * 1000);
  }
  const isIso = /^PT[\d.HMS]+$/.test(text);
  const written = isIso ? text.slice(2).toLowerCase() : text;
  const [pattern, unit] = WORDS.find(([word]) => word.test(written)) ?? [/$/, ''];
  const parts = written.replace(pattern, unit);
  let ms = 0;
  PART.lastIndex = 0;
  for (;;) {
    const at = PART.lastIndex;
    const match = PART.exec(parts);
    if (match === null) return at === parts.length && at > 0 ? roundMicros(ms) : Number.NaN;
    ms += Number(match[1]) / (PER_MS[match[2] as string] as number);
    if (PART.lastIndex === parts.length) return roundMicros(ms);
  }
}
