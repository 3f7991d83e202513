/** What a Content-Type says, without its parameters. */

/** Between others no text is kept: it is shown, and comes from a server. */
export const UNREADABLE_TYPE = '(unreadable)';

/** RFC 9110, section 8.3.1: two tokens; longer ones than registered types are (RFC 6838, section 4.2) are none. */
const MEDIA_TYPE = /^[!#$%&'*+.^_`|~0-9a-z-]{1,64}\/[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/;
const MAX_TEXT = 150;

/** `Text/HTML; charset=utf-8` → `text/html`; empty for none (`-` in a log), UNREADABLE_TYPE for what is no media type. */
export function mediaTypeOf(text: string): string {
  const [named = ''] = text.slice(0, MAX_TEXT).split(';', 1);
  const type = named.trim().toLowerCase();
  if (type === '' || type === '-') return '';
  return MEDIA_TYPE.test(type) ? type : UNREADABLE_TYPE;
}
