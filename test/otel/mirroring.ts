/** An agent with --otel in this process, one at a time as the SDK is there once: HAProxy's side of it, mirrors that write down what they get, an OTLP receiver. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { after } from 'node:test';
import { MirrorTelemetry, type MirrorTelemetryOptions } from '../../src/otel/mirror-telemetry.ts';
import { readTelemetrySettings } from '../../src/otel/telemetry-settings.ts';
import { openTransport } from '../../src/otel/transports.ts';
import { mirrorOptions, parseCommandLine } from '../../src/programs/spoa-mirror/options.ts';
import { type Service, startService } from '../../src/programs/spoa-mirror/service.ts';
import { KvList } from '../../src/spop/kv-list.ts';
import { writeNotify } from '../../src/spop/notify.ts';
import { stringData } from '../../src/spop/values.ts';
import { TemporaryFolder } from '../logs/reading.ts';
import { reservePort } from '../ports.ts';
import { Client, frames, HELLO } from '../spoa/client.ts';

const folder = new TemporaryFolder();
const cleanUps: (() => unknown)[] = [];
after(async () => {
  await Promise.all(cleanUps.map((cleanUp) => cleanUp()));
  folder.remove();
});

export interface SentRequest {
  readonly method?: string;
  readonly path?: string;
  /** Lines. */
  readonly headers?: string;
  readonly body?: string;
  readonly uniqueId?: string;
}

export interface MirroredRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  /** Names and values, as they came. */
  readonly headers: readonly string[];
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export class MirrorServer {
  readonly url: string;
  readonly requests: MirroredRequest[] = [];

  static async start(
    handler: Handler = (_request, response) => response.end('ok'),
    tls?: ServerOptions,
  ): Promise<MirrorServer> {
    const requests: MirroredRequest[] = [];
    const listener: RequestListener = (request, response) => {
      requests.push({ method: request.method, url: request.url, headers: request.rawHeaders });
      request.resume().on('end', () => handler(request, response));
    };
    const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return new MirrorServer(
      `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
      requests,
    );
  }

  private constructor(url: string, requests: MirroredRequest[]) {
    this.url = url;
    this.requests = requests;
  }

  /** Values of a header, of all requests. */
  all(name: string): string[] {
    return this.requests.flatMap(({ headers }) =>
      headers.filter((_, i) => headers[i - 1]?.toLowerCase() === name && i % 2 === 1),
    );
  }
}

/** An address nobody listens on. */
export async function closedUrl(): Promise<string> {
  return `http://127.0.0.1:${await reservePort()}`;
}

export interface Setup {
  readonly env: { readonly [name: string]: string };
  /** More of the command line. */
  readonly args?: readonly string[];
  readonly telemetry?: Partial<MirrorTelemetryOptions>;
}

/** What the thread does: its tests are collector-thread.test.ts and agent-command.test.ts. */
const inProcess: MirrorTelemetryOptions['openTransport'] = (signal, settings) => openTransport(signal, settings, 4);

let agents = 0;

export class MirroringAgent {
  readonly log: string[] = [];
  readonly service: Service;
  readonly client: Client;
  #sent = 0;
  #closing: Promise<void> | undefined;

  static async start(urls: readonly string[], { env, args = [], telemetry }: Setup): Promise<MirroringAgent> {
    const socket = folder.file(`agent-${agents++}`);
    const destinations = urls.flatMap((url) => ['-u', url]);
    const line = parseCommandLine([
      '-r0',
      '-a',
      `unix:${socket}`,
      '--otel',
      '--grace',
      '10s',
      ...destinations,
      ...args,
    ]);
    if (!('run' in line)) throw new Error(JSON.stringify(line));
    const log: string[] = [];
    const settings = readTelemetrySettings(env, '1.2.3');
    const service = await startService(
      line.run,
      mirrorOptions(line.run, {}),
      (text) => log.push(text),
      (text) => log.push(text),
      async () => ({
        startTelemetry: (options) =>
          new MirrorTelemetry({ ...options, settings, version: '1.2.3', openTransport: inProcess, ...telemetry }),
        checkTelemetry: () => undefined,
      }),
    );
    await service.listen();
    const connection = connect({ path: socket });
    await once(connection, 'connect');
    const client = new Client(connection);
    client.hello(HELLO);
    await client.until(1);
    const agent = new MirroringAgent(service, client, log);
    cleanUps.push(() => agent.close());
    return agent;
  }

  private constructor(service: Service, client: Client, log: string[]) {
    this.service = service;
    this.client = client;
    this.log = log;
  }

  /** Sends NOTIFY frames in one write; resolves when all have their ACK. */
  async notify(...requests: readonly SentRequest[]): Promise<void> {
    const before = this.client.answers.length;
    this.client.send(...requests.map((request) => notifyOf(++this.#sent, request)));
    await this.client.until(before + requests.length);
  }

  /** Stops it: what was taken is mirrored first, then spans and metrics go out. */
  close(): Promise<void> {
    this.client.close();
    this.#closing ??= this.service.close();
    return this.#closing;
  }
}

function notifyOf(streamId: number, { method = 'GET', path = '/', headers, body, uniqueId }: SentRequest): Buffer {
  const args: [string, ReturnType<typeof stringData>][] = [
    ['arg_method', stringData(method)],
    ['arg_path', stringData(path)],
  ];
  if (headers !== undefined) args.push(['arg_hdrs', stringData(`${headers}\r\n`)]);
  if (body !== undefined) args.push(['arg_body', stringData(body)]);
  if (uniqueId !== undefined) args.push(['arg_uid', stringData(uniqueId)]);
  return frames((writer) => writeNotify(writer, streamId, 7, [{ name: 'mirror-msg', args: KvList.of(args) }]));
}
