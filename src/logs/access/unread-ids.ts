/** Where ids may stand that nobody told us to read. */

/** A field that is not read and has another value on each line. */
export interface UnreadId {
  /** As AccessReadOptions.idField takes it. */
  readonly field: string;
  /** Of the first lines, at most 200: whether they are ids of the other side, the other side knows. */
  readonly values: readonly string[];
}
