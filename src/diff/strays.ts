/** Lines of the mirror, of the time of production's log, that are of no request that could be compared. */
export interface Strays {
  readonly lines: number;
  readonly errors: number;
}

export const NO_STRAYS: Strays = { lines: 0, errors: 0 };
