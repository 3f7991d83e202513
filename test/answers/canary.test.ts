/** No value of a header or body is in a print, except the media type and the content coding. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { RawAnswer } from '../../src/answers/fingerprint.ts';
import { fingerprinter, KEY } from './prints.ts';

const CANARY = 'canary';
const prints = fingerprinter({ rounding: [{ path: '$.price', decimals: 1 }] });

/** A value in each place where one can be; names say nothing secret. */
const DOCUMENT = {
  text: 'canary text',
  list: ['canary 1', 'canary 2', { inner: 'canary 3' }],
  price: 271828.18,
  large: 987654321,
  yes: true,
  ids: { 'canary@example.com': 'canary 4', 'f47ac10b-58cc-4372-a567-0e02b2c3d479': 1, '271828': 1 },
  escaped: 'canary\0\ud800',
};
const SECRETS = [CANARY, '271828', '987654321', 'f47ac10b', 'example.com', 'true'];

const HEADERS: RawAnswer['headers'] = [
  ['set-cookie', 'canary=1; Path=/canary'],
  ['set-cookie', 'canary=2'],
  ['location', 'https://canary.example.com/271828'],
  ['content-type', 'application/json; charset=utf-8; profile=canary'],
  ['etag', '"canary"'],
  // Names and values that are no tokens.
  ['canary name', 'canary'],
  ['content-encoding', 'canary, canary'],
];

function check(answer: RawAnswer): string {
  const print = prints.print('canary uid', answer);
  const text = JSON.stringify(print);
  for (const secret of SECRETS) assert.ok(!text.includes(secret), `${secret} in ${text}`);
  for (const encoding of ['hex', 'base64', 'base64url'] as const) {
    assert.ok(!text.includes(Buffer.from(KEY).toString(encoding).slice(0, 16)), 'the key');
    assert.ok(!text.includes(Buffer.from(CANARY).toString(encoding)), encoding);
  }
  return text;
}

test('a print has no value of headers or body in it', () => {
  const plain = HEADERS.slice(0, -1);
  const json = JSON.stringify(DOCUMENT);
  const bodies: readonly (readonly [text: string, coding?: string])[] = [
    [json],
    [`${json}canary`],
    ['canary, no JSON'],
    [JSON.stringify('canary')],
    [JSON.stringify([DOCUMENT, DOCUMENT, { ...DOCUMENT, text: ['canary', null, 987654321] }])],
    [json, 'gzip'],
  ];
  for (const [text, coding] of bodies) {
    const body = coding === undefined ? Buffer.from(text) : gzipSync(text);
    const headers = coding === undefined ? plain : [...plain, ['content-encoding', coding] as const];
    for (const about of [{ ended: true }, {}, { tooLong: true }, { status: 304 }, { body: undefined }])
      check({ status: 200, headers, body, ...about });
  }
  assert.match(check({ status: 200, headers: HEADERS, body: Buffer.from(json), ended: true }), /"encoding":"other"/);
});

test('a media type that is none is not kept', () => {
  for (const type of ['canary', 'canary canary/json', `application/${CANARY.repeat(20)}`, 'text/html, canary/1']) {
    const print = prints.print('uid', { status: 200, headers: [['content-type', type]], body: undefined });
    assert.equal(print.body.type, null, type);
  }
});
