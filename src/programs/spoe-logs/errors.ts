/** How the command line ends, and how it says that something is wrong. */

export const Exit = {
  ok: 0,
  /** A threshold or gate was crossed. */
  crossed: 1,
  /** Usage, I/O, unreadable input, or an input without an SPOE line. */
  unusable: 2,
  /** diff: there is not enough to say. */
  inconclusive: 3,
  interrupted: 130,
} as const;
export type Exit = (typeof Exit)[keyof typeof Exit];

/** Something the user has to change. `code` is stable. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
