/** Codes are stable: callers match them, never the message. */
export type OtelErrorCode =
  | 'bad-endpoint'
  | 'bad-protocol'
  | 'bad-compression'
  | 'bad-header'
  | 'bad-timeout'
  | 'bad-environment'
  | 'cannot-read-certificate'
  | 'sdk-disabled'
  | 'cannot-write-otlp'
  | 'collector-refused'
  | 'collector-unreachable'
  | 'collector-unavailable'
  | 'collector-tls';

/** An error that keeps spans and metrics from being sent at all. `message` is one line. */
export class OtelError extends Error {
  override readonly name = 'OtelError';
  readonly code: OtelErrorCode;
  readonly hint: string;

  constructor(code: OtelErrorCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
