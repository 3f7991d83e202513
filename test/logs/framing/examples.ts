/** What the tests of this folder put together: headers of the tables, messages, access lines with a client's text. */
import { FRAMINGS, type Framing, type FramingVariant } from '../../../src/logs/framing/framings.ts';
import type { HeaderTime, LineHeader } from '../../../src/logs/record.ts';
import { TimeResolver } from '../../../src/logs/time.ts';

export const EVENT = 'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=3 st=1 0/0/-1/-1/501 1/2 0/0 1/3';

/** Every example of the table, the variants as entries of their own. */
export const EXAMPLES: readonly (FramingVariant & Pick<Framing, 'layer'>)[] = FRAMINGS.flatMap((framing) =>
  [framing, ...(framing.variants ?? [])].map((entry) => ({ ...entry, layer: framing.layer })),
);

/** Those that begin a line. */
export const LINE_EXAMPLES = EXAMPLES.filter(({ name }) => !FRAMINGS.some((f) => f.name === name && f.inside));

function times(): TimeResolver {
  return new TimeResolver({ zone: { offsetMinutes: 0 }, referenceMs: Date.UTC(2024, 2, 8), year: 2024 });
}

/** A header as the tables say it: its time as a moment. */
export function yieldsOf({ time, ...header }: LineHeader): object {
  return { ...(time !== undefined && { time: isoOf(time) }), ...header };
}

function isoOf(time: HeaderTime): string {
  return new Date(times().resolve(time)).toISOString();
}

/** Access lines by the format that writes them; `text` is what a client sent, wherever that format puts it. */
export const ACCESS_LINES: Readonly<Record<string, (text: string) => string>> = {
  'httplog, captured': (text) => `${HTTPLOG} {${text}} "GET / HTTP/1.1"`,
  'httplog, captured, cut': (text) => `${HTTPLOG} {${text}`,
  'httplog, request, cut': (text) => `${HTTPLOG} "GET /${text}`,
  'httplog of an IPv6 client, captured, cut': (text) => `2001:db8::1${HTTPLOG.slice(8)} {${text}`,
  'httplog clf, cut': (text) =>
    `10.0.0.1 - - [22/Nov/2026:07:20:40 +0000] "GET / HTTP/1.1" 200 5 "" "" 4711 405 "${text}`,
  'tcplog and a capture': (text) =>
    `10.0.0.1:4711 [22/Nov/2026:07:20:40.405] fe be/s 1/0/0 12 -- 1/1/0/0/0 0/0 ${text}`,
  combined: (text) => `10.0.0.1 - - [22/Nov/2026:07:20:40 +0000] "GET / HTTP/1.1" 200 5 "-" "${text}"`,
  'combined, cut': (text) => `10.0.0.1 - - [22/Nov/2026:07:20:40 +0000] "GET / HTTP/1.1" 200 5 "-" "${text}`,
  'vhost + combined, cut': (text) =>
    `shop.example:443 10.0.0.1 - - [22/Nov/2026:07:20:40 +0000] "GET /" 200 5 "${text}`,
  'Envoy, cut': (text) => `[2026-11-22T07:20:40.405Z] "GET / HTTP/1.1" 200 - 0 5 "${text}`,
  JSON: (text) => JSON.stringify({ status: 200, method: 'GET', path: '/', user_agent: text }),
  'JSON, cut': (text) => JSON.stringify({ status: 200, method: 'GET', path: '/', user_agent: text }).slice(0, -2),
  'JSON with a body': (text) => JSON.stringify({ status: 200, method: 'POST', uri: '/', body: text, event: text }),
  '%ci:%cp and a capture': (text) => `10.0.0.1:4711 ${text}`,
  '[%tr] and a capture': (text) => `[22/Nov/2026:07:20:40.405] ${text}`,
  '%b %s and a capture': (text) => `be_main srv1 ${text}`,
  '%b %s and a capture, names with dashes': (text) => `api-servers web-1 ${text}`,
  '[%s] and a capture': (text) => `[web-1] ${text}`,
  '[%b %s] and a capture': (text) => `[be-main web-1] ${text}`,
  '%b | and a capture': (text) => `be_main | ${text}`,
  '%ST and a capture': (text) => `200 17 ${text}`,
  'method, path, capture': (text) => `GET /x.log ${text}`,
  'a quoted capture': (text) => `"${text}"`,
  'a quoted capture, cut': (text) => `"${text}`,
  'captures, cut': (text) => `{${text}`,
  'a tab and a capture': (text) => `10.0.0.1\t${text}`,
};

const HTTPLOG = '10.0.0.1:4711 [22/Nov/2026:07:20:40.405] fe be/s 1/0/0/0/1 200 127 - - ---- 1/1/0/0/0 0/0';

/** One field of the configuration, then a client's text: behind a time alone it looks like a host and its tag. */
export const SHORT_ACCESS_LINES: Readonly<Record<string, (text: string) => string>> = {
  '%ci and a capture': (text) => `10.0.0.1 ${text}`,
  '%ci and a capture, IPv6': (text) => `2001:db8::1 ${text}`,
  '%b and a capture': (text) => `be_main ${text}`,
  '%b/%s and a capture': (text) => `be/srv ${text}`,
  '%ID and a capture': (text) => `0A000001:1267_CB007101:01BB_65E9A0F1_0001:0007 ${text}`,
  'a trace id and a capture': (text) => `0af7651916cd43dd8448eb211c80319c ${text}`,
  'the host header and a capture': (text) => `shop.example ${text}`,
  'nothing and a capture': (text) => `- ${text}`,
};

/** What a client may put where an access line shows it: an event, bare or behind what looks like a header. */
export const CLIENT_TEXTS = [
  ...[
    '',
    'x: ',
    'haproxy[7]: ',
    'lb1 haproxy[7]: ',
    ': ',
    '| ',
    '] ',
    '- ',
    'F ',
    'stdout F ',
    '- - ',
    '10.0.0.1 haproxy[7]: ',
  ],
  ...['lb1 haproxy 7 - - ', 'local0.notice ', 'haproxy ', 'message repeated 3 times: [ ', '"message":"', '{"log":"'],
  ...EXAMPLES.map(({ example }) => example),
].map((before) => before + EVENT);

/** Behind these nothing but a time has been read: a word and what a client sent look like a host and its tag. */
export const TIME_ALONE = new Set(
  EXAMPLES.filter(({ yields, layer }) => layer !== 'count' && layer !== 'search' && yields.process === undefined).map(
    ({ example }) => example,
  ),
);
