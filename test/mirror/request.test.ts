import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArguments } from '../../src/mirror/arguments.ts';
import { type MirrorOptions, resolveOptions } from '../../src/mirror/options.ts';
import { buildRequest, type MirroredRequest, requestRules } from '../../src/mirror/request.ts';
import { KvList } from '../../src/spop/kv-list.ts';
import { binaryData, ipv4Data, ipv6Data, nullData } from '../../src/spop/values.ts';
import { type HeaderList, HOST, latin1, messageOf, type Parts } from './servers.ts';

function build(parts: Parts, options: Partial<MirrorOptions> = {}): MirroredRequest {
  const args = readArguments(messageOf(parts));
  assert.ok(args, 'not a message to mirror');
  return buildRequest(args, requestRules(resolveOptions({ destinations: ['http://mirror.test'], ...options })));
}

/** The header lines as pairs, without the Host of most tests. */
function headersOf(request: MirroredRequest): string[] {
  return request.headers.split('\r\n').filter((line) => line !== '' && line !== 'host: www.example.com');
}

interface Case {
  readonly sentence: string;
  readonly parts: Parts;
  readonly options?: Partial<MirrorOptions>;
  readonly expected: Partial<Omit<MirroredRequest, 'headers'>> & { readonly headers?: readonly string[] };
}

const LONG: HeaderList = [...HOST, ['content-length', '100']];
const CHUNKED: HeaderList = [...HOST, ['transfer-encoding', 'chunked'], ['x-after', '1']];

const CASES: readonly Case[] = [
  // What the C agent gets wrong.
  { sentence: 'empty headers are no headers', parts: { headers: [] }, expected: { headers: [], hasHost: false } },
  {
    sentence: 'headers of no bytes are no headers',
    parts: { args: { arg_hdrs: binaryData(Buffer.alloc(0)) } },
    expected: { headers: [], rejection: undefined },
  },
  ...['PATCH', 'DELETE', 'GET', 'HEAD', 'OPTIONS'].map((method) => ({
    sentence: `the body of a ${method} is kept`,
    parts: { method, headers: [...HOST, ['content-length', '4'], ['x-after', '1']] as HeaderList, body: 'body' },
    expected: { headers: ['content-length: 4', 'x-after: 1'], body: Buffer.from('body') },
  })),
  {
    sentence: 'other methods are kept',
    parts: { method: 'PROPFIND' },
    expected: { method: 'PROPFIND', rejection: undefined },
  },
  {
    sentence: 'hop-by-hop headers, and those that Connection names, end here',
    parts: {
      headers: [
        ['x-named', '1'],
        ['connection', 'close, X-Named'],
        ['connection', 'x-other'],
        ['keep-alive', 'timeout=5'],
        ['proxy-authorization', 'Basic eA=='],
        ['proxy-connection', 'keep-alive'],
        ['te', 'trailers'],
        ['trailer', 'x-sum'],
        ['upgrade', 'websocket'],
        ['http2-settings', 'AAMAAABk'],
        ['expect', '100-continue'],
        ['x-other', '2'],
        ['x-kept', '3'],
      ],
    },
    expected: { headers: ['x-kept: 3'] },
  },
  {
    sentence: 'Connection cannot remove Host or the length',
    parts: {
      method: 'POST',
      headers: [...HOST, ['connection', 'host, content-length'], ['content-length', '1']],
      body: 'x',
    },
    expected: { headers: ['content-length: 1'], hasHost: true },
  },
  {
    sentence: 'a truncated body is marked, and its length is that of what is sent',
    parts: { method: 'POST', headers: LONG, body: 'short' },
    expected: { headers: ['content-length: 5'], truncated: true, rejection: undefined },
  },
  {
    sentence: 'a body that did not come at all is truncated, too',
    parts: { method: 'POST', headers: LONG, args: { arg_body: nullData() } },
    expected: { headers: ['content-length: 0'], truncated: true, body: undefined },
  },
  {
    sentence: 'a truncated body is skipped where that is wanted',
    parts: { method: 'POST', headers: LONG, body: 'short' },
    options: { truncatedBody: 'skip' },
    expected: { truncated: true, rejection: 'skipped-truncated' },
  },
  ...['a\r\nx: y', 'a\nb', 'a\rb', 'a\0b'].map((value) => ({
    sentence: `a header value with ${JSON.stringify(value)} is refused`,
    parts: { headers: [...HOST, ['x', value]] as HeaderList },
    expected: { rejection: 'invalid-header' as const },
  })),
  ...['a b', 'a:', 'a\r\nb', '\u00e9', ':path'].map((name) => ({
    sentence: `the header name ${JSON.stringify(name)} is refused`,
    parts: { headers: [...HOST, [name, 'v']] as HeaderList },
    expected: { rejection: 'invalid-header' as const },
  })),
  {
    sentence: 'headers that are cut are refused',
    parts: { args: { arg_hdrs: binaryData(Buffer.from('\x04host\x20abc', 'latin1')) } },
    expected: { rejection: 'invalid-header' },
  },
  {
    sentence: 'order and duplicates stay, and so does every byte of a value',
    parts: {
      headers: [
        ['b', '\u0080\u00ff\t x'],
        ['a', '1'],
        ['b', ''],
      ],
    },
    expected: { headers: ['b: \u0080\u00ff\t x', 'a: 1', 'b: '] },
  },
  // Framing.
  {
    sentence: 'a chunked body came decoded: it is sent with its length',
    parts: { method: 'POST', headers: CHUNKED, body: 'data' },
    expected: { headers: ['content-length: 4', 'x-after: 1'], truncated: false },
  },
  {
    sentence: 'an empty chunked body says so',
    parts: { method: 'POST', headers: CHUNKED },
    expected: { headers: ['content-length: 0', 'x-after: 1'] },
  },
  {
    sentence: 'a length of zero is kept on a method that has a body',
    parts: { method: 'PUT', headers: [...HOST, ['content-length', '0']] },
    expected: { headers: ['content-length: 0'] },
  },
  {
    sentence: 'a length of zero says nothing on GET',
    parts: { method: 'GET', headers: [...HOST, ['content-length', '0']] },
    expected: { headers: [] },
  },
  {
    sentence: 'nothing is added to a POST without body and length',
    parts: { method: 'POST' },
    expected: { headers: [] },
  },
  {
    sentence: 'a body without any length gets one at the end',
    parts: { method: 'POST', body: 'abc' },
    expected: { headers: ['content-length: 3'] },
  },
  // Methods and paths.
  { sentence: 'any token is a method', parts: { method: "m!#$%&'*+-.^_`|~9" }, expected: { rejection: undefined } },
  ...['', 'GE T', 'GET\r\n', 'G\u00c9T', 'CONNECT'].map((method) => ({
    sentence: `${JSON.stringify(method)} is not a method to mirror`,
    parts: { method },
    expected: { method, rejection: 'invalid-method' as const },
  })),
  ...['/', '//a', '/a/../b?x=%zz&y=?#z', '/\u00ff', '/?'].map((path) => ({
    sentence: `the path ${JSON.stringify(path)} is not touched`,
    parts: { path },
    expected: { path, rejection: undefined },
  })),
  ...[
    ['http://www.example.com/a?b', '/a?b'],
    ['HTTPS://user@[::1]:8/a', '/a'],
    ['http://www.example.com', '/'],
    ['http://www.example.com?q', '/?q'],
  ].map(([path = '', origin = '']) => ({
    sentence: `the absolute form ${path} becomes ${origin}`,
    parts: { path },
    expected: { path: origin, rejection: undefined },
  })),
  {
    sentence: 'an absolute form gives the host that is missing',
    parts: { path: 'http://other.test:81/', headers: [] },
    expected: { host: 'other.test:81', hasHost: false },
  },
  {
    sentence: 'user and password of an absolute form are no part of the host',
    parts: { path: 'http://user@x:pw@other.test:81/a@b', headers: [] },
    expected: { path: '/a@b', host: 'other.test:81' },
  },
  {
    sentence: 'OPTIONS asks about *',
    parts: { method: 'OPTIONS', path: '*' },
    expected: { path: '*', rejection: undefined },
  },
  {
    sentence: 'OPTIONS of an absolute form without path asks about *',
    parts: { method: 'OPTIONS', path: 'http://www.example.com' },
    expected: { path: '*' },
  },
  ...['', '*', 'a', '/a b', '/a\tb', '/\r\nx: y', '/\0', '/\u007f', 'www.example.com:443'].map((path) => ({
    sentence: `${JSON.stringify(path)} is not a path`,
    parts: { path },
    expected: { path, rejection: 'invalid-path' as const },
  })),
  // Header options.
  {
    sentence: 'arg_uid becomes X-Unique-ID, in the place of what the client sent',
    parts: { headers: [...HOST, ['X-Unique-Id', 'theirs'], ['x', '1']], args: { arg_uid: 'ours' } },
    expected: { headers: ['x: 1', 'x-unique-id: ours'], uniqueId: 'ours' },
  },
  {
    sentence: 'the header of arg_uid can have another name',
    parts: { headers: [...HOST, ['x-unique-id', 'theirs'], ['x-rid', '1']], args: { arg_uid: 'ours' } },
    options: { uniqueIdHeader: 'X-Rid' },
    expected: { headers: ['x-unique-id: theirs', 'x-rid: ours'] },
  },
  {
    sentence: 'without arg_uid the client keeps its own',
    parts: { headers: [...HOST, ['x-unique-id', 'theirs']], args: { arg_uid: null } },
    expected: { headers: ['x-unique-id: theirs'], uniqueId: undefined },
  },
  {
    sentence: 'arg_uid with a line end is refused',
    parts: { args: { arg_uid: 'a\r\nb: c' } },
    expected: { rejection: 'invalid-header' },
  },
  {
    sentence: 'headers can be left out and set',
    parts: {
      headers: [
        ['authorization', 'secret'],
        ['Cookie', 'a'],
        ['x-env', 'production'],
        ['x', '1'],
      ],
    },
    options: { stripHeaders: ['Authorization', 'cookie'], setHeaders: [['X-Env', 'mirror']] },
    expected: { headers: ['x: 1', 'X-Env: mirror'] },
  },
  {
    sentence: 'Host can be rewritten',
    parts: {},
    options: { rewriteHost: 'mirror.test' },
    expected: { hasHost: false, host: 'mirror.test' },
  },
  {
    sentence: 'Host can be left to the destination',
    parts: {},
    options: { rewriteHost: true },
    expected: { hasHost: false, host: undefined },
  },
  // Arguments.
  {
    sentence: 'text headers mean the same',
    parts: { args: { arg_hdrs: latin1('host: www.example.com\r\nA: 1\r\na:\u00ff\r\n\r\n') } },
    expected: { headers: ['A: 1', 'a: \u00ff'], hasHost: true },
  },
  {
    sentence: 'text headers without their end are refused',
    parts: { args: { arg_hdrs: latin1('host: www.example.com\r\n') } },
    expected: { rejection: 'invalid-header' },
  },
  {
    sentence: 'sid and pid are integers, or digits',
    parts: { args: { arg_sid: 12, arg_pid: '34' } },
    expected: { sid: 12, pid: 34, others: undefined },
  },
  {
    sentence: 'all further arguments are kept',
    parts: {
      args: {
        '': 1,
        ip: ipv4Data(Buffer.of(192, 0, 2, 1)),
        ip6: ipv6Data(Buffer.from('20010db8000000000000000000000001', 'hex')),
        none: null,
        yes: true,
        text: 'gr\u00fcn',
        big: 2n ** 60n,
        ['__proto__']: 'x',
      },
    },
    expected: {
      others: [
        ['', 1],
        ['ip', '192.0.2.1'],
        ['ip6', '2001:db8::1'],
        ['none', null],
        ['yes', true],
        ['text', 'gr\u00fcn'],
        ['big', '1152921504606846976'],
        ['__proto__', 'x'],
      ],
    },
  },
  {
    sentence: 'a traceparent is recognized',
    parts: { headers: [...HOST, ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']] },
    expected: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  },
  {
    sentence: 'anything else called traceparent is only sent',
    parts: { headers: [...HOST, ['traceparent', 'x']] },
    expected: { traceparent: undefined, headers: ['traceparent: x'] },
  },
];

for (const { sentence, parts, options, expected } of CASES) {
  test(sentence, () => {
    const request = build(parts, options);
    const { headers, ...rest } = expected;
    for (const [key, value] of Object.entries(rest))
      assert.deepEqual(request[key as keyof MirroredRequest], value, key);
    if (headers !== undefined) assert.deepEqual(headersOf(request), headers);
  });
}

test('the order of the arguments does not matter', () => {
  const message = messageOf({ method: 'POST', path: '/x', body: 'b', args: { arg_uid: 'u' } });
  const turned = { name: message.name, args: KvList.of([...message.args].reverse()) };
  const rules = requestRules(resolveOptions({ destinations: ['http://mirror.test'] }));
  const [one, other] = [message, turned].map((each) => buildRequest(readArguments(each) ?? assert.fail(), rules));
  assert.deepEqual(one, other);
});

test('a message without arg_method or arg_path, or with NULL there, is none to mirror', () => {
  for (const args of [{ arg_method: null }, { arg_path: null }])
    assert.equal(readArguments(messageOf({ args })), undefined);
  assert.equal(readArguments({ name: 'x', args: KvList.of([]) }), undefined);
});

test('a request holds no memory of the frame it came in', () => {
  const frame = Buffer.from('....body', 'latin1');
  const request = build({ method: 'POST', args: { arg_body: binaryData(frame.subarray(4)) } });
  frame.fill(0);
  assert.equal(request.body?.toString(), 'body');
});
