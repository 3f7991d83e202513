/** Content codings undone, with a bound: a few bytes can be made to become any number. */
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

type Decoded = Uint8Array | 'too_long' | 'incomplete' | 'unreadable';

const IDENTITY: ReadonlySet<string> = new Set(['', 'identity']);

/** The bytes behind a content coding (lower case), at most `most` of them; those of no coding are handed back as they are. */
export function decode(bytes: Uint8Array, coding: string, most: number): Decoded {
  if (IDENTITY.has(coding)) return bytes;
  const bound = { maxOutputLength: most };
  try {
    switch (coding) {
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(bytes, bound);
      case 'deflate':
        // Some servers leave out the wrapper of zlib, whose first byte names the method 8.
        return ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync(bytes, bound) : inflateRawSync(bytes, bound);
      case 'br':
        return brotliDecompressSync(bytes, bound);
      default:
        return 'unreadable';
    }
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code === 'ERR_BUFFER_TOO_LARGE') return 'too_long';
    return code === 'Z_BUF_ERROR' ? 'incomplete' : 'unreadable';
  }
}
