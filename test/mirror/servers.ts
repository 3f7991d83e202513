/** What the mirror tests share: messages as HAProxy sends them, raw TCP servers, a mirror that can be waited for. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { CapturedAnswer } from '../../src/mirror/answer-capture.ts';
import { Mirror, type MirrorObservers } from '../../src/mirror/mirror.ts';
import type { MirrorOptions } from '../../src/mirror/options.ts';
import type { MirrorRecord } from '../../src/mirror/record.ts';
import { ByteWriter } from '../../src/spop/byte-writer.ts';
import { KvList, writeShortString } from '../../src/spop/kv-list.ts';
import type { Message } from '../../src/spop/messages.ts';
import type { TypedData } from '../../src/spop/typed-data.ts';
import { binaryData, dataOf, stringData } from '../../src/spop/values.ts';
import { writeVarint } from '../../src/spop/varint.ts';

export type HeaderList = readonly (readonly [name: string, value: string])[];

export const HOST: HeaderList = [['host', 'www.example.com']];

export function hdrsBin(headers: HeaderList): Buffer {
  const writer = new ByteWriter();
  for (const text of [...headers.flat(), '', '']) {
    if (text.length < 200) writeShortString(writer, text);
    else {
      writeVarint(writer, text.length);
      writer.writeBytes(Buffer.from(text, 'latin1'));
    }
  }
  return Buffer.from(writer.take());
}

export interface Parts {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: HeaderList;
  readonly body?: string | Buffer;
  readonly name?: string;
  /** Further arguments, or others in the place of those above. */
  readonly args?: { readonly [name: string]: TypedData | null | boolean | number | bigint | string };
}

export function latin1(text: string): TypedData {
  return stringData(Buffer.from(text, 'latin1'));
}

/** A message of the documented configuration. */
export function messageOf({
  method = 'GET',
  path = '/',
  headers = HOST,
  body,
  name = 'mirror',
  args = {},
}: Parts): Message {
  const all = {
    arg_method: latin1(method),
    arg_path: latin1(path),
    arg_ver: stringData('1.1'),
    arg_hdrs: binaryData(hdrsBin(headers)),
    arg_body: binaryData(Buffer.from(body ?? '')),
    ...args,
  };
  const entries = Object.entries(all).map(([key, value]) => {
    const isData = typeof value === 'object' && value !== null;
    return [key, isData ? (value as TypedData) : dataOf(value as string | number | bigint | boolean | null)] as const;
  });
  return { name, args: KvList.of(entries) };
}

export const CONTEXT = { streamId: 7, frameId: 1, engineId: 'engine', receivedMs: Date.UTC(2026, 0, 2, 3, 4, 5, 67) };

/** One request as its bytes came, and where. */
export interface RawRequest {
  readonly text: string;
  readonly socket: Socket;
  /** Of this connection, from 0. */
  readonly index: number;
  /** Connection, from 0. */
  readonly connection: number;
}

export interface RawServer {
  readonly server: Server;
  readonly url: string;
  readonly port: number;
  readonly requests: RawRequest[];
  readonly connections: Socket[];
}

export const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** Calls back for each whole request; answers 200 when it is not told otherwise. Ends with the test. */
export async function startServer(
  t: TestContext,
  onRequest: (request: RawRequest) => void = ({ socket }) => socket.write(OK),
  onConnection: (socket: Socket, connection: number) => void = () => {},
  onPort = 0,
): Promise<RawServer> {
  const server: Server = createServer();
  const requests: RawRequest[] = [];
  const connections: Socket[] = [];
  server.on('connection', (socket) => {
    const connection = connections.push(socket) - 1;
    let pending = '';
    let index = 0;
    socket.on('error', () => {});
    onConnection(socket, connection);
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      for (let length = requestLength(pending); length !== undefined; length = requestLength(pending)) {
        const request = { text: pending.slice(0, length), socket, index: index++, connection };
        pending = pending.slice(length);
        requests.push(request);
        onRequest(request);
      }
    });
  });
  server.listen(onPort, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}`, port, requests, connections };
}

function requestLength(text: string): number | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1] ?? 0);
  return text.length >= end + 4 + length ? end + 4 + length : undefined;
}

export interface TestMirror {
  readonly mirror: Mirror;
  readonly records: MirrorRecord[];
  /** What was kept of the answers, in the order of the records. */
  readonly answers: (CapturedAnswer | undefined)[];
  send(...parts: Parts[]): void;
  /** When so many outcomes are known. */
  outcomes(count: number): Promise<MirrorRecord[]>;
}

export function startMirror(t: TestContext, options: MirrorOptions, observers: MirrorObservers = {}): TestMirror {
  const records: MirrorRecord[] = [];
  const answers: (CapturedAnswer | undefined)[] = [];
  let onRecord = () => {};
  const onOutcome = (record: MirrorRecord, answer?: CapturedAnswer) => {
    records.push(record);
    answers.push(answer);
    onRecord();
  };
  const mirror = new Mirror({ gatherMs: 0, ...options }, onOutcome, observers);
  t.after(() => mirror.close(0));
  return {
    mirror,
    records,
    answers,
    send: (...parts) => {
      for (const part of parts) mirror.accept(messageOf(part), CONTEXT);
    },
    outcomes: (count) =>
      new Promise((resolve) => {
        onRecord = () => {
          if (records.length >= count) resolve(records);
        };
        onRecord();
      }),
  };
}
