import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readerOf, readOne } from './reading.ts';

/** Body, head and body, media type. */
function contentOf(format: string, line: string) {
  const { responseBytes, sentBytes, contentType } = readOne(format, line);
  return [responseBytes, sentBytes, contentType];
}

const NGINX = '$remote_addr [$time_local] "$request" $status ';
const NGINX_LINE = '192.0.2.7 [22/Nov/2026:07:20:43 +0000] "GET /x HTTP/1.1" 200 ';
const HAPROXY = '%ci [%tr] %ST %{+Q}r ';
const HAPROXY_LINE = '192.0.2.7 [22/Nov/2026:07:20:43.000] 200 "GET /x HTTP/1.1" ';

for (const [format, line, expected] of [
  [`${NGINX}$body_bytes_sent $bytes_sent`, `${NGINX_LINE}17 300`, [17, 300, undefined]],
  [`${NGINX}"$sent_http_content_type"`, `${NGINX_LINE}"text/html; charset=utf-8"`, [-1, -1, 'text/html']],
  [`${NGINX}"$sent_http_content_type"`, `${NGINX_LINE}"-"`, [-1, -1, '']],
  [`${NGINX}"$upstream_http_content_type" "$sent_http_content_type"`, `${NGINX_LINE}"a/b" "c/d"`, [-1, -1, 'c/d']],
  [`${NGINX}"$content_type" "$http_content_type"`, `${NGINX_LINE}"a/b" "c/d"`, [-1, -1, undefined]],
  [
    '%h %t "%r" %>s %b %O "%{Content-Type}o"',
    '::1 [22/Nov/2026:07:20:43 +0000] "GET / HTTP/1.1" 200 5 90 "text/Plain"',
    [5, 90, 'text/plain'],
  ],
  [
    '%h %t "%r" %>s "%{Content-Type}i"',
    '::1 [22/Nov/2026:07:20:43 +0000] "GET / HTTP/1.1" 200 "text/plain"',
    [-1, -1, undefined],
  ],
  [`${HAPROXY}%B`, `${HAPROXY_LINE}412`, [-1, 412, undefined]],
  [`${HAPROXY}%B`, `${HAPROXY_LINE}+412`, [-1, -1, undefined]],
  [
    `${HAPROXY}%[res.fhdr(content-length)] "%[res.hdr(Content-Type)]"`,
    `${HAPROXY_LINE}80 "text/html;q=1"`,
    [80, -1, 'text/html'],
  ],
  [
    `${HAPROXY}content_type="%[capture.res.hdr(0)]"`,
    `${HAPROXY_LINE}content_type="application/json"`,
    [-1, -1, 'application/json'],
  ],
  [`${HAPROXY}"%[req.hdr(content-type)]" "%[capture.res.hdr(0)]"`, `${HAPROXY_LINE}"a/b" "c/d"`, [-1, -1, undefined]],
  [`${HAPROXY}%hs`, `${HAPROXY_LINE}{text/html}`, [-1, -1, undefined]],
] as const) {
  test(`${format} tells ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(contentOf(format, line), expected);
  });
}

for (const [members, expected] of [
  [{ body_bytes_sent: 17, sent_http_content_type: 'text/html; charset=utf-8' }, [17, 'text/html']],
  [{ bytes_sent: 17, content_type: 'text/html' }, [-1, undefined]],
  [
    { resp_headers: { 'Content-Type': ['text/html'] }, request: { headers: { 'Content-Type': ['a/b'] } } },
    [-1, 'text/html'],
  ],
  [{ headers: { 'content-type': 'a/b' } }, [-1, undefined]],
  [{ 'http.response.body.bytes': '9', 'http.response.mime_type': 'image/png' }, [9, 'image/png']],
  [{ DownstreamContentSize: 9, 'downstream_Content-Type': 'image/png' }, [9, 'image/png']],
] as const) {
  test(`JSON of ${JSON.stringify(members)} tells ${JSON.stringify(expected)}`, () => {
    const line = JSON.stringify({ time: '2026-11-22T07:20:43Z', method: 'GET', uri: '/x', status: 200, ...members });
    const { responseBytes, contentType } = readOne('json', line);
    assert.deepEqual([responseBytes, contentType], expected);
  });
}

test('what is no media type is called that, whatever it is and however long', () => {
  const read = readerOf(`${NGINX}"$sent_http_content_type" end`);
  for (const text of [
    '\\x1b]0;title\\x07'.repeat(1000),
    '\\x22\\x22',
    'text',
    'text/html/x',
    `text/${'h'.repeat(65)}`,
    'text/<script>',
    'text/ht\\x0aml',
  ])
    assert.equal(read(`${NGINX_LINE}"${text}" end`)?.contentType, '(unreadable)', text.slice(0, 30));
  assert.equal(read(`${NGINX_LINE}"TEXT/HTML;${'x'.repeat(10_000)}" end`)?.contentType, 'text/html');
});
