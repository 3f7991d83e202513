import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectFormat } from '../../../src/logs/access/detect.ts';
import { compileFormat } from '../../../src/logs/builtin-formats.ts';
import { findUnreadIds } from '../../../src/logs/unread-ids.ts';

const LINES = 5;
const HEAD = '192.0.2.1:4711 [07/Mar/2024:12:00:01.001] fe be/s1 0/0/0/12/13 200 123 - - ---- 1/1/0/0/0 0/0';

function fieldsOf(line: (i: number) => string, format?: string): string[] {
  const lines = Array.from({ length: LINES }, (_, i) => line(i));
  const found = format === undefined ? detectFormat(lines)?.format : compileFormat(format);
  assert.ok(found);
  return findUnreadIds(found, lines).map(({ field }) => field);
}

test('members of JSON that differ on each line', () => {
  const line = (i: number) =>
    JSON.stringify({
      time: `2024-03-07T12:00:0${i}Z`,
      method: 'GET',
      path: `/x/${i}`,
      status: 200,
      level: 'information',
      ip: `192.0.2.${i}`,
      duration: 20.125 + i,
      ctx: { rid: `rid-${i}-abc`, h: { 'X-Rid': [`own-${i}-abc`] } },
    });
  assert.deepEqual(fieldsOf(line), ['ctx.h.X-Rid', 'ctx.rid']);
  const [first] = findUnreadIds(detectFormat([line(1), line(2)])?.format ?? compileFormat('json'), [line(1), line(2)]);
  assert.deepEqual(first, { field: 'ctx.h.X-Rid', values: ['own-1-abc', 'own-2-abc'] });
});

test('captured headers of HAProxy, and values that nobody knows of any format', () => {
  assert.deepEqual(
    fieldsOf((i) => `${HEAD} {curl/8.1|rid-${i}-abc} "GET /x HTTP/1.1"`),
    ['capture.req.hdr(1)'],
  );
  assert.deepEqual(
    fieldsOf((i) => `200 /x rid-${i}-abc`, '%ST %HU %[var(txn.own)]'),
    ['%[var(txn.own)]'],
  );
  assert.deepEqual(
    fieldsOf((i) => `200 /x rid-${i}-abc`, '$status $request_uri $http_x_own'),
    ['$http_x_own'],
  );
  assert.deepEqual(
    fieldsOf((i) => `200 /x rid-${i}-abc`, '%>s %U %{X-Own}i'),
    ['%{X-Own}i'],
  );
});

test('what is read is not unread, and fields are bounded', () => {
  assert.deepEqual(
    fieldsOf((i) => JSON.stringify({ path: '/x', status: 200, unique_id: `rid-${i}-abc` })),
    [],
  );
  const many = (i: number) => {
    const members = Array.from({ length: 2000 }, (_, k) => [`k${k}`, `v-${i}-${k}-abc`]);
    return JSON.stringify({ path: '/x', status: 200, ...Object.fromEntries(members) });
  };
  assert.equal(fieldsOf(many).length, 32);
});

test('a value that another one follows directly is none of them, and does no harm', () => {
  const line = (i: number) => `200 GET https://host-${i}-abc/x id-${i}-abc`;
  assert.deepEqual(fieldsOf(line, '%ST %HM %[capture.req.hdr(1)]://%[capture.req.hdr(2)]%HP %[var(txn.own)]'), [
    '%[var(txn.own)]',
  ]);
});
