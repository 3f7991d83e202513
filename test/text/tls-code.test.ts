import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenCode, connectCode } from '../../src/mirror/network.ts';
import { readNetworkError } from '../../src/otel/network-errors.ts';

const CODES = [
  'CERT_HAS_EXPIRED',
  'INVALID_CA',
  'INVALID_NON_CA',
  'INVALID_PURPOSE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'EPROTO',
];

for (const code of CODES) {
  test(`${code} is an error of TLS for the mirror and for the collector alike`, () => {
    const error = Object.assign(new Error('refused'), { code });
    assert.equal(connectCode(error), 'tls');
    assert.equal(brokenCode(error), 'tls');
    const answer = readNetworkError(error, false, 'grpc');
    assert.equal('code' in answer && answer.code, 'collector-tls');
  });
}
