/** HTTP/2 as nobody should speak it, frame by frame: what a hostile server writes when a request has come. */
import type { Socket } from 'node:net';

const PREFACE_BYTES = 24;

export const Type = {
  data: 0,
  headers: 1,
  priority: 2,
  rst: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
  altsvc: 10,
  origin: 12,
};

export function frame(type: number, flags: number, stream: number, payload: Buffer | string = ''): Buffer {
  const body = Buffer.from(payload as string, 'latin1');
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

const u32 = (value: number) => Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
export const SETTINGS = frame(Type.settings, 0, 0);
export const ACK = frame(Type.settings, 1, 0);
/** `:status: 200`, indexed. */
export const OK = '\x88';
export const ANSWER = (stream: number) => frame(Type.headers, 5, stream, OK);
/** A literal field without indexing. */
export const field = (name: string, value: string) =>
  `\x00${String.fromCharCode(name.length)}${name}${String.fromCharCode(value.length)}${value}`;

/** A request of the server's own, on stream 2. */
const promise = (stream: number) =>
  frame(Type.push, 4, stream, Buffer.concat([u32(2), Buffer.from('\x82\x84\x86\x01\x01x', 'latin1')]));

/** What is written when a request came on a stream. */
export type Misbehaviour = (stream: number, socket: Socket) => void;

export const write =
  (...frames: ((stream: number) => Buffer)[]): Misbehaviour =>
  (stream, socket) => {
    for (const make of frames) socket.write(make(stream));
  };

/** Frames that do no harm by themselves. */
export const FLOODS: { readonly [kind: string]: (stream: number) => Buffer } = {
  'ORIGIN of many': () => frame(Type.origin, 0, 0, '\0\x09https://a'.repeat(1000)),
  ALTSVC: () => frame(Type.altsvc, 0, 0, '\0\x09https://ah2=":1"'),
  PRIORITY: (stream) => frame(Type.priority, 0, stream, '\0\0\0\0\x10'),
  'frames of no known type': () => frame(0xbe, 0, 0, 'x'),
  'long frames of no known type': () => frame(0xbe, 0, 0, 'x'.repeat(16_000)),
  PING: () => frame(Type.ping, 0, 0, '12345678'),
  SETTINGS: () => SETTINGS,
  WINDOW_UPDATE: () => frame(Type.window, 0, 0, u32(1)),
  'RST_STREAM of a stream that was': () => frame(Type.rst, 0, 1, u32(8)),
  'DATA of nothing': (stream) => frame(Type.data, 0, stream),
  'DATA of nothing but padding': (stream) => frame(Type.data, 8, stream, '\xff'.padEnd(256, '\0')),
};

/** More of them than a connection has credit for, behind the head of an answer. */
const flood =
  (one: (stream: number) => Buffer): Misbehaviour =>
  (stream, socket) => {
    socket.write(frame(Type.headers, 4, stream, OK));
    socket.write(Buffer.concat(Array.from({ length: 2000 }, () => one(stream))));
  };

export const KINDS: { readonly [kind: string]: Misbehaviour } = {
  'WINDOW_UPDATE of 0': write(
    (stream) => frame(Type.window, 0, stream, u32(0)),
    () => frame(Type.window, 0, 0, u32(0)),
  ),
  'WINDOW_UPDATE beyond 2^31': write(
    () => frame(Type.window, 0, 0, u32(0x7fffffff)),
    () => frame(Type.window, 0, 0, u32(0x7fffffff)),
  ),
  'RST_STREAM of a stream that is none': write(() => frame(Type.rst, 0, 9991, u32(8))),
  'RST_STREAM of the request': write((stream) => frame(Type.rst, 0, stream, u32(2))),
  PUSH_PROMISE: write(promise),
  'PUSH_PROMISE that is taken back': write(promise, () => frame(Type.rst, 0, 2, u32(2))),
  'PUSH_PROMISE that is kept': write(
    promise,
    () => frame(Type.headers, 4, 2, OK),
    () => frame(Type.data, 1, 2, 'x'),
  ),
  'PUSH_PROMISE, then an error': write(
    promise,
    () => frame(Type.headers, 4, 2, OK),
    () => frame(Type.goaway, 0, 0, Buffer.concat([u32(2), u32(2)])),
  ),
  'PUSH_PROMISE, then a broken frame': write(
    promise,
    () => frame(Type.headers, 4, 2, OK),
    () => frame(Type.window, 0, 0, 'x'),
  ),
  'PUSH_PROMISE, then a reset': (stream, socket) => {
    socket.write(promise(stream));
    socket.write(frame(Type.headers, 4, 2, OK), () => socket.destroy());
  },
  'many CONTINUATIONs': (stream, socket) => {
    socket.write(frame(Type.headers, 0, stream, OK));
    for (let i = 0; i < 40; i++) socket.write(frame(Type.continuation, 0, stream, field('x-a', 'b'.repeat(100))));
    socket.write(frame(Type.continuation, 4, stream));
  },
  'CONTINUATION of nothing': write((stream) => frame(Type.continuation, 4, stream, OK)),
  'GOAWAY for everything': write(() => frame(Type.goaway, 0, 0, Buffer.concat([u32(0), u32(0)]))),
  'GOAWAY with an error': write(() => frame(Type.goaway, 0, 0, Buffer.concat([u32(0), u32(11)]))),
  'GOAWAY twice, rising': write(
    () => frame(Type.goaway, 0, 0, Buffer.concat([u32(1), u32(0)])),
    () => frame(Type.goaway, 0, 0, Buffer.concat([u32(99), u32(0)])),
  ),
  'DATA on stream 0': write(() => frame(Type.data, 0, 0, 'x')),
  'DATA before HEADERS': write((stream) => frame(Type.data, 1, stream, 'x')),
  'DATA after the end': write(ANSWER, (stream) => frame(Type.data, 1, stream, 'x')),
  'HEADERS on stream 0': write(() => frame(Type.headers, 5, 0, OK)),
  'HEADERS of an even stream': write(() => frame(Type.headers, 5, 2, OK)),
  'HEADERS without a status': write((stream) => frame(Type.headers, 5, stream, field('x-a', 'b'))),
  'HEADERS that are no HPACK': write((stream) => frame(Type.headers, 5, stream, '\xff\xff\xff\xff\xff\xff')),
  'SETTINGS of 5 bytes': write(() => frame(Type.settings, 0, 0, 'short')),
  'SETTINGS without room': write(() => frame(Type.settings, 0, 0, Buffer.from([0, 3, 0, 0, 0, 0]))),
  'SETTINGS that turn push on': write(() => frame(Type.settings, 0, 0, Buffer.from([0, 2, 0, 0, 0, 1]))),
  'PING of 3 bytes': write(() => frame(Type.ping, 0, 0, 'abc')),
  'PINGs without end': (_stream, socket) => {
    for (let i = 0; i < 20_000; i++) socket.write(frame(Type.ping, 0, 0, '12345678'));
  },
  'a frame that is too long': write((stream) => frame(Type.data, 0, stream, 'x'.repeat(40_000))),
  'a frame of no known type': write((stream) => frame(0xbe, 0xff, stream, 'x'), ANSWER),
  'DATA of a byte each': (stream, socket) => {
    socket.write(frame(Type.headers, 4, stream, OK));
    for (let i = 0; i < 5000; i++) socket.write(frame(Type.data, 0, stream, 'x'));
    socket.write(frame(Type.data, 1, stream));
  },
  ...Object.fromEntries(Object.entries(FLOODS).map(([kind, one]) => [`${kind} without end`, flood(one)])),
  'interim answers of many fields': (stream, socket) => {
    const block = frame(Type.headers, 4, stream, field(':status', '103') + '\x90'.repeat(240));
    for (let i = 0; i < 90; i++) socket.write(block);
    socket.write(ANSWER(stream));
  },
  'interim answers without end': (stream, socket) => {
    for (let i = 0; i < 2000; i++) socket.write(frame(Type.headers, 4, stream, field(':status', '103')));
  },
  text: (_stream, socket) => {
    socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  },
  'nothing, and the end': (_stream, socket) => {
    socket.end();
  },
  'a reset': (_stream, socket) => {
    socket.destroy();
  },
};

/** Calls back for each request, by its frames. */
export function onRequests(socket: Socket, take: (stream: number) => void): void {
  let bytes = Buffer.alloc(0);
  let at = PREFACE_BYTES;
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= at + 9) {
      const length = bytes.readUIntBE(at, 3);
      if (bytes.length < at + 9 + length) return;
      if (bytes[at + 3] === Type.headers) take(bytes.readUInt32BE(at + 5));
      at += 9 + length;
    }
  });
}
