/**
 * An OTLP receiver that answers as a script says: HTTP with protobuf and JSON, and gRPC by @grpc/grpc-js, which is not
 * what the exporter speaks gRPC with.
 */
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as grpc from '@grpc/grpc-js';
import { ProtobufBuffer } from '../../src/otel/protobuf.ts';
import { until } from '../until.ts';
import { countJsonPoints, countProtobufPoints, type ReceivedSpan, readJsonSpans, readProtobufSpans } from './otlp.ts';

/** What one request gets. `accept` is what requests get that the script says nothing about. */
export type Reply =
  | { readonly kind: 'accept' }
  | {
      readonly kind: 'status';
      /** HTTP status, or gRPC code. */
      readonly code: number;
      readonly message?: string;
      readonly retryAfter?: string;
      /** gRPC: a RetryInfo of so many seconds. */
      readonly retryInfoS?: number;
    }
  /** Takes all but so many. */
  | { readonly kind: 'partial'; readonly rejected: number; readonly message: string }
  /** HTTP: 200 with whatever it is. */
  | { readonly kind: 'page'; readonly type: string | undefined; readonly body: string }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' };

export const ACCEPT: Reply = { kind: 'accept' };

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: { readonly [name: string]: unknown };
  readonly bytes: number;
  readonly spans: readonly ReceivedSpan[];
  readonly points: number;
  /** Not compressed. */
  readonly body: Buffer;
}

/** Decides by what came; requests are numbered from 0. */
export type Script = (request: ReceivedRequest, number: number) => Reply;

const open: { close(): void }[] = [];
after(() => {
  for (const receiver of open) receiver.close();
});

abstract class Receiver {
  /** All that came, accepted or not. */
  readonly requests: ReceivedRequest[] = [];
  /** Of accepted requests. */
  readonly accepted: ReceivedSpan[] = [];
  acceptedPoints = 0;
  script: Script = () => ACCEPT;

  protected constructor() {
    open.push(this);
  }

  abstract close(): void;

  /** Resolves when this many spans were accepted, or requests came. */
  async sees(wanted: { readonly spans?: number; readonly requests?: number }): Promise<void> {
    await until(
      JSON.stringify(wanted),
      () => this.accepted.length >= (wanted.spans ?? 0) && this.requests.length >= (wanted.requests ?? 0),
    );
  }

  protected receive(request: ReceivedRequest): Reply {
    const reply = this.script(request, this.requests.length);
    this.requests.push(request);
    const isPartial = reply.kind === 'partial';
    if (reply.kind === 'accept' || isPartial) {
      this.accepted.push(...request.spans.slice(isPartial ? reply.rejected : 0));
      this.acceptedPoints += request.points;
    }
    return reply;
  }
}

export class HttpReceiver extends Receiver {
  readonly url: string;
  readonly #server: HttpServer;

  static async start(tls?: ServerOptions): Promise<HttpReceiver> {
    let receiver: HttpReceiver | undefined;
    const listener: RequestListener = (request, response) => receiver?.answer(request, response);
    const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    receiver = new HttpReceiver(server as HttpServer, tls === undefined ? 'http' : 'https');
    return receiver;
  }

  private constructor(server: HttpServer, scheme: string) {
    super();
    this.#server = server;
    this.url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => {});
    request.on('end', () => {
      const raw = Buffer.concat(parts);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      const isJson = request.headers['content-type'] === 'application/json';
      const received = {
        path: request.url ?? '',
        headers: request.headers,
        bytes: raw.length,
        body,
        ...decode(body, isJson, request.url ?? ''),
      };
      this.#reply(this.receive(received), isJson, received.path, response);
    });
  }

  #reply(reply: Reply, isJson: boolean, path: string, response: ServerResponse): void {
    const type = isJson ? 'application/json' : 'application/x-protobuf';
    switch (reply.kind) {
      case 'hang':
        return;
      case 'reset':
        response.socket?.resetAndDestroy();
        return;
      case 'page':
        response.writeHead(200, reply.type === undefined ? {} : { 'content-type': reply.type });
        response.end(reply.body);
        return;
      case 'status':
        response.writeHead(reply.code, {
          'content-type': type,
          ...(reply.retryAfter !== undefined && { 'retry-after': reply.retryAfter }),
        });
        response.end(isJson ? JSON.stringify({ message: reply.message ?? '' }) : status(0, reply.message ?? ''));
        return;
      default:
        response.writeHead(200, { 'content-type': type });
        response.end(isJson ? jsonSuccess(reply, path) : protobufSuccess(reply));
    }
  }
}

export class GrpcReceiver extends Receiver {
  readonly url: string;
  readonly #server: grpc.Server;

  static async start(credentials = grpc.ServerCredentials.createInsecure(), scheme = 'http'): Promise<GrpcReceiver> {
    const server = new grpc.Server();
    let receiver: GrpcReceiver | undefined;
    for (const signal of ['trace', 'metrics']) {
      const service = `opentelemetry.proto.collector.${signal}.v1.${signal === 'trace' ? 'Trace' : 'Metrics'}Service`;
      server.addService(
        {
          Export: {
            path: `/${service}/Export`,
            requestStream: false,
            responseStream: false,
            requestSerialize: (bytes: Buffer) => bytes,
            requestDeserialize: (bytes: Buffer) => bytes,
            responseSerialize: (bytes: Buffer) => bytes,
            responseDeserialize: (bytes: Buffer) => bytes,
          },
        },
        {
          Export: (call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) =>
            receiver?.answer(call, `/v1/${signal === 'trace' ? 'traces' : 'metrics'}`, done),
        },
      );
    }
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    receiver = new GrpcReceiver(server, `${scheme}://127.0.0.1:${port}`);
    return receiver;
  }

  private constructor(server: grpc.Server, url: string) {
    super();
    this.#server = server;
    this.url = url;
  }

  close(): void {
    this.#server.forceShutdown();
  }

  answer(call: grpc.ServerUnaryCall<Buffer, Buffer>, path: string, done: grpc.sendUnaryData<Buffer>): void {
    const bytes = call.request.length;
    const headers = call.metadata.getMap();
    const reply = this.receive({ path, headers, bytes, body: call.request, ...decode(call.request, false, path) });
    switch (reply.kind) {
      case 'hang':
        return;
      case 'reset':
        connectionOf(call).destroy();
        return;
      case 'status': {
        const metadata = new grpc.Metadata();
        if (reply.retryInfoS !== undefined)
          metadata.set('grpc-status-details-bin', status(reply.code, reply.message ?? '', reply.retryInfoS));
        done({ code: reply.code, details: reply.message ?? '', metadata });
        return;
      }
      default:
        done(null, protobufSuccess(reply));
    }
  }
}

/** grpc-js has no means to break a connection: it is found below its layers. */
function connectionOf(call: unknown): { destroy(): void } {
  // biome-ignore lint/suspicious/noExplicitAny: private fields
  let layer = (call as any).call;
  while (layer.stream === undefined) layer = layer.nextCall;
  return layer.stream.session;
}

function decode(body: Buffer, isJson: boolean, path: string): { spans: ReceivedSpan[]; points: number } {
  const isMetrics = path.endsWith('/v1/metrics');
  const text = body.toString('utf8');
  if (isMetrics) return { spans: [], points: isJson ? countJsonPoints(text) : countProtobufPoints(body) };
  return { spans: isJson ? readJsonSpans(text) : readProtobufSpans(body), points: 0 };
}

/** ExportTraceServiceResponse and ExportMetricsServiceResponse have the same fields. */
function protobufSuccess(reply: Reply): Buffer {
  const out = new ProtobufBuffer(256);
  if (reply.kind === 'partial') {
    const start = out.openDelimited(0x0a);
    out.byte(0x08);
    out.varint(reply.rejected);
    out.text(0x12, reply.message);
    out.closeDelimited(start);
  }
  return Buffer.from(out.bytes.subarray(0, out.length));
}

function jsonSuccess(reply: Reply, path: string): string {
  if (reply.kind !== 'partial') return '{}';
  const field = path.endsWith('/v1/metrics') ? 'rejectedDataPoints' : 'rejectedSpans';
  return JSON.stringify({ partialSuccess: { [field]: String(reply.rejected), errorMessage: reply.message } });
}

/** google.rpc.Status, with a RetryInfo where there is one. */
function status(code: number, message: string, retryInfoS?: number): Buffer {
  const out = new ProtobufBuffer(512);
  out.byte(0x08);
  out.varint(code);
  out.text(0x12, message);
  if (retryInfoS !== undefined) {
    const details = out.openDelimited(0x1a);
    out.text(0x0a, 'type.googleapis.com/google.rpc.RetryInfo');
    const info = out.openDelimited(0x12);
    const delay = out.openDelimited(0x0a);
    out.byte(0x08);
    out.varint(retryInfoS);
    out.closeDelimited(delay);
    out.closeDelimited(info);
    out.closeDelimited(details);
  }
  return Buffer.from(out.bytes.subarray(0, out.length));
}
