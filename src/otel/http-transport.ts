/**
 * OTLP over HTTP/1.1. The exporters of the SDK hide what losing nothing depends on: status, Retry-After and partial
 * successes. undici shows them.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Dispatcher, Pool } from 'undici';
import type { Answer, Transport } from './answer.ts';
import type { Signal } from './batch.ts';
import { readHttpAnswer } from './http-answer.ts';
import { readNetworkError } from './network-errors.ts';
import type { SignalSettings } from './settings.ts';
import type { Encoding } from './span-batch.ts';

/** How much of an answer is read. */
const MAX_ANSWER_BYTES = 64 * 1024;
const OTHER_PROTOCOL = 'gRPC listens on port 4317: --protocol grpc; OTLP/HTTP on 4318';
/** Spans repeat themselves: the fastest level makes them nearly as small as the others. */
const GZIP_LEVEL = 1;

const compress = promisify(gzip) as (bytes: Uint8Array, options: { level: number }) => Promise<Buffer>;

export class HttpTransport implements Transport {
  readonly endpoint: string;
  readonly #signal: Signal;
  readonly #encoding: Encoding;
  readonly #settings: SignalSettings;
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: Record<string, string>;
  readonly #now: () => number;
  #reached = false;

  constructor(signal: Signal, settings: SignalSettings, connections: number, now: () => number) {
    const { url, tls, timeoutMs, gzip: isCompressed } = settings;
    this.endpoint = `${url.origin}${url.pathname}`;
    this.#signal = signal;
    this.#encoding = settings.protocol === 'http/json' ? 'json' : 'protobuf';
    this.#settings = settings;
    this.#path = `${url.pathname}${url.search}`;
    this.#now = now;
    this.#headers = {
      'user-agent': settings.userAgent,
      'content-type': this.#encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      ...(isCompressed && { 'content-encoding': 'gzip' }),
      ...Object.fromEntries(settings.headers),
    };
    this.#pool = new Pool(url.origin, {
      connections,
      pipelining: 1,
      connect: { ...tls, timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
  }

  async send(request: Uint8Array, withinMs: number): Promise<Answer> {
    const timeoutMs = Math.max(1, Math.ceil(Math.min(withinMs, this.#settings.timeoutMs)));
    try {
      const body = this.#settings.gzip ? await compress(request, { level: GZIP_LEVEL }) : request;
      const {
        statusCode,
        headers,
        body: answer,
      } = await this.#pool.request({
        path: this.#path,
        method: 'POST',
        headers: this.#headers,
        body: body as Buffer,
        signal: AbortSignal.timeout(timeoutMs),
      });
      this.#reached = true;
      const response = {
        status: statusCode,
        retryAfter: firstOf(headers['retry-after']),
        contentType: firstOf(headers['content-type']),
        body: await readBounded(answer),
      };
      return readHttpAnswer(response, this.#signal, this.#encoding, this.#now());
    } catch (error) {
      if ((error as Error).name === 'TimeoutError')
        return { kind: 'retry', reason: `no answer within ${timeoutMs} ms` };
      return readNetworkError(error, this.#reached, OTHER_PROTOCOL);
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

async function readBounded(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const parts: Buffer[] = [];
  let left = MAX_ANSWER_BYTES;
  for await (const part of body as AsyncIterable<Buffer>) {
    parts.push(part.subarray(0, left));
    left -= part.length;
    if (left <= 0) break;
  }
  return Buffer.concat(parts);
}
