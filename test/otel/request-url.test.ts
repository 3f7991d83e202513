/** url.full: what a client sent, without secrets, and harmless. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeUrl } from '../../src/otel/request-url.ts';
import { readable } from '../../src/otel/span-values.ts';

for (const [path, expected] of [
  ['/a?b=1&c=2', '/a?b=1&c=2'],
  ['/a?token=abc&b=1', '/a?token=REDACTED&b=1'],
  ['/a?b=1&Sig=abc', '/a?b=1&Sig=REDACTED'],
  [
    '/a?AWSAccessKeyId=1&Signature=2&X-Goog-Signature=3',
    '/a?AWSAccessKeyId=REDACTED&Signature=REDACTED&X-Goog-Signature=REDACTED',
  ],
  ['/a?%74oken=abc', '/a?%74oken=REDACTED'],
  ['/a?token=a?b=c&d=e', '/a?token=REDACTED&d=e'],
  ['/a?to=http://x/?password=p', '/a?to=http://x/?password=REDACTED'],
  ['/a;v=1?api_key=x', '/a;v=1?api_key=REDACTED'],
  ['/a;jsessionid=1/b?c=d', '/a;jsessionid=REDACTED/b?c=d'],
  ['/a#access_token=x', '/a#access_token=REDACTED'],
  ['/a?token=', '/a?token=REDACTED'],
  ['/proxy?u=http://me:pw@host/', '/proxy?u=http://REDACTED:REDACTED@host/'],
  ['/\u001b[2J\u0085\u00e9 "', '/%1B[2J%85%E9%20%22'],
] as const) {
  test(`${JSON.stringify(path)}`, () => assert.equal(describeUrl('http://m', path), `http://m${expected}`));
}

test('bounded, in time as well', () => {
  assert.equal(describeUrl('http://m', `/${'x'.repeat(20_000)}`).length, 2051);
  for (const piece of ['?token=', ';a', '//a@', '&%74oken=a?'])
    assert.ok(describeUrl('http://m', `/${piece.repeat(16_000 / piece.length)}`).length <= 2051);
});

test('other texts of a client: bounded, nothing moves a cursor', () => {
  assert.equal(readable('abc d'), 'abc d');
  assert.equal(readable('é'), 'é');
  assert.equal(readable('\u001b[2J\u202e\ud800'), '\\u{1b}[2J\\u{202e}\\u{d800}');
  assert.equal(readable('x'.repeat(300)).length, 259);
});
