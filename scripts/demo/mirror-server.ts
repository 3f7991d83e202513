/** The mirrored environment: the new version of the shop, and it can be made ill. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { portOf } from '../port.ts';
import type { Cleanup } from './cleanup.ts';
import { answerOf, headersOf } from './shop.ts';

/** While it is ill it takes 150 to 400 ms for each answer, and every fourth is a 500. */
const ILL_MS = { least: 150, most: 400 };
const ILL_EVERY = 4;

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
      answer(request, response);
      return;
    }
    const delayMs = ILL_MS.least + Math.random() * (ILL_MS.most - ILL_MS.least);
    setTimeout(() => {
      if (number % ILL_EVERY === 0) response.writeHead(500).end();
      else answer(request, response);
    }, delayMs);
  }

  #close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function answer({ method = '', url = '' }: IncomingMessage, response: ServerResponse): void {
  const shop = answerOf({ method, path: url }, true);
  response.writeHead(shop.status, headersOf(shop).flat()).end(shop.body);
}
