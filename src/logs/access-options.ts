/** Options for the lines of one side, where the lines do not say it themselves. */
export const LATENCY_UNITS = ['ns', 'us', 'ms', 's'] as const;
export type LatencyUnit = (typeof LATENCY_UNITS)[number];

export interface AccessReadOptions {
  /**
   * The field that holds the id, as its log names it: `req.id`, `request_X-Unique-Id` (JSON), `%[var(txn.rid)]` or
   * `txn.rid`, `capture.req.hdr(1)` (HAProxy), `$http_x_rid` or `http_x_rid` (nginx), `%{X-Rid}i` or `X-Rid` (Apache).
   */
  readonly idField?: string;
  /** The unit of times whose unit the log does not say (AccessFormat.unknownTime). */
  readonly latencyUnit?: LatencyUnit;
}
