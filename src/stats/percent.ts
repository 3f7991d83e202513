/** A ratio in the sentences of verdict and causes: two significant digits below 10 %, whole percents above. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  return `${value >= 10 ? value.toFixed(0) : Number(value.toPrecision(2))} %`;
}
