import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHeader } from '../../src/logs/header.ts';
import type { LineHeader } from '../../src/logs/record.ts';

const MESSAGE = 'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=1 st=0 1 0/1';
const ACCESS = '127.0.0.1:37784 [22/Nov/2026:07:20:40.405] fe_main be/srv1 1/0/0/0/1 200 127 - - ---- "GET / HTTP/1.1"';

const local = (day: number, ms = 0, second = 40) =>
  ({ kind: 'local', month: 11, day, hour: 7, minute: 20, second, ms }) as const;
const moment = (ms = 0, hour = 7) => ({ kind: 'absolute', epochMs: Date.UTC(2026, 10, 22, hour, 20, 40, ms) }) as const;

const origin = { host: 'node1', process: 'haproxy', pid: 21191 } as const;
const tagged = { process: 'haproxy', pid: 21191 } as const;

/** Each text is a whole header: put before a message, it is read as the object. */
const FRAMINGS: readonly (readonly [text: string, header: LineHeader])[] = [
  ['', {}],
  [' ', {}],
  ['\ufeff', {}],
  // <PRI>
  ['<133>', { severity: 'notice' }],
  ['<0> ', { severity: 'emerg' }],
  ['<191>', { severity: 'debug' }],
  // RFC 3164
  ['Nov 22 07:20:40 node1 haproxy[21191]: ', { time: local(22), ...origin }],
  ['<132>Nov 22 07:20:40 node1 haproxy[21191]: ', { time: local(22), ...origin, severity: 'warning' }],
  ['129 <132>Nov 22 07:20:40 node1 haproxy[21191]: ', { time: local(22), ...origin, severity: 'warning' }],
  ['<134>Nov 22 07:20:40 haproxy[21191]: ', { time: local(22), ...tagged, severity: 'info' }],
  ['Nov 22 07:20:40 haproxy[21191]: ', { time: local(22), ...tagged }],
  ['Nov  2 07:20:40 node1 haproxy[21191]: ', { time: local(2), ...origin }],
  ['Nov 2 07:20:40 node1 haproxy[21191]:: ', { time: local(2), ...origin }],
  ['Nov 02 07:20:40 node1 haproxy[21191]:   ', { time: local(2), ...origin }],
  ['Nov 22 07:20:40.406960 node1 haproxy[21191]: ', { time: local(22, 406), ...origin }],
  ['Nov 22 07:20:60 node1 haproxy[21191]: ', { time: local(22, 0, 60), ...origin }],
  ['Nov 22 07:20:40 node1 haproxy: ', { time: local(22), host: 'node1', process: 'haproxy' }],
  ['Nov 22 07:20:40 haproxy: ', { time: local(22), process: 'haproxy' }],
  ['Nov 22 07:20:40 - haproxy[4294967296]: ', { time: local(22), process: 'haproxy' }],
  [
    'Nov 22 07:20:40 2001:db8:: haproxy[4294967295]: ',
    { time: local(22), host: '2001:db8::', process: 'haproxy', pid: 4_294_967_295 },
  ],
  ['Nov 22 07:20:40 src@node1/relay haproxy[21191]: ', { time: local(22), ...origin, host: 'src@node1/relay' }],
  ['Nov 22 07:20:40 node1 docker/lb.1-a:2[21191]: ', { time: local(22), ...origin, process: 'docker/lb.1-a:2' }],
  // rsyslog on HAProxy's raw format, or a template without a tag.
  ['Nov 22 07:20:40 node1 ', { time: local(22), host: 'node1' }],
  ['Nov 22 07:20:40  ', { time: local(22) }],
  // RFC 5424
  [
    '<133>1 2026-11-22T07:20:40.370241+00:00 - haproxy 21191 - - ',
    { time: moment(370), ...tagged, severity: 'notice' },
  ],
  ['<133>1 2026-11-22T07:20:40Z node1 haproxy 21191 - -  ', { time: moment(), ...origin, severity: 'notice' }],
  ['<133>1 - node1 haproxy 21191 ID47 - \ufeff', { ...origin, severity: 'notice' }],
  ['<133>1 - - - - - - ', { severity: 'notice' }],
  [
    '99 <133>1 2026-11-22T07:20:40Z node1 haproxy 21191 ID [a@1 x="\\"\\]\\\\ ]" y=""][b@2] ',
    { time: moment(), ...origin, severity: 'notice' },
  ],
  // ISO 8601
  ['2026-11-22T07:20:40.406960+00:00 ', { time: moment(406) }],
  ['2026-11-22T07:20:40,406960123Z ', { time: moment(406) }],
  ['2026-11-22T09:20:40.4+0200 ', { time: moment(400) }],
  ['2026-11-22 05:50:40-01:30 ', { time: moment() }],
  ['<5>2026-11-22T07:20:40.406960+00:00 ', { time: moment(406), severity: 'notice' }],
  ['2026-11-22T07:20:40+00:00 node1 haproxy[21191]: ', { time: moment(), ...origin }],
  ['2026-11-22T07:20:40+00:00 node1 haproxy[21191]:: ', { time: moment(), ...origin }],
  ['2026-11-22T07:20:40Z haproxy[21191]: ', { time: moment(), ...tagged }],
  ['2026-11-22T07:20:40Z 10.0.0.5 haproxy: ', { time: moment(), host: '10.0.0.5', process: 'haproxy' }],
  ['<133>2026-11-22T07:20:40Z node1 haproxy[21191]: ', { time: moment(), ...origin, severity: 'notice' }],
  // journalctl
  ['Sun 2026-11-22 07:20:40 UTC node1 haproxy[21191]: ', { time: moment(), ...origin }],
  ['Sun 2026-11-22 10:20:40 +03 node1 haproxy[21191]: ', { time: moment(), ...origin }],
  ['1795332040.406960 node1 haproxy[21191]: ', { time: moment(406), ...origin }],
  // Containers
  ['haproxy-1  | ', { host: 'haproxy-1' }],
  ['haproxy_12 | <133>', { host: 'haproxy_12', severity: 'notice' }],
  ['lb     | Nov 22 07:20:40 haproxy[21191]: ', { time: local(22), ...tagged, host: 'lb' }],
  ['haproxy-1  | 2026-11-22T07:20:40.406960123Z ', { time: moment(406), host: 'haproxy-1' }],
  ['2026-11-22T08:20:40Z <133>', { time: moment(0, 8), severity: 'notice' }],
  ['2026-11-22T08:20:40Z 2026-11-22T07:20:40+00:00 ', { time: moment() }],
  [
    '2026-11-22T08:20:40Z <133>Nov 22 07:20:40 node1 haproxy[21191]: ',
    { time: local(22), ...origin, severity: 'notice' },
  ],
  ['2026-11-22T08:20:40.123456789Z stdout F ', { time: moment(123, 8) }],
  ['2026-11-22T08:20:40.123456789+00:00 stderr P <5>2026-11-22T07:20:40Z ', { time: moment(), severity: 'notice' }],
  ['[pod/lb-7d9f/haproxy] ', { host: 'lb-7d9f' }],
  ['[pod/lb-7d9f/haproxy] 2026-11-22T07:20:40Z ', { time: moment(), host: 'lb-7d9f' }],
  // What HAProxy wrote to its standard output, behind the header of what read it
  ['Nov 22 07:20:41 node1 haproxy[21191]: <5>', { time: local(22, 0, 41), ...origin, severity: 'notice' }],
  [
    'Nov 22 07:20:41 node1 docker/lb[713]: <133>Nov 22 07:20:40 haproxy[21191]: ',
    { time: local(22), ...origin, severity: 'notice' },
  ],
  ['Nov 22 07:20:41 node1 haproxy[21191]: 2026-11-22T07:20:40+00:00 ', { time: moment(), ...origin }],
];

for (const [text, header] of FRAMINGS) {
  test(`${JSON.stringify(text)} is a header and the message follows it`, () => {
    assert.deepEqual(parseHeader(text + MESSAGE), { header, messageStart: text.length });
  });
}

test('a time without a zone keeps its year and stays local', () => {
  const time = { ...local(22), year: 2026 };
  assert.deepEqual(parseHeader(`2026-11-22T07:20:40 ${MESSAGE}`).header, { time });
  // CST is a zone of Chicago, of Shanghai and of Havana.
  assert.deepEqual(parseHeader(`Sun 2026-11-22 07:20:40 CST node1 haproxy[1]: ${MESSAGE}`).header.time, time);
});

test('an abbreviation that names one zone is that zone', () => {
  for (const line of [
    'Sun 2026-11-22 08:20:40 CET node1 haproxy[1]: ',
    'Nov 22 2026 09:20:40 EET node1 haproxy[1]: ',
    '2026-11-22 02:20:40 EST node1 haproxy[1]: ',
  ]) {
    assert.deepEqual(parseHeader(line + MESSAGE).header.time, moment(), line);
  }
  const { time } = parseHeader(`Nov 22 08:20:40 CET node1 haproxy[1]: ${MESSAGE}`).header;
  assert.deepEqual(time, { ...local(22), hour: 8, zoneMinutes: 60 });
});

test('a text that follows no grammar is raw, and nothing of it is skipped', () => {
  for (const text of [
    `<192>${MESSAGE}`,
    `<007>${MESSAGE}`,
    `129 ${MESSAGE}`,
    `haproxy[21191]: ${MESSAGE}`,
    `Nov 31 07:20:40 node1 haproxy[1]: ${MESSAGE}`,
    `Nov 22 24:20:40 node1 haproxy[1]: ${MESSAGE}`,
    `nox 22 07:20:40 node1 haproxy[1]: ${MESSAGE}`,
    `edge lb-7d9f haproxy ${MESSAGE}`,
    `be_main srv-1 ${MESSAGE}`,
    `[web-1] ${MESSAGE}`,
    `12 haproxy[1]: ${MESSAGE}`,
    `/x.log: ${MESSAGE}`,
    `1795332040.406 node1 haproxy[1]: ${MESSAGE}`,
    `Nov 22 07:20:40 node1 relay haproxy[1]: ${MESSAGE}`,
    `Nov 22 07:20:40 node1 haproxy[1]${MESSAGE}`,
    `2026-02-29T07:20:40Z ${MESSAGE}`,
    `2026-11-22T07:20:40.1234567890Z ${MESSAGE}`,
    `2026-11-22T07:20:40+24:00 ${MESSAGE}`,
    `2026-11-22T07:20:40Z node1 ${MESSAGE}`,
    `2026-11-22T07:20:40Z /x: ${MESSAGE}`,
    `2026-11-22T07:20:40Z 10.0.0.1:4711 x: ${MESSAGE}`,
    `2026-11-22T07:20:40Z 10.0.0.1 "GET: ${MESSAGE}`,
    `1795332040.406960 ${MESSAGE}`,
    `10.0.0.1 | ${MESSAGE}`,
    `be_main | ${MESSAGE}`,
    `[pod/a b/c] ${MESSAGE}`,
    ACCESS,
  ]) {
    assert.deepEqual(parseHeader(text), { header: {}, messageStart: 0 }, text);
  }
});

test('an address with its port is a client, where a host could stand', () => {
  const line = `Nov 22 07:20:40 192.0.2.7:4711 haproxy[1]: ${MESSAGE}`;
  assert.deepEqual(parseHeader(line), { header: { time: local(22) }, messageStart: 16 });
});

test('a broken RFC 5424 header leaves only its <PRI>', () => {
  for (const rest of [
    '1 2026-11-22T07:20:40Z node1 haproxy 1 - ',
    '1 - h a p m [x ',
    '1 - h a p m [x y="] ',
    '2 - - - - - - ',
  ]) {
    assert.deepEqual(parseHeader(`<133>${rest}${MESSAGE}`), { header: { severity: 'notice' }, messageStart: 5 }, rest);
  }
});

test('the message of an access line starts right behind the header', () => {
  for (const text of [
    'Nov 22 07:20:40 node1 haproxy[21191]: ',
    '<134>1 - - haproxy 1 - - ',
    '<134>',
    'haproxy-1  | ',
  ]) {
    assert.equal(parseHeader(text + ACCESS).messageStart, text.length);
  }
});
