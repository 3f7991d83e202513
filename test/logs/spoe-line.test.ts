import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpoeEvent } from '../../src/logs/record.ts';
import { parseMessage, tornLength } from '../../src/logs/spoe-line.ts';

const OLD = 'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=7 st=1 0/-1/-1/-1/251 1/2 3/4 5/60';
const NEW = 'SPOE: [waf-agent_2.prod] <GROUP:mirror-group> sid=7 st=264 251 5/60';

function eventOf(text: string): SpoeEvent {
  const result = parseMessage(text);
  assert.equal(result.kind, 'event', text);
  return result.kind === 'event' ? result.event : assert.fail();
}

const kindOf = (text: string) => parseMessage(text).kind;

test('an event of HAProxy <= 3.0 has five timers and four gauges', () => {
  assert.deepEqual(eventOf(OLD), {
    ...{ agent: 'mirror', type: 'EVENT', name: 'on-frontend-http-request', sid: 7, st: 1 },
    ...{ reqT: 0, qT: -1, wT: -1, resT: -1, pT: 251, idles: 1, applets: 2, nbSending: 3, nbWaiting: 4 },
    ...{ nbError: 5, nbProcessed: 60 },
  });
});

test('an event of HAProxy >= 3.1 has pT only', () => {
  assert.deepEqual(eventOf(NEW), {
    ...{ agent: 'waf-agent_2.prod', type: 'GROUP', name: 'mirror-group', sid: 7, st: 264 },
    ...{ pT: 251, nbError: 5, nbProcessed: 60 },
  });
});

test('numbers are read up to the width HAProxy prints them with', () => {
  assert.equal(eventOf(NEW.replace('sid=7', 'sid=4294967295')).sid, 4_294_967_295);
  assert.equal(eventOf(NEW.replace('st=264', 'st=4294967295')).st, 4_294_967_295);
  assert.equal(eventOf(NEW.replace(' 251 ', ' -1 ')).pT, -1);
  assert.equal(eventOf(NEW.replace(' 251 ', ' 9999999999 ')).pT, 9_999_999_999);
  assert.equal(eventOf(OLD.replace('3/4', '4294967295/0')).nbSending, 4_294_967_295);
});

test('64-bit counters lose no digit', () => {
  const at = (counters: string) => eventOf(NEW.replace('5/60', counters));
  assert.equal(at('0/9007199254740991').nbProcessed, 9_007_199_254_740_991);
  assert.equal(at('0/9007199254740992').nbProcessed, 9_007_199_254_740_992n);
  assert.equal(at('0/9007199254740993').nbProcessed, 9_007_199_254_740_993n);
  assert.equal(at('18446744073709551615/1').nbError, 18_446_744_073_709_551_615n);
});

test('a number out of range makes the line malformed', () => {
  for (const [from, to] of [
    ['sid=7', 'sid=4294967296'],
    ['sid=7', 'sid=-1'],
    ['st=264', 'st=4294967296'],
    ['st=264', 'st=0x1'],
    [' 251 ', ' -2 '],
    [' 251 ', ' 12345678901 '],
    [' 251 ', ' 1.5 '],
    ['5/60', '5/18446744073709551616'],
    ['5/60', '123456789012345678901/1'],
    ['5/60', '-5/60'],
    ['5/60', '5/60x'],
    ['5/60', '5/60 7'],
    ['sid=7 ', 'sid=7  '],
  ] as const) {
    assert.equal(kindOf(NEW.replace(from, to)), 'malformed', to);
  }
  assert.equal(kindOf(OLD.replace('1/2', '4294967296/2')), 'malformed');
  assert.equal(kindOf(OLD.replace('/251 1/2', '/251/9 1/2')), 'malformed');
});

test('only line ends may follow the last field', () => {
  for (const tail of ['', '\r', ' ', '  ', '#012', '#015#012', '#012 ', ' #012\r']) {
    assert.equal(eventOf(NEW + tail).nbProcessed, 60);
    assert.equal(eventOf(OLD + tail).nbProcessed, 60);
  }
  for (const tail of ['\t', '#01', '#011', '#0122', ' x', '"', '}'])
    assert.equal(kindOf(NEW + tail), 'malformed', tail);
});

test('agent and event names are one or more characters without spaces and brackets', () => {
  assert.equal(eventOf(NEW.replace('waf-agent_2.prod', 'zürich:1<2>')).agent, 'zürich:1<2>');
  assert.equal(eventOf(NEW.replace('mirror-group', 'a[0]:b')).name, 'a[0]:b');
  for (const agent of ['', 'a b', 'a[', 'a\tb', 'a\x7fb']) {
    assert.equal(kindOf(NEW.replace('waf-agent_2.prod', agent)), 'malformed', agent);
  }
  for (const name of ['', 'a b', 'a<b', 'a>b', 'a\x01b']) {
    assert.equal(kindOf(NEW.replace('mirror-group', name)), 'malformed', name);
  }
});

test('messages of the filter that report no event are kept as text, at most 200 characters', () => {
  const text = 'failed to process messages: code=1';
  assert.deepEqual(parseMessage(`SPOE: [mirror] ${text}#012`), { kind: 'other', agent: 'mirror', text });
  assert.deepEqual(parseMessage(`SPOE: ${text}\r`), { kind: 'other', text });
  assert.deepEqual(parseMessage('SPOE: 3 [x] <EVENT:y>'), { kind: 'other', text: '3 [x] <EVENT:y>' });
  assert.deepEqual(parseMessage(`SPOE: [a] ${'x'.repeat(300)}`), { kind: 'other', agent: 'a', text: 'x'.repeat(200) });
});

test('an event line that was cut is malformed at every place, except inside its last number', () => {
  for (const line of [OLD, NEW]) {
    for (let length = 'SPOE:'.length; length <= line.length - 2; length += 1) {
      assert.equal(kindOf(line.slice(0, length)), 'malformed', line.slice(0, length));
      assert.equal(kindOf(`${line.slice(0, length)} #012`), 'malformed', line.slice(0, length));
    }
    // A shorter counter: nothing tells that a digit is missing.
    assert.equal(eventOf(line.slice(0, -1)).nbProcessed, 6);
  }
});

test('what starts like an event and is none is malformed, not other', () => {
  for (const text of [
    'SPOE:x',
    'SPOE:  text',
    'SPOE: [mirror]x',
    'SPOE: [mirror]  <EVENT:x>',
    'SPOE: [mirror] <other> text',
    'SPOE: <EVENT:x>',
    'SPOE: [] text',
    'SPOE: [a b] text',
    'SPOE: [mirror] <event:x> sid=1 st=0 1 0/1',
  ]) {
    assert.equal(kindOf(text), 'malformed', text);
  }
});

test('the length of a possible beginning of a line is found wherever something else was glued to it', () => {
  for (const line of [OLD, NEW, 'SPOE: [mirror] failed to process messages: code=1']) {
    for (let length = 5; length <= line.length; length += 1) {
      assert.equal(tornLength(`${line.slice(0, length)}\x01`), length);
    }
  }
});
