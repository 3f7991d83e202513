/** The exit codes of the command line, and its error. */

export const Exit = {
  ok: 0,
  /** The exit code when a threshold or gate was crossed. */
  crossed: 1,
  /** The exit code for usage, I/O, unreadable input, or an input without an SPOE line. */
  unusable: 2,
  /** The exit code of diff when there are too few requests to judge. */
  inconclusive: 3,
  interrupted: 130,
} as const;
export type Exit = (typeof Exit)[keyof typeof Exit];

/** The error of something the user has to change. `code` is stable. */
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
