/** Words at the side of a chart, the same whether the renderer writes them or a zoom of the page. */
import { formatCount, formatRate } from '../../text/numbers.ts';

/** What a linear axis counts. */
export type AxisUnit = 'rate' | 'ms' | 'count';

export function axisLabel(value: number, unit: string): string {
  if (unit === 'ms') return msLabel(value);
  return unit === 'rate' ? formatRate(value) : formatCount(Number(value.toPrecision(3)));
}

/** `0.5 ms`, `25 ms`, `12 s`. */
export function msLabel(ms: number): string {
  return ms >= 10_000 ? `${Number((ms / 1000).toPrecision(3))} s` : `${Number(ms.toPrecision(3))} ms`;
}

const ROUND = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10] as const;

/** The next round number, whose half is round too. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return (ROUND.find((times) => times * unit >= value * (1 - 1e-9)) ?? 10) * unit;
}
