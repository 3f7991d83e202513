/** Numbers in the sentences of a verdict. */

export function percent(ratio: number): string {
  return `${Number((100 * ratio).toPrecision(3))} %`;
}

export function points(ratio: number): string {
  return `${Number((100 * ratio).toPrecision(3))} pp`;
}

export function significant(name: 'p' | 'q', value: number): string {
  return value < 0.001 ? `${name} < 0.001` : `${name} = ${value.toFixed(3)}`;
}

/** `5 ms`, `0.42 ms`. */
export function milliseconds(ms: number): string {
  return `${ms >= 100 ? Math.round(ms) : Number(ms.toPrecision(3))} ms`;
}
