/** The mirrored environment: an HTTP server that can be made ill. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { portOf } from '../port.ts';
import type { Cleanup } from './cleanup.ts';

/** While it is ill it takes 150 to 400 ms for each answer, and every fourth is a 500. */
const ILL_MS = { least: 150, most: 400 };
const ILL_EVERY = 4;

const CREATED = new Set(['POST', 'PUT']);

export class MirrorServer {
  isIll = false;
  #served = 0;
  readonly #server = createServer((request, response) => {
    request.resume().on('end', () => this.#serve(request, response));
  });

  static async start(cleanup: Cleanup): Promise<MirrorServer> {
    const mirror = new MirrorServer();
    mirror.#server.listen(0, '127.0.0.1');
    await once(mirror.#server, 'listening');
    cleanup.add(() => mirror.#close());
    return mirror;
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.#server)}/`;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const number = this.#served++;
    if (!this.isIll) {
      answer(response, healthyStatus(request));
      return;
    }
    const delayMs = ILL_MS.least + Math.random() * (ILL_MS.most - ILL_MS.least);
    const status = number % ILL_EVERY === 0 ? 500 : healthyStatus(request);
    setTimeout(() => answer(response, status), delayMs);
  }

  #close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function healthyStatus({ method = '', url = '' }: IncomingMessage): number {
  if (url.startsWith('/old/')) return 404;
  return CREATED.has(method) ? 201 : 200;
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(`${status}\n`);
}
