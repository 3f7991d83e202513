import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectFormat } from '../../../src/logs/access/detect.ts';
import { linesOf } from './reading.ts';

const ID = '7F000001:9398_7F000001:7148_6B0297C8_0002:5B46';
const HTTPLOG =
  '192.0.2.7:4711 [22/Nov/2026:07:01:43.107] fe be/s1 0/0/1/5/7 200 12 - - ---- 1/1/0/0/0 0/0 "GET /x HTTP/1.1"';
const CLF =
  '192.0.2.7 - - [22/Nov/2026:07:01:43 +0000] "GET /x HTTP/1.1" 200 12 "" "" 4711 7 "fe" "be" "s1" 0 0 1 5 7 ---- 1 1 0 0 0 0 0 "" ""';
const COMMON = '192.0.2.7 - - [22/Nov/2026:07:01:43 +0000] "GET /x HTTP/1.1" 200 12';
const COMBINED = `${COMMON} "-" "curl/8"`;
const TLS = '0/0/0/0/0 www.example.com/TLSv1.3/TLS_AES_256_GCM_SHA384';

/** A line, the format found for it, and its description. */
const GOLDEN: readonly (readonly [line: string, name: string, description: string])[] = [
  [HTTPLOG, 'haproxy-httplog', 'httplog'],
  [HTTPLOG.replace('"GET', '{a|b} {c} "GET'), 'haproxy-httplog', 'httplog'],
  [`${HTTPLOG} ${ID} 2`, 'haproxy-httplog', 'httplog + %ID %rt'],
  [`${HTTPLOG} "${ID}" 2`, 'haproxy-httplog', 'httplog + "%ID" %rt'],
  [`${HTTPLOG} ${ID}`, 'haproxy-httplog', 'httplog + %ID'],
  [`${HTTPLOG} rt=2 pid=17801 id=${ID}`, 'haproxy-httplog', 'httplog + rt= pid= id='],
  [`${HTTPLOG} unique_id="${ID}" ua="a id=b" x=`, 'haproxy-httplog', 'httplog + unique_id= ua= x='],
  [`${HTTPLOG} something else`, 'haproxy-httplog', 'httplog + fields that are not read'],
  [`${HTTPLOG} ${TLS}`, 'haproxy-httpslog', 'httpslog'],
  [`${HTTPLOG} 0/-/-/-/0 -/-/-`, 'haproxy-httpslog', 'httpslog'],
  [`${HTTPLOG} ${TLS} ${ID} 2`, 'haproxy-httpslog', 'httpslog + %ID %rt'],
  [CLF, 'haproxy-httplog', 'httplog clf'],
  [`${CLF} "ua" "type"`, 'haproxy-httplog', 'httplog clf'],
  [`${CLF} ${ID} 2`, 'haproxy-httplog', 'httplog clf + %ID %rt'],
  [`${CLF} "ua" "type" rt=2 id=${ID}`, 'haproxy-httplog', 'httplog clf + rt= id='],
  [`Nov 22 07:01:43 lb1 haproxy[7]: ${HTTPLOG}`, 'haproxy-httplog', 'httplog'],
  [`2026-11-22T07:01:43Z ${HTTPLOG}`, 'haproxy-httplog', 'httplog'],
  [`lb-1  | ${HTTPLOG}`, 'haproxy-httplog', 'httplog'],
  [COMMON, 'clf', 'common'],
  [`www.example.com:80 ${COMMON}`, 'clf', 'vhost + common'],
  [COMBINED, 'combined', 'combined'],
  [`www.example.com:80 ${COMBINED}`, 'combined', 'vhost + combined'],
  [`${COMBINED} "${ID}" 0.007`, 'combined', 'combined + "$http_x_unique_id" $request_time'],
  [`Nov 22 07:01:43 web1 nginx: ${COMBINED}`, 'combined', 'combined'],
  [`${COMBINED} "203.0.113.7"`, 'combined', 'combined + fields that are not read'],
  [`${COMMON} 0.007`, 'clf', 'common + fields that are not read'],
  ['{"status":200,"path":"/x"}', 'json', 'JSON lines'],
  ['{"status":200,"path":"/x","termination_state":"----"}', 'haproxy-json', 'JSON lines of HAProxy'],
  [`{"log":"${HTTPLOG.replaceAll('"', '\\"')}\\n","stream":"stdout"}`, 'haproxy-httplog', 'httplog'],
];

for (const [line, name, description] of GOLDEN) {
  test(`${description}: ${line.slice(0, 70)}`, () => {
    const detection = detectFormat([line]);
    assert.deepEqual([detection?.format.name, detection?.format.description], [name, description]);
    assert.deepEqual([detection?.parsed, detection?.lines], [1, 1]);
  });
}

test('no requests, no format', () => {
  for (const lines of [[], [''], ['hello'], ['{"level":"info","msg":"ready"}'], ['<134>'], ['- - - - -']]) {
    assert.equal(detectFormat(lines), undefined);
  }
});

test('a log may hold other lines, cut ones, and some that end differently', () => {
  const lines = [
    'Proxy fe started.',
    ...Array.from({ length: 20 }, () => `${HTTPLOG} ${ID} 2`),
    HTTPLOG,
    `${HTTPLOG} 7F00`,
    HTTPLOG.slice(0, 100),
    ...Array.from({ length: 9 }, () => COMBINED),
  ];
  const detection = detectFormat(lines);
  assert.equal(detection?.format.description, 'httplog + %ID %rt');
  assert.equal(detection?.parsed, 23);
  assert.equal(detection?.lines, lines.length);
});

test('the first 200 lines decide, and their order does not', () => {
  const lines = [...Array.from({ length: 120 }, () => COMMON), ...Array.from({ length: 80 }, () => HTTPLOG)];
  assert.equal(detectFormat([...lines, ...Array.from({ length: 999 }, () => HTTPLOG)])?.format.description, 'common');
  assert.equal(detectFormat(lines.toReversed())?.format.description, 'common');
});

test('every fixture with a format of its own is found as one', () => {
  assert.equal(detectFormat(linesOf('access/spoa-mirror--record.jsonl'))?.format.name, 'agent-jsonl');
  assert.equal(detectFormat(linesOf('access/spoa-mirror-1.2.19--logfile.log'))?.format.name, 'spoa-mirror-log');
});
