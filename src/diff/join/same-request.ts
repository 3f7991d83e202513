/** Whether two lines can be of one request: numbers of streams begin anew, and then they join what is not related. */

export interface RequestedThing {
  /** Empty when unknown. */
  readonly method: string;
  readonly target: string;
}

/** A mirror may have a prefix before its paths, or log them without one; what is not known contradicts nothing. */
export function isOtherRequest(production: RequestedThing, mirror: RequestedThing): boolean {
  if (production.method !== '' && mirror.method !== '' && production.method !== mirror.method) return true;
  const [before, after] = [pathOf(production.target), pathOf(mirror.target)];
  if (before === after || before === '' || after === '') return false;
  // What was too long to be kept.
  if (before.endsWith('…') || after.endsWith('…')) return false;
  return !before.endsWith(after) && !after.endsWith(before) && decoded(before) !== decoded(after);
}

/** Without scheme, authority and query. */
function pathOf(target: string): string {
  const path = target.replace(/[?#].*$/s, '');
  return path.startsWith('/') ? path : path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
