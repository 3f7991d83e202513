/**
 * Keeps web pages out: a name an attacker owns can be made to lead to this machine, and their page then asks it from within a
 * browser that can reach it. It asks by that name; an address, or a name that is known here, is nobody else's.
 */
import { isIP } from 'node:net';

/** The most characters of a Host header that are shown to its client. */
const MAX_SHOWN = 100;

/** @param names that are served, in lower case, beside addresses and localhost; empty ones do not count */
export function knownHosts(names: readonly string[]): (host: string | undefined) => boolean {
  const known = new Set(['localhost', ...names.filter((name) => name !== '')]);
  return (host) => {
    // Browsers always send one.
    if (host === undefined) return true;
    const name = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(host.trim());
    const bare = (name?.[1] ?? name?.[2] ?? '').toLowerCase().replace(/\.$/, '');
    return isIP(bare) !== 0 || known.has(bare);
  };
}

/** A Host header for the client that sent it, as JSON; what a terminal would act on is for the caller to escape. */
export function shownHost(host: string | undefined): string {
  return JSON.stringify((host ?? '').slice(0, MAX_SHOWN));
}
