/**
 * A destination, proxy or endpoint as it may be shown: without user and password. Everything up to the last `@` goes, so that a text
 * that is no URL, for whatever a password has in it, gives nothing away either.
 */
export function shownUrl(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');
}
