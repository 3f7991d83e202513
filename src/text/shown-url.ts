/**
 * A destination, proxy or endpoint as it may be shown: without user and password. Everything up to the last `@` goes, so that a text
 * that is no URL, for whatever a password has in it, gives nothing away either. Where the `@` is part of a path, what stands
 * before the path is shown all the same; the path up to there is not, as a password may begin like a port and hold a slash.
 */
export function shownUrl(text: string): string {
  const behindHost = /^([a-z][a-z0-9+.-]*:\/\/(?:\[[0-9a-f:.]+\]|[^\s/?#@:[\]]+)(?::\d{1,5})?)([/?#].*@)/is.exec(text);
  const [, host = '', path = ''] = behindHost ?? [];
  if (isHost(host)) return `${host}${path[0]}***@${text.slice(host.length + path.length)}`;
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');
}

/** A single word could be the beginning of a password, or of a token that stands for both. */
function isHost(text: string): boolean {
  return /\/\/(?:localhost(?::|$)|\[|.*[.:])/i.test(text);
}
