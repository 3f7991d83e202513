/** Statuses in classes that a caller could tell apart, the better first: a rank that rises is a change for the worse. */

const SUCCESS = 0;
const REDIRECT = 1;
const CLIENT_ERROR = 2;
const SERVER_ERROR = 3;
const NOT_MODIFIED = 304;

/** Undefined without a status. */
export function rankOf(status: number): number | undefined {
  if (!(status >= 100)) return undefined;
  if (status < 300 || status === NOT_MODIFIED) return SUCCESS;
  if (status < 400) return REDIRECT;
  return status < 500 ? CLIENT_ERROR : SERVER_ERROR;
}

/** Who asks has to say who it is, may not, or has to tell the proxy. */
export function deniesAccess(status: number): boolean {
  return status === 401 || status === 403 || status === 407;
}

export function grantsAccess(status: number): boolean {
  const rank = rankOf(status);
  return rank === SUCCESS || rank === REDIRECT;
}
