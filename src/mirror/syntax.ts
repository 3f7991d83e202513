/** The characters HTTP allows: RFC 9110, sections 5.5 and 5.6.2. Text is latin1, one character a byte. */

const TOKEN = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
  TOKEN[character.charCodeAt(0)] = 1;

export function isToken(text: string): boolean {
  if (text === '') return false;
  for (let i = 0; i < text.length; i++) if (TOKEN[text.charCodeAt(i)] !== 1) return false;
  return true;
}

export function isTokenByte(byte: number): boolean {
  return TOKEN[byte] === 1;
}

/** True for a value that cannot end a header line early; other controls pass, as HAProxy passes them. */
export function isFieldValue(text: string): boolean {
  return !/[\0\r\n]|[^\0-\xff]/.test(text);
}

/** True for a text without spaces and control characters, which would end the request target, or the line. */
export function isTarget(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f) return false;
  }
  return text !== '';
}
