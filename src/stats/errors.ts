/** An invalid expression of --fail-on; `message` is one line and says what is meant. */
export class ThresholdError extends Error {
  override readonly name = 'ThresholdError';
  readonly code = 'bad-threshold';
}
