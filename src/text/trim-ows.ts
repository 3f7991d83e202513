/** The text without optional whitespace of HTTP at its ends (RFC 9110 section 5.6.3): spaces and tabs, where trim() removes much more. */
export function trimOws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text, start)) start++;
  while (end > start && isOws(text, end - 1)) end--;
  return text.slice(start, end);
}

function isOws(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x20 || code === 0x09;
}
