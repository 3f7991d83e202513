import { ByteReader } from './byte-reader.ts';
import { invalidFrame } from './errors.ts';
import { readName } from './name-cache.ts';
import { readLength } from './varint.ts';

/** Latin1 keeps every byte. */
export type Header = readonly [name: string, value: string];

/**
 * The value of HAProxy's `req.hdrs_bin`: configuration.txt, section 7.3.6 "Fetching HTTP samples".
 *
 *     *( <STRING header-name> <STRING header-value> ) <empty STRING> <empty STRING>
 *     STRING : <LENGTH:varint> <BYTES>
 *
 * In the order of the request, repeated names included; HAProxy writes names in lower case. The two empty strings at
 * the end may be missing, and what follows them is ignored. Values may hold any byte, line ends too: code that
 * writes them into a request has to check them.
 * @throws SpopError 4 when a header is cut or has an empty name
 */
export function readHeadersBin(bytes: Buffer, start = 0, end: number = bytes.length): Header[] {
  const headers: Header[] = [];
  const reader = new ByteReader(bytes, start, end);
  // One string for all, cut into pieces: far cheaper than a string from bytes for each value.
  const text = bytes.toString('latin1', start, end);
  while (reader.position < end) {
    const nameLength = readLength(reader, 'header name');
    const nameStart = reader.position;
    reader.position = nameStart + nameLength;
    const valueLength = readLength(reader, 'header value');
    const valueStart = reader.position;
    reader.position = valueStart + valueLength;
    if (nameLength === 0) {
      if (valueLength === 0) break;
      throw invalidFrame('header name is empty');
    }
    const name = readName(bytes, nameStart, nameStart + nameLength);
    headers.push([name, text.slice(valueStart - start, valueStart - start + valueLength)]);
  }
  return headers;
}
