/** The message every bench of the agent half sends: a GET of a browser, some 430 bytes as a NOTIFY frame. */
import { ByteWriter } from '../src/spop/byte-writer.ts';
import type { Header } from '../src/spop/headers-bin.ts';
import { KvList, writeShortString } from '../src/spop/kv-list.ts';
import type { Message } from '../src/spop/messages.ts';
import { binaryData, stringData } from '../src/spop/values.ts';

const HEADERS: readonly Header[] = [
  ['host', 'www.example.com'],
  ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'],
  ['accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['accept-language', 'en-US,en;q=0.5'],
  ['cookie', 'session=0123456789abcdef0123456789abcdef; theme=dark'],
  ['x-forwarded-for', '203.0.113.42'],
  ['', ''],
];

/**
 * @param number eight digits, in the path
 * @param uniqueId that of the request; none without it, as the documented message has none
 */
export function mirrorMessage(number: string, uniqueId?: string): Message {
  const writer = new ByteWriter();
  for (const text of HEADERS.flat()) writeShortString(writer, text);
  const args = KvList.of([
    ['arg_method', stringData('GET')],
    ['arg_path', stringData(`/bench/${number}?q=search+term&page=2&sort=price`)],
    ['arg_ver', stringData('1.1')],
    ['arg_hdrs', binaryData(writer.take())],
    ['arg_body', binaryData(Buffer.alloc(0))],
    ...(uniqueId === undefined ? [] : [['arg_uid', stringData(uniqueId)] as const]),
  ]);
  return { name: 'mirror', args };
}
