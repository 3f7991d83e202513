/**
 * The most characters (bytes where it says so) of texts of HAProxy and its clients in the record, the log and spans. A request of
 * twenty bytes must not become a line of fifteen thousand, nor a long one a line without end. All are far beyond what is
 * used: HAProxy's engine ids have 36 characters, its unique ids at most 127. The mirror itself gets everything whole.
 */
export const TEXT_BOUNDS = {
  message: 256,
  engineId: 128,
  /** Bytes. */
  uniqueId: 1024,
  method: 128,
  path: 8192,
  argumentName: 256,
  /** Bytes. */
  argumentValue: 1024,
  /** The length of names and values of all arguments that are only for the record. */
  allArguments: 8192,
} as const;
