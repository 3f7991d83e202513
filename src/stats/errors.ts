/** An expression of --fail-on that is none; `message` is one line and says what is meant. */
export class ThresholdError extends Error {
  override readonly name = 'ThresholdError';
  readonly code = 'bad-threshold';
}
