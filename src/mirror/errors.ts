/** An option of the mirror that cannot be used as it is. `message` is one line for whoever wrote the option. */
export class MirrorError extends Error {
  override readonly name = 'MirrorError';
  readonly code: 'invalid-option';

  constructor(message: string) {
    super(message);
    this.code = 'invalid-option';
  }
}
