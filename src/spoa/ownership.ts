/** The user and group a file belongs to. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** Runs a step in which no file is made with more rights than these, not even for a moment. */
export function makingAtMost<Result>(mode: number | undefined, step: () => Result): Result {
  if (mode === undefined) return step();
  const mask = process.umask(0o777 & ~mode);
  try {
    return step();
  } finally {
    process.umask(mask);
  }
}
