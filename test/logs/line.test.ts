import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLine } from '../../src/logs/line.ts';
import type { ParsedLine } from '../../src/logs/record.ts';

const EVENT = 'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=12 st=1 0/-1/-1/-1/251 1/2 3/4 5/60';
const SINCE_3_1 = 'SPOE: [mirror] <GROUP:mirror-group> sid=12 st=257 251 5/60';
const HEADER = 'Nov 22 07:20:40 node1 haproxy[21191]: ';
const ACCESS = '10.0.0.1:4711 [22/Nov/2026:07:20:40.405] fe be/s 1/0/0/0/1 200 127 - - ---- 1/1/0/0/0 0/0';

const HEADERS = [
  HEADER,
  `<133>${HEADER}`,
  '129 <133>1 2026-11-22T07:20:40.370241+00:00 - haproxy 21191 - - ',
  'Nov 22 07:20:40 haproxy[21191]: ',
  'Nov  2 07:20:40 node1 hapee-lb[21191]:: ',
  '2026-11-22T07:20:40.406960+00:00 ',
  '2026-11-22T07:20:40.406960+00:00 node1 haproxy[21191]: ',
  'Sun 2026-11-22 07:20:40 UTC node1 haproxy[21191]: ',
  '1795332040.406960 node1 haproxy[21191]: ',
  '2026-11-22T07:20:40.406960123Z stdout F ',
  '<5>2026-11-22T07:20:40.406960+00:00 ',
  '<133>',
];

type EventLine = Extract<ParsedLine, { kind: 'event' }>;

const kindOf = (line: string) => parseLine(line).kind;

function eventOf(line: string): EventLine {
  const parsed = parseLine(line);
  return parsed.kind === 'event' ? parsed : assert.fail(`${parsed.kind}: ${line}`);
}

test('a line without the marker is none', () => {
  for (const line of [
    '',
    '\0\0',
    HEADER + ACCESS,
    `${HEADER}${ACCESS} "GET /SPOE:foo HTTP/1.1"`,
    '{',
    '{"message":"x"}',
  ]) {
    assert.deepEqual(parseLine(line), { kind: 'none' });
  }
});

test('a marker right behind the header is judged by its message', () => {
  assert.equal(kindOf(HEADER + EVENT), 'event');
  assert.deepEqual(parseLine(`<132>SPOE: [mirror] failed to create SPOE applet`), {
    ...{ kind: 'other', header: { severity: 'warning' }, agent: 'mirror', text: 'failed to create SPOE applet' },
  });
  assert.deepEqual(parseLine('<132>SPOE: [mir'), { kind: 'malformed', header: { severity: 'warning' } });
});

test('what a client sent in an access line is never an event', () => {
  const captured = [
    ...[
      EVENT,
      SINCE_3_1,
      `${HEADER}${EVENT}`,
      `<133>${EVENT}`,
      `\\n${HEADER}${EVENT}`,
      `x: ${EVENT}`,
      `x[1]: ${EVENT}`,
    ],
    ...[
      `: ${EVENT}`,
      ` | ${EVENT}`,
      `haproxy-1  | ${EVENT}`,
      `message repeated 9 times: [ ${EVENT}]`,
      `{"message":"${EVENT}"}`,
    ],
  ];
  const headers = ['', 'haproxy-1  | ', '[pod/a/b] ', ...HEADERS];
  for (const text of captured) {
    for (const header of headers) {
      for (const access of [
        `${ACCESS} {${text}}`,
        `${ACCESS} ${text}`,
        `10.0.0.1 ${text}x`,
        `"${text}"`,
        `- ${text}`,
      ]) {
        // No access line stands before these: a header that is not known cannot be told from them.
        if (access.startsWith('- ') && kindOf(header + access) === 'unread') continue;
        // Behind a bare ISO time these are a host and a tag, and nothing tells that a client wrote them.
        if (header.endsWith('+00:00 ') && /^(?:10\.0\.0\.1|-) x/.test(access)) continue;
        assert.equal(kindOf(header + access), 'spoofed', header + access);
      }
    }
  }
});

test('two syslog headers in a row are no header: the first one ends at its tag', () => {
  assert.equal(kindOf(`${HEADER}${HEADER}${EVENT}`), 'unread');
  assert.equal(kindOf(`haproxy-1  | haproxy-1  | ${EVENT}`), 'unread');
  assert.equal(kindOf(`${HEADER}docker: haproxy: ${EVENT}`), 'unread');
  // Only a priority says that it was a line of its own.
  assert.equal(kindOf(`<133>${HEADER}<133>${EVENT}`), 'event');
  assert.equal(kindOf(`${HEADER}<133>${HEADER}${EVENT}`), 'event');
  assert.equal(kindOf(`${HEADER}<133>${HEADER}<133>${EVENT}`), 'unread');
});

test('a line that was cut is never an event, at whichever place, except inside its last number', () => {
  for (const header of HEADERS) {
    for (const message of [EVENT, SINCE_3_1]) {
      const line = header + message;
      for (let length = 0; length <= line.length - 2; length += 1) {
        const expected = length < header.length + 5 ? 'none' : 'malformed';
        assert.equal(kindOf(line.slice(0, length)), expected, line.slice(0, length));
      }
    }
  }
});

test('a whole line glued to a cut SPOE line is the event, and the cut one is one malformed', () => {
  for (const second of HEADERS) {
    for (const message of [EVENT, SINCE_3_1]) {
      const expected = eventOf(second + message);
      for (let length = HEADER.length + 5; length <= HEADER.length + EVENT.length; length += 1) {
        const glued = eventOf(`${`${HEADER}${EVENT}`.slice(0, length)}${second}${message}#012`);
        assert.deepEqual(glued, { ...expected, torn: true });
      }
    }
  }
});

test('in the raw format the glued line has no header either', () => {
  for (let length = 5; length <= EVENT.length; length += 1) {
    assert.equal(eventOf(EVENT.slice(0, length) + SINCE_3_1).torn, true);
    // With a header the same text is damage: HAProxy would have repeated the header.
    assert.equal(kindOf(HEADER + EVENT.slice(0, length) + SINCE_3_1), 'malformed');
  }
});

test('a whole line glued to another message of the filter is an event too', () => {
  for (const text of ['failed to create SPOE applet', 'failed to process messages: code=1']) {
    for (let length = 0; length <= text.length; length += 1) {
      assert.equal(eventOf(`${HEADER}SPOE: [mirror] ${text.slice(0, length)}${HEADER}${EVENT}`).torn, true);
    }
  }
});

test('a cut line with an access line glued to it is not searched for what a client sent', () => {
  for (let length = 5; length <= EVENT.length; length += 1) {
    const line = `${HEADER}${EVENT.slice(0, length)}${HEADER}${ACCESS} ${HEADER}${EVENT}`;
    assert.equal(kindOf(line), 'malformed', line);
  }
  assert.equal(kindOf(`${HEADER}SPOE: [mirror] <EV${HEADER}${EVENT.slice(0, -30)}${HEADER}${EVENT}`), 'malformed');
});

test('a repeated message stands for that many events', () => {
  const repeated = (times: string, message = EVENT) =>
    parseLine(`${HEADER}message repeated ${times} times: [ ${message}]`);
  const line = repeated('3');
  assert.equal(line.kind === 'event' && line.repeat, 3);
  assert.deepEqual(line, { ...eventOf(HEADER + EVENT), repeat: 3 });
  for (const times of ['1', '100000']) assert.equal(repeated(times).kind, 'event');
  for (const times of ['0', '100001', '99999999999999999999']) assert.equal(repeated(times).kind, 'malformed');
  assert.equal(repeated('3', EVENT.slice(0, 40)).kind, 'malformed');
  assert.equal(repeated('3', 'SPOE: [mirror] failed to create SPOE applet').kind, 'other');
  assert.equal(repeated('3', `${ACCESS} {${EVENT}}`).kind, 'spoofed');
  assert.equal(repeated('x').kind, 'spoofed');
  assert.equal(kindOf(`${HEADER}message repeated 3 times: [ ${EVENT}`), 'malformed');
  assert.equal(kindOf(`${HEADER}message repeated 3 times: [ ${EVENT}]#012`), 'event');
});

test('NUL holes, CRs and escaped newlines change nothing', () => {
  const expected = parseLine(HEADER + EVENT);
  for (const line of [
    `${HEADER}${EVENT}\r`,
    `${HEADER}${EVENT}\r\r`,
    `${HEADER}${EVENT}\0\r\0`,
    `${HEADER}${EVENT}#012`,
    `${HEADER}${EVENT}#015#012`,
    `\0\0\0${HEADER}${EVENT}`,
    [...(HEADER + EVENT)].join('\0'),
  ]) {
    assert.deepEqual(parseLine(line), expected);
  }
});
