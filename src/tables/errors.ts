/** Codes are stable: callers match them, never the message. */
export type TablesErrorCode =
  /** A file begins as one that was loaded, and is another one. */
  | 'another-file'
  /** Lines of a part that was begun are not there any more. */
  | 'part-missing';

export class TablesError extends Error {
  override readonly name = 'TablesError';
  readonly code: TablesErrorCode;
  readonly hint: string;

  constructor(code: TablesErrorCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
