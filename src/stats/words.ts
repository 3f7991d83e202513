/** Numbers in the sentences of verdict, causes and notices. */

/** A ratio: two significant digits below 10 %, whole percents above; 0 % and 100 % are exact. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  if (value > 99 && value < 100) return `${Math.floor(value * 10) / 10} %`;
  return `${value >= 10 ? value.toFixed(0) : Number(value.toPrecision(2))} %`;
}

/** `1 event`, `20 events`. */
export function events(count: number): string {
  return `${count} event${count === 1 ? '' : 's'}`;
}

/** `1 request`, `20 requests`. */
export function requests(count: number): string {
  return `${count} request${count === 1 ? '' : 's'}`;
}

/** Epoch ms → `2026-11-22 07:02:28Z`. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
