/** What went wrong between this program and a HAProxy that it operates. Callers match the code, never the message. */
export type OperateErrorCode =
  | 'bad-address'
  | 'bad-map'
  | 'no-socket'
  | 'not-an-agent'
  | 'no-tls'
  | 'no-permission'
  | 'not-listening'
  | 'unreachable'
  | 'no-answer'
  | 'answer-too-long'
  | 'not-runtime-api'
  | 'command-refused'
  | 'no-map'
  | 'no-key'
  | 'not-switched'
  | 'cannot-switch'
  | 'cannot-save'
  | 'cannot-read'
  | 'cannot-listen'
  | 'bad-credentials'
  | 'version-conflict'
  | 'no-filter'
  | 'filter-exists'
  | 'not-data-plane-api'
  | 'api-refused';

export class OperateError extends Error {
  override readonly name = 'OperateError';
  readonly code: OperateErrorCode;
  /** What to do about it. */
  readonly hint: string;

  constructor(code: OperateErrorCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
