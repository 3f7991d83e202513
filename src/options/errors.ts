/** A value that an option cannot take. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  /** Stable; undefined where the option's name is all there is to say: `bad-NAME` then. */
  readonly code: string | undefined;
  /** What to write instead. */
  readonly hint: string | undefined;
  /** The part that is wrong, where it is not all of the value. */
  readonly part: string | undefined;

  /** @param message a sentence as the C agent has it; the front ends add which option it is about */
  constructor(message: string, about: { readonly code?: string; readonly hint?: string; readonly part?: string } = {}) {
    super(message);
    this.code = about.code;
    this.hint = about.hint;
    this.part = about.part;
  }
}
