/** A rule for answers that cannot be read. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  /** Stable: `rounding-form`, `rounding-path`, `rounding-decimals`. */
  readonly code: string;

  /** @param message one sentence for who wrote the rule */
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
