/** Names of members: which are ids, and how the others are written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIdName, memberPiece } from '../../src/answers/paths.ts';

const IDS = [
  '200',
  '1234567',
  '2024-01-02',
  '2024-01-02T10:00:00Z',
  '12:30',
  '10.0.0.1',
  'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  'F47AC10B58CC4372A5670E02B2C3D479',
  '{f47ac10b-58cc-4372-a567-0e02b2c3d479}',
  'urn:uuid:f47ac10b-58cc-4372-a567-0e02b2c3d479',
  '507f1f77bcf86cd799439011',
  'deadbeefdeadbeef',
  '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  'cjld2cjxh0000qzrmn831i7rn',
  '0ujtsYcgvSTl8PAuAdqWYSMnLOv',
  'V1StGXR8_Z5jdHi6B-myT',
  'cus_9s6XKzkNRiz8i3',
  'session:9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d',
  'user_12345',
  'ACME-2024-0001',
  'SKU123456',
  'alice@example.com',
  'https://example.com/a',
  'x'.repeat(65),
];
const NAMES = [
  '',
  'id',
  'a1',
  '_1',
  '$2',
  'line2',
  'p99',
  'sha256',
  'address_1',
  'order_2024',
  'item-1234',
  '@type',
  '2xx',
  '24h',
  'v1.2.3',
  'x-amz-id-2',
  'EUR2USD',
  'oauth2ClientCredentials2',
  'iso3166Alpha2Code',
  'h264Level31MaxBitrate',
  'ipv4CIDR24x7Support1',
  'averageResponseTimeLast30Days',
  'utf8mb4_unicode_520_ci',
  'sha256withrsaencryption2048',
  'internationalizationsettings',
  'größe2',
];

test('names that somebody’s generator made, and values used as names, are ids', () => {
  assert.deepEqual(
    IDS.filter((name) => !isIdName(name)),
    [],
  );
});

test('names that somebody gave are none', () => {
  assert.deepEqual(NAMES.filter(isIdName), []);
});

test('no name takes long to be told: nothing is looked at again and again', () => {
  // Exponential or of a high power, these would take hours and end at the limit of a test.
  for (const piece of ['1', 'a1', '1-', 'a_', '@', 'a:', '0x1', '{1'])
    for (let i = 0; i < 2_000; i++) isIdName(`${piece.repeat(32).slice(0, 63)}!${i}`.slice(0, 64));
});

test('a piece of a path says the name and nothing else', () => {
  const pieces: readonly (readonly [name: string, piece: string])[] = [
    ['plain_Name1', '.plain_Name1'],
    ['__proto__', '.__proto__'],
    ['', "['']"],
    ['a b', "['a b']"],
    ['a.b', "['a.b']"],
    ["it's", "['it\\'s']"],
    ['back\\slash', "['back\\\\slash']"],
    ['[*]', "['\\u005b*]']"],
    ['{…}', "['{…}']"],
    ['größe', "['größe']"],
    ['\u001b[2J', "['\\u001b\\u005b2J']"],
    ['\u202eabc', "['\\u202eabc']"],
    ['\ud800', "['\\ud800']"],
    ['1a', "['1a']"],
  ];
  for (const [name, piece] of pieces) assert.equal(memberPiece(name), piece);
});
