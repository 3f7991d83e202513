/** Options that cannot be used are refused with a sentence, before anything is sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MirrorOptions, resolveOptions } from '../../src/mirror/options.ts';

const REFUSED: readonly (readonly [options: Partial<MirrorOptions>, message: RegExp])[] = [
  [{ destinations: [] }, /no destination/],
  [{ destinations: ['http://user:pw@mirror.test'] }, /has credentials/],
  [{ sample: 2 }, /a ratio from 0 to 1, not 2/],
  [{ connections: 0 }, /at least 1/],
  [{ maxQueueBytes: Number.NaN }, /maxQueueBytes cannot be NaN/],
  ...['Content-Length', 'transfer-encoding', 'Connection', 'host', 'Expect', 'upgrade', 'TE'].flatMap(
    (name): (readonly [Partial<MirrorOptions>, RegExp])[] => [
      [{ setHeaders: [[name, '1']] }, /cannot be set/],
      [{ uniqueIdHeader: name }, /cannot be set/],
    ],
  ),
  [{ setHeaders: [['x', 'a\r\nb: c']] }, /"x" is not a valid header/],
  [{ setHeaders: [['x', '\u20ac']] }, /"x" is not a valid header/],
  [{ uniqueIdHeader: 'a b' }, /"a b" is not a valid header/],
  [{ rewriteHost: 'a\r\nb: c' }, /not a valid header value/],
  [{ proxy: { url: 'http://proxy', headers: [['Content-Length', '1']] } }, /cannot be set/],
  [{ proxy: { url: 'http://%zz:pw@proxy' } }, /user or password of the proxy proxy cannot be decoded/],
  [{ proxy: { url: 'socks5://proxy' } }, /not an http:\/\/ or https:\/\/ URL/],
];

for (const [options, message] of REFUSED) {
  test(`${JSON.stringify(options)} is refused`, () => {
    assert.throws(() => resolveOptions({ destinations: ['http://mirror.test'], ...options }), {
      code: 'invalid-option',
      message,
    });
  });
}

test('a proxy may be told about itself', () => {
  const headers = [['Proxy-Authorization', 'Bearer x']] as const;
  const options = { destinations: ['http://mirror.test'], proxy: { url: 'http://proxy', headers } };
  assert.equal(resolveOptions(options).proxy?.headers, headers);
});
