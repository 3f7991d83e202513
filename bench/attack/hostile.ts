/** A server that answers as no server should, as a mirror or as a collector; in a process of its own. */
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { createServer as createTlsServer } from 'node:tls';
import { parseArgs } from 'node:util';
import { portOf } from '../../scripts/port.ts';
import { report } from '../agent/messages.ts';

// It would be on another machine: what it costs itself shall not be what is measured.
setPriority(19);

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: '' },
    scheme: { type: 'string', default: 'http' },
    pem: { type: 'string', default: '' },
    port: { type: 'string', default: '0' },
  },
});
const { kind, scheme, pem } = values;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\n';
let tried = 0;

/** What is written for one request over HTTP/1.1. */
const HTTP1: Readonly<Record<string, (socket: Socket) => void>> = {
  fine: (socket) => socket.write(`${OK}content-length: 2\r\n\r\nok`),
  'headers of 300 kB': (socket) => socket.write(`${OK}${`x-header: ${'v'.repeat(90)}\r\n`.repeat(3000)}\r\n`),
  'many headers': (socket) => socket.write(`${OK}${'a:b\r\n'.repeat(60_000)}\r\n`),
  'trailers of 300 kB': (socket) =>
    socket.write(`${OK}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${'x-trailer: v\r\n'.repeat(21_000)}\r\n`),
  'chunks of a byte': (socket) =>
    socket.write(`${OK}transfer-encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(50_000)}0\r\n\r\n`),
  'interim answers': (socket) => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(7000)),
  'a body without end': (socket) => {
    socket.write(`${OK}\r\n`);
    const bytes = Buffer.alloc(64 * 1024, 'x');
    fill(socket, () => bytes);
  },
  'a body that drips': (socket) => {
    socket.write(`${OK}content-length: 1000000\r\n\r\n`);
    repeat(socket, () => socket.write('x'), 5);
  },
  'no HTTP': (socket) => socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'.repeat(1000)),
  'two answers': (socket) => socket.write(`${OK}content-length: 2\r\n\r\nok`.repeat(2)),
  'a reset': (socket) => socket.destroy(),
  'no answer': () => {},
};

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const STATUS_200 = Buffer.from([0x88]);
/** Literal fields without indexing, some 16,000 bytes. */
const FIELDS = Buffer.concat(Array.from({ length: 150 }, () => Buffer.from(`\x00\x03x-a\x64${'v'.repeat(100)}`)));

let origins = 0;
/** Origins that no connection has seen. */
function originFrame(): Buffer {
  const entries: Buffer[] = [];
  for (let bytes = 0; bytes < 16_000; ) {
    const origin = `https://${(origins++).toString(36)}`;
    entries.push(Buffer.from([0, origin.length]), Buffer.from(origin));
    bytes += origin.length;
  }
  return frame(12, 0, 0, Buffer.concat(entries));
}

const ALTSVC = Buffer.concat(
  Array.from({ length: 2000 }, () => frame(10, 0, 0, Buffer.from('\0\x09https://ah2=":1"'))),
);
/** `:status: 103`, and an indexed field over and over. */
const EARLY_HINTS = Buffer.concat([Buffer.from('\x08\x03103'), Buffer.alloc(240, 0x90)]);

/** What is written for one request over HTTP/2. */
const HTTP2: Readonly<Record<string, (socket: Socket, stream: number) => void>> = {
  'HEADERS of 300 kB': (socket, stream) => {
    socket.write(frame(1, 0, stream, Buffer.concat([STATUS_200, FIELDS.subarray(0, 106 * 100)])));
    for (let i = 0; i < 20; i++) socket.write(frame(9, i === 19 ? 4 : 0, stream, FIELDS));
  },
  PINGs: (socket) => socket.write(Buffer.concat(Array.from({ length: 5000 }, () => frame(6, 0, 0, Buffer.alloc(8))))),
  SETTINGS: (socket) => socket.write(Buffer.concat(Array.from({ length: 5000 }, () => frame(4, 0, 0)))),
  'DATA of a byte': (socket, stream) => {
    socket.write(frame(1, 4, stream, STATUS_200));
    socket.write(Buffer.concat(Array.from({ length: 20_000 }, () => frame(0, 0, stream, Buffer.from('x')))));
    socket.write(frame(0, 1, stream));
  },
  ORIGIN: (socket, stream) => {
    socket.write(frame(1, 5, stream, STATUS_200));
    fill(socket, originFrame);
  },
  ALTSVC: (socket, stream) => {
    socket.write(frame(1, 5, stream, STATUS_200));
    fill(socket, () => ALTSVC);
  },
  'interim HEADERS': (socket, stream) => {
    socket.write(Buffer.concat(Array.from({ length: 98 }, () => frame(1, 4, stream, EARLY_HINTS))));
    socket.write(frame(1, 5, stream, STATUS_200));
  },
  PUSH_PROMISE: (socket, stream) => socket.write(frame(5, 4, stream, Buffer.from([0, 0, 0, 2, 0x82, 0x84, 0x87]))),
  GOAWAY: (socket) => socket.write(frame(7, 0, 0, Buffer.alloc(8))),
};

const filled = new WeakSet<Socket>();
/** Writes more whenever there is room; once a connection. */
function fill(socket: Socket, make: () => Buffer): void {
  if (filled.has(socket)) return;
  filled.add(socket);
  const more = () => {
    while (socket.writable && socket.write(make()));
  };
  socket.on('drain', more);
  more();
}

function repeat(socket: Socket, step: () => void, ms: number): void {
  const timer = setInterval(step, ms);
  socket.on('close', () => clearInterval(timer));
}

/** Answers each request of a connection; bodies of requests are as long as they say. */
function serveHttp1(socket: Socket, answer: (socket: Socket) => void): void {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    for (;;) {
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      text = text.slice(end + 4 + length);
      tried++;
      if (socket.writable) answer(socket);
    }
  });
}

function serveHttp2(socket: Socket, answer: (socket: Socket, stream: number) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  let at = PREFACE.length;
  socket.write(Buffer.concat([frame(4, 0, 0), frame(4, 1, 0)]));
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= at + 9) {
      const length = bytes.readUIntBE(at, 3);
      if (bytes.length < at + 9 + length) return;
      if (bytes[at + 3] === 1) {
        tried++;
        if (socket.writable) answer(socket, bytes.readUInt32BE(at + 5));
      }
      bytes = bytes.subarray(at + 9 + length);
      at = 0;
    }
  });
}

const [http1, http2] = [HTTP1[kind], HTTP2[kind]];

function onConnection(socket: Socket): void {
  socket.on('error', () => {});
  if (scheme.startsWith('h2') && http2 !== undefined) serveHttp2(socket, http2);
  else if (http1 !== undefined) serveHttp1(socket, http1);
  else throw new Error(`no --kind ${kind} over ${scheme}`);
}

const isSecure = scheme === 'https' || scheme === 'h2';
const server = isSecure
  ? createTlsServer(
      {
        key: readFileSync(pem),
        cert: readFileSync(`${pem}.crt`),
        ALPNProtocols: [scheme === 'h2' ? 'h2' : 'http/1.1'],
      },
      onConnection,
    )
  : createServer(onConnection);
server.on('tlsClientError', () => {});
server.listen(Number(values.port), '127.0.0.1', () => {
  const port = portOf(server);
  report('listening', { port, url: `${isSecure ? 'https' : 'http'}://127.0.0.1:${port}/` });
});
process.on('message', () => report('tried', { tried }));
process.on('disconnect', () => process.exit());
