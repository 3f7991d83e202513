/** Codes are stable: callers match them, never the message. */
export type EngineErrorCode =
  /** What --to or --from names is no engine. */
  | 'bad-engine'
  /** A file of credentials or certificates. */
  | 'cannot-read-credentials'
  /** Nobody answers, or only that it cannot now, until the time for retries was over. */
  | 'engine-unavailable'
  /** There is no such host. */
  | 'engine-unreachable'
  | 'engine-tls'
  /** The user, its password, or what it may do. */
  | 'engine-denied'
  /** A table, view or database that is not there. */
  | 'no-schema'
  /** The statement is answered with an error that does not go away. */
  | 'engine-refused'
  /** The answer stops in the middle, or is none of the engine. */
  | 'engine-answer'
  /** Neither the package of the engine nor its program is there. */
  | 'engine-missing'
  | 'cannot-write-parquet';

/** An error of an engine. `message` is one line, bounded, still to be escaped for a terminal, and names no secret. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;
  readonly hint: string | undefined;

  constructor(code: EngineErrorCode, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

const SHOWN_CHARACTERS = 300;

/** An engine's own words, on one line and bounded. Still to be escaped for a terminal. */
export function shortenWords(words: string): string {
  const line = words.trim().replace(/\s+/g, ' ');
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}
