/** Formats of nginx and Apache as people have them: the configuration, a line of it, what it says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOne, summaryOf } from './reading.ts';

const ID = 'C0000201:1267_CB007101:01BB_65E9A0F1_0001:0007';
const CLF = '[07/Mar/2024:12:00:00 +0000]';
const READ = `200 GET /x?a=1 NaN/45 #1 ${ID}`;

const KINDS: readonly (readonly [format: string, line: string, expected?: string])[] = [
  // ingress-nginx, log-format-upstream: lists of upstreams in every place.
  [
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id',
    `192.0.2.7 - - ${CLF} "GET /x?a=1 HTTP/1.1" 200 59 "-" "a b" 89 0.045 [web-8080] [] [2001:db8::7]:5000, [2001:db8::8]:5000 : unix:/run/a.sock 0, 1 : 5 0.005, 0.040 : - 502, 200 : 200 ${ID}`,
  ],
  [
    '$status $request_time [$upstream_addr] "$upstream_status" $upstream_connect_time/$upstream_header_time $upstream_bytes_received $request_method $request_uri $http_x_unique_id',
    `200 0.045 [[2001:db8::7]:5000, 192.0.2.8:80] "502, 200" 0.000, 0.001/0.001, 0.004 1, 2 GET /x?a=1 ${ID}`,
    `200 GET /x?a=1 5/45 #1 ${ID}`,
  ],
  // CSV.
  [
    '$remote_addr,$status,$upstream_addr,$upstream_status,$request_time,$http_x_unique_id,$request',
    `192.0.2.7,200,192.0.2.5:80, 192.0.2.6:80,502, 200,0.045,${ID},GET /x?a=1 HTTP/1.1`,
  ],
  // A URL of several variables.
  [
    '$status $request_time "$request_method $scheme://$host:$server_port$request_uri" $http_x_unique_id',
    `200 0.045 "GET https://a.example:443/x?a=1" ${ID}`,
    `200 GET https://a.example:443/x?a=1 NaN/45 #1 ${ID}`,
  ],
  ['$status $request_time $request_method $uri$is_args$args $http_x_unique_id', `200 0.045 GET /x?a=1 ${ID}`],
  // Directives in their spellings.
  [
    'log_format tabs "$status\\t$request_time\\t$request\\t$http_x_unique_id";',
    `200\t0.045\tGET /x?a=1 HTTP/1.1\t${ID}`,
  ],
  [
    'log_format  json-x  escape=json\n  \'{"a":"$remote_addr:$remote_port","s":$status,\'\n  \'"t":$request_time,"u":"$scheme://$host$uri?$args","m":"$request_method","i":"$http_x_unique_id"}\'  ;',
    `{"a":"::1:55","s":200,"t":0.045,"u":"https://a.example/x?a=1","m":"GET","i":"${ID}"}`,
    `200 GET https://a.example/x?a=1 NaN/45 #1 ${ID}`,
  ],
  ['log-format-upstream: \'$status $request_time "$request" $req_id\'', `200 0.045 "GET /x?a=1 HTTP/1.1" ${ID}`],
  ['\\$status \\$request_time \\"\\$request\\" \\$http_x_unique_id', `200 0.045 "GET /x?a=1 HTTP/1.1" ${ID}`],
  // Apache: mod_ssl, the environment, trailers, units, times of several parts.
  [
    '%h %l %u %t %{SSL_PROTOCOL}x %{SSL_CIPHER}x "%r" %>s %b %{X-Unique-ID}i %D',
    `::1 - - ${CLF} TLSv1.3 TLS_AES_256_GCM_SHA384 "GET /x?a=1 HTTP/1.1" 200 59 ${ID} 45000`,
  ],
  [
    '%h %t "%r" %s %I %O %S %X %k %L %R "%f" %{X-T}^ti %{X-T}^to %{UNIQUE_ID}e %{ms}T',
    `::1 ${CLF} "GET /x?a=1 HTTP/1.1" 200 1 2 3 + 0 Lx proxy-server "/var/www/x y" - - ${ID} 45`,
  ],
  [
    '%h %t "%r" %>s %{X-Unique-ID}o %^FB %{us}T',
    `::1 ${CLF} "GET /x?a=1 HTTP/1.1" 200 ${ID} 1500 45000`,
    `200 GET /x?a=1 1.5/45 #1 ${ID}`,
  ],
  [
    '%{X-Forwarded-For}i %{c}a %{remote}p %{hextid}P %{SSL_CLIENT_S_DN}x "%r" %s %D %{X-Unique-ID}n',
    `192.0.2.1, 192.0.2.2 192.0.2.7 443 0x7f CN=a b, O=c "GET /x?a=1 HTTP/1.1" 200 45000 ${ID}`,
  ],
  [
    'LogFormat \'%h %t "%m %U%q %H" %>s %D %{X-Unique-ID}i\' my-format',
    `::1 ${CLF} "GET /x?a=1 HTTP/1.1" 200 45000 ${ID}`,
  ],
  [
    'CustomLog "logs/a b" "%h\\t%>s\\t%r\\t%D\\t%{X-Unique-ID}i" env=!quiet',
    `::1\t200\tGET /x?a=1 HTTP/1.1\t45000\t${ID}`,
  ],
  // varnishncsa.
  [
    '%h %t "%r" %s %{Varnish:time_firstbyte}x %D %{X-Unique-ID}i',
    `::1 ${CLF} "GET /x?a=1 HTTP/1.1" 200 0.002 45000 ${ID}`,
    `200 GET /x?a=1 2/45 #1 ${ID}`,
  ],
];

for (const [format, line, expected = READ] of KINDS) {
  test(`${format.slice(0, 70)} | ${line.slice(0, 50)}`, () => {
    assert.equal(summaryOf(readOne(format, line)), expected);
  });
}

test('times of several directives', () => {
  const at = (format: string, time: string) =>
    new Date(readOne(`%h ${format} %>s "%r"`, `::1 ${time} 200 "GET / HTTP/1.1"`).timeMs).toISOString();
  assert.equal(
    at('[%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t]', '[07/Mar/2024:12:00:00.123 +0100]'),
    '2024-03-07T11:00:00.123Z',
  );
  assert.equal(
    at('%{%Y-%m-%dT%H:%M:%S}t.%{usec_frac}t%{%z}t', '2024-03-07T12:00:00.123456+0000'),
    '2024-03-07T12:00:00.123Z',
  );
  assert.equal(at('%{begin:%F %T}t', '2024-03-07 12:00:00'), '2024-03-07T12:00:00.000Z');
  assert.equal(at('%{sec}t.%{msec_frac}t', '1709812800.123'), '2024-03-07T12:00:00.123Z');
  assert.equal(at('%{usec}t', '1709812800123456'), '2024-03-07T12:00:00.123Z');
});
