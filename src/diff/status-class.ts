/** Statuses in classes that a caller could tell apart, the better first: a rank that rises is a change for the worse. */

const SUCCESS = 0;
const NO_CONTENT = 1;
/** From this rank on a caller did not get what it asked for. */
export const REDIRECT = 2;
const CLIENT_ERROR = 3;
const SERVER_ERROR = 4;
const NOT_MODIFIED = 304;

/** Undefined without a status. @param isBodiless nobody asked for a body: that there is none is no worse */
export function rankOf(status: number, isBodiless = false): number | undefined {
  if (!(status >= 100)) return undefined;
  // RFC 9110 sections 15.3.5 and 15.3.6: neither has a body, so that who asked for one got nothing.
  if (status === 204 || status === 205) return isBodiless ? SUCCESS : NO_CONTENT;
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
  return rank !== undefined && rank <= REDIRECT;
}
