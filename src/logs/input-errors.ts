/** The code of an InputError, which is stable: callers match it, never the message. */
export type InputErrorCode =
  | 'not-found'
  | 'not-readable'
  | 'is-directory'
  | 'utf-16'
  | 'no-newlines'
  | 'binary'
  | 'not-followable'
  | 'compressed'
  | 'gzip-truncated'
  | 'gzip-damaged';

/** An input that could not be read, or not to its end. What was read before it counts. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly code: InputErrorCode;
  readonly hint: string;

  constructor(code: InputErrorCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** An input that could not be read, or not to its end. Plain data: threads send it to each other. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** An InputError as plain data. @throws any other error, as it is */
export function toProblem(error: unknown): Problem {
  if (!(error instanceof InputError)) throw error;
  const { code, message, hint } = error;
  return { code, message, hint };
}

/** True for what a call to the operating system throws. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** Turns an error of the file system into one an operator understands. */
export function fromSystemError(error: unknown, name: string): InputError {
  const code = (error as { code?: string }).code;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new InputError('not-found', `no such file: ${name}`, 'check the path');
    case 'EISDIR':
      return new InputError('is-directory', `${name} is a directory`, 'name the log files in it');
    case 'EACCES':
    case 'EPERM':
      return new InputError(
        'not-readable',
        `no permission to read ${name}`,
        'run as a user who may read the log (group adm?)',
      );
    default:
      return new InputError(
        'not-readable',
        `cannot read ${name}: ${code ?? (error as Error).message}`,
        'check the file system',
      );
  }
}
