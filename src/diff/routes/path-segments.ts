/** A request target as the segments of a route: what names one thing among many of its kind becomes `{…}`. */
import { generalForm, WILDCARD } from './identifiers.ts';

/** Deeper parts of a path are one segment. */
export const MAX_SEGMENTS = 16;
/** The end of a target that is not kept whole. */
const CUT = '…';

/**
 * The path of a target: no scheme, authority, query or fragment.
 * `https://shop.example/orders/17?x=1` and `shop.example/orders/17` → `/orders/17`; `*` stays; what is empty is `/`.
 */
export function pathOf(target: string): string {
  const start = startOfPath(target);
  let end = target.length;
  for (let i = start; i < end; i++) {
    const code = target.charCodeAt(i);
    if (code === QUESTION_MARK || code === NUMBER_SIGN) end = i;
  }
  return start === end ? '/' : target.slice(start, end);
}

const QUESTION_MARK = 0x3f;
const NUMBER_SIGN = 0x23;
const SLASH = 0x2f;

// RFC 3986, section 3.1; an absolute form is what HTTP/2 clients of HAProxy and proxies send.
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

/**
 * A host before the path, as HAProxy's ingress controllers log it (`%HM %[var(txn.base)]`, %[base]): a name with a dot
 * in it, an IPv4 or IPv6 address, localhost, or any name with a port; behind it nothing or a path. A path itself begins with a slash.
 */
const HOST =
  /^(?:(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)+[A-Za-z0-9-]+\.?(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?|localhost|[A-Za-z0-9_-]+:\d{1,5})(?=[/?#]|$)/;

function startOfPath(target: string): number {
  if (target.charCodeAt(0) === SLASH) return 0;
  const scheme = ABSOLUTE.exec(target);
  if (scheme === null) return HOST.exec(target)?.[0].length ?? 0;
  const end = target.slice(scheme[0].length).search(/[/?#]/);
  return end < 0 ? target.length : scheme[0].length + end;
}

/** `/orders/17/items` → orders, {…}, items. Parameters (`;jsessionid=…`) are dropped. */
export function segmentsOf(path: string): string[] {
  const parts = (path.startsWith('/') ? path.slice(1) : path).split('/');
  const kept = parts.length > MAX_SEGMENTS ? [...parts.slice(0, MAX_SEGMENTS - 1), WILDCARD] : parts;
  const segments = kept.map(formOf);
  // What is left of a segment that was cut names nothing.
  if (path.endsWith(CUT)) segments[segments.length - 1] = WILDCARD;
  return segments;
}

/** Most segments were seen just before, and looking at one takes dozens of patterns. */
const MAX_KNOWN = 4_096;
const known = new Map<string, string>();

/** What a part of a path between two slashes becomes. */
export function formOf(part: string): string {
  let form = known.get(part);
  if (form === undefined) {
    const parameters = part.indexOf(';');
    form = generalForm(parameters < 0 ? part : part.slice(0, parameters));
    if (known.size === MAX_KNOWN) known.clear();
    known.set(part, form);
  }
  return form;
}
