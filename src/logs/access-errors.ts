/** Codes are stable: callers match them, never the message. */
export type AccessFormatErrorCode =
  /** The text is no format: a bracket is open, a variable does not exist. */
  | 'bad-format'
  /** Two values of the format have no boundary that can be found between them. */
  | 'ambiguous-format'
  /** It logs no status: nothing could be compared. */
  | 'no-status'
  /** It has no field of the name that the id should be read from. */
  | 'no-field';

/** A format given by a person cannot be used. */
export class AccessFormatError extends Error {
  override readonly name = 'AccessFormatError';
  readonly code: AccessFormatErrorCode;
  readonly hint: string;

  constructor(code: AccessFormatErrorCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
