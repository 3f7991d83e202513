export type DiffErrorCode =
  | 'bad-route'
  | 'bad-openapi'
  | 'bad-gate'
  | 'bad-error-rule'
  | 'bad-ignore-rule'
  | 'bad-field-rule'
  | 'bad-baseline'
  | 'unknown-destination'
  | 'unknown-event'
  | 'too-many-requests'
  | 'too-many-times'
  | 'not-in-parts'
  | 'bad-points'
  | 'bad-option'
  | 'bad-max-requests'
  | 'same-input'
  | 'exchanged-sides'
  | 'usage';

export class DiffError extends Error {
  override readonly name = 'DiffError';
  readonly code: DiffErrorCode;
  readonly hint: string;

  constructor(code: DiffErrorCode, message: string, hint = '') {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
