/** HAProxy's side of a connection, for the tests: sends frames or bytes, reads what the agent answers. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { type Agent, type AgentOptions, createAgent } from '../../src/spoa/agent.ts';
import { readAck } from '../../src/spop/ack.ts';
import type { Action } from '../../src/spop/actions.ts';
import type { ByteReader } from '../../src/spop/byte-reader.ts';
import { ByteWriter } from '../../src/spop/byte-writer.ts';
import { readAgentDisconnect, writeHaproxyDisconnect } from '../../src/spop/disconnect.ts';
import { FrameType, readFrameHeader } from '../../src/spop/frame-header.ts';
import { FrameReader } from '../../src/spop/frame-reader.ts';
import { type HaproxyHello, readAgentHello, writeHaproxyHello } from '../../src/spop/hello.ts';
import { KvList } from '../../src/spop/kv-list.ts';
import { writeNotify } from '../../src/spop/notify.ts';
import { stringData } from '../../src/spop/values.ts';
import type { Uint64 } from '../../src/spop/varint.ts';

export type Answer =
  | { type: 'hello'; version: string; maxFrameSize: number; capabilities: readonly string[] }
  | { type: 'ack'; flags: number; streamId: Uint64; frameId: Uint64; actions: readonly Action[] }
  | { type: 'disconnect'; statusCode: number; message: string };

export const HELLO: HaproxyHello = {
  supportedVersions: ['2.0'],
  maxFrameSize: 16380,
  capabilities: ['pipelining', 'async'],
  healthcheck: false,
  engineId: 'engine-1',
};

/** What waits for an agent that says nothing shall fail by name, and not the whole file with it. */
const PATIENCE_MS = 120_000;

const started = new Set<Agent>();
const clients = new Set<Client>();
after(async () => {
  for (const client of clients) client.socket.destroy();
  await Promise.all([...started].map((agent) => agent.close({ graceMs: 0 })));
});

/** An agent on a free port of 127.0.0.1. */
export async function startAgent(options: AgentOptions): Promise<{ agent: Agent; port: number }> {
  const agent = createAgent(options);
  started.add(agent);
  const { port } = (await agent.listen({ host: '127.0.0.1', port: 0 })) as AddressInfo;
  return { agent, port };
}

export class Client {
  readonly socket: Socket;
  readonly answers: Answer[] = [];
  /** Sizes of the chunks that came. */
  readonly chunks: number[] = [];
  ended = false;
  #wake: (() => void) | undefined;

  static async open(port: number, hello?: HaproxyHello): Promise<Client> {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    const client = new Client(socket);
    if (hello !== undefined) {
      client.hello(hello);
      await client.until(1);
    }
    return client;
  }

  constructor(socket: Socket) {
    this.socket = socket;
    clients.add(this);
    const reader = new FrameReader(2 ** 24, (frame) => this.answers.push(readAnswer(frame)));
    socket.on('data', (chunk) => {
      this.chunks.push(chunk.length);
      reader.push(chunk);
      this.#wake?.();
    });
    socket.on('error', () => {});
    const end = () => {
      this.ended = true;
      this.#wake?.();
    };
    socket.on('end', end).on('close', end);
  }

  send(...pieces: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(pieces));
  }

  hello(hello: HaproxyHello = HELLO): void {
    this.send(helloFrame(hello));
  }

  notify(streamId: Uint64, frameId: Uint64 = 1, name = 'mirror'): void {
    this.send(notifyFrame(streamId, frameId, name));
  }

  /** A request that is one to mirror. */
  mirror(streamId: Uint64, path: string): void {
    const args = KvList.of([
      ['arg_method', stringData('GET')],
      ['arg_path', stringData(path)],
    ]);
    this.send(frames((writer) => writeNotify(writer, streamId, 1, [{ name: 'mirror', args }])));
  }

  /** Waits for that many answers; fails when the agent closes earlier. */
  async until(count: number): Promise<Answer[]> {
    while (this.answers.length < count) {
      if (this.ended) throw new Error(`closed after ${JSON.stringify(this.answers)}`);
      await this.#change();
    }
    return this.answers;
  }

  /** Waits for the end of the connection; gives all answers. */
  async end(): Promise<Answer[]> {
    while (!this.ended) await this.#change();
    return this.answers;
  }

  async disconnect(): Promise<{ statusCode: number; message: string }> {
    const answer = (await this.end()).at(-1);
    if (answer?.type !== 'disconnect') throw new Error(`no AGENT-DISCONNECT: ${JSON.stringify(this.answers)}`);
    return answer;
  }

  close(): void {
    this.socket.destroy();
  }

  #change(): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`nothing came within ${PATIENCE_MS} ms behind ${inspect(this.answers.slice(-3))}`));
      }, PATIENCE_MS);
      this.#wake = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }
}

function readAnswer(frame: ByteReader): Answer {
  const header = readFrameHeader(frame);
  if (header.type === FrameType.agentHello) return { type: 'hello', ...readAgentHello(header, frame) };
  if (header.type === FrameType.agentDisconnect) return { type: 'disconnect', ...readAgentDisconnect(header, frame) };
  if (header.type !== FrameType.ack) throw new Error(`frame type ${header.type}`);
  const { flags, streamId, frameId } = header;
  return { type: 'ack', flags, streamId, frameId, actions: readAck(frame) };
}

export function frames(write: (writer: ByteWriter) => void): Buffer {
  const writer = new ByteWriter();
  write(writer);
  return Buffer.from(writer.take());
}

export function helloFrame(hello: Partial<HaproxyHello> = {}): Buffer {
  return frames((writer) => writeHaproxyHello(writer, { ...HELLO, ...hello }));
}

export function notifyFrame(streamId: Uint64, frameId: Uint64 = 1, name = 'mirror', path = '/'): Buffer {
  const args = KvList.of([['arg_path', stringData(path)]]);
  return frames((writer) => writeNotify(writer, streamId, frameId, [{ name, args }]));
}

export function haproxyDisconnectFrame(statusCode = 0): Buffer {
  return frames((writer) => writeHaproxyDisconnect(writer, { statusCode, message: 'normal' }));
}

const CAPTURES = fileURLToPath(new URL('../../fixtures/spop/', import.meta.url));

/** What real HAProxies sent, by name. */
export const captures: readonly (readonly [name: string, bytes: Buffer])[] = readdirSync(CAPTURES)
  .filter((name) => name.endsWith('.in.bin'))
  .sort()
  .map((name) => [name.replace('.in.bin', ''), readFileSync(CAPTURES + name)]);
