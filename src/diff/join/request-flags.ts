/** What a line of production says about its request besides its status: by whom it was answered, and whether at all. */
import type { AccessRecord } from '../../logs/access-record.ts';

/** Bits of a number, the `flags` of a request. */
export const RequestFlag = {
  malformed: 1,
  /** The client went away before there was a response. */
  clientAbort: 2,
  /** HAProxy answered itself. */
  answeredByProxy: 4,
  /** The termination state says that the server failed. */
  serverFailed: 8,
} as const;

/** What could not have been mirrored, or not with the same outcome. */
export const NOT_COMPARABLE = RequestFlag.malformed | RequestFlag.clientAbort | RequestFlag.answeredByProxy;

/** Bits of `RequestFlag`. */
export function flagsOf(record: AccessRecord): number {
  const cause = record.termination.charAt(0);
  const byServer = cause === 'S' || cause === 's';
  const byClient = cause === 'C' || cause === 'c';
  const byProxy = record.noServer || isOwnAnswer(record.termination);
  return (
    (record.malformed ? RequestFlag.malformed : 0) |
    // Where a format has no Tr (it is NaN then), nobody can tell that there was no response.
    (byClient && record.firstByteMs === -1 ? RequestFlag.clientAbort : 0) |
    (byProxy && !byServer ? RequestFlag.answeredByProxy : 0) |
    (byServer ? RequestFlag.serverFailed : 0)
  );
}

/**
 * HAProxy's configuration.txt, "Session state at disconnection". L: it answered itself, a redirect or a page of its own, also
 * in place of the server's answer (LH). P, R, I and K (refused, out of a resource, an internal error, killed) say so only
 * before a server was asked: while the request was read (R), queued (Q), held back (T) or connected (C).
 */
function isOwnAnswer(termination: string): boolean {
  return /^(?:L|[PRIK][RQTC])/.test(termination);
}
