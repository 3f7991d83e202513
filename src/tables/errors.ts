/** Codes are stable: callers match them, never the message. */
export type TablesErrorCode =
  /** A file begins as one that was loaded, and is another one. */
  | 'another-file'
  /** Lines of a part that was begun are not there any more. */
  | 'part-missing'
  /** More files than can be told apart have been followed. */
  | 'too-many-files'
  /** Parts of a comparison were begun and not finished, or rows of it are not there. */
  | 'run-incomplete'
  /** What is said about a part of a comparison is of no version that is known. */
  | 'bad-run';

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
