/** What `spoe-logs serve` promises of its three verdict paths (docs/serve.md), for a verdict that a test sets. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Verdict } from './workplace.ts';

export class VerdictServer {
  verdict: Verdict = 'INCONCLUSIVE';
  /** What it answers instead, so many times; always without a number. */
  refusal: { readonly status: number; readonly text: string; readonly times?: number } | undefined;
  /** Each as `POST /verdict/promote`, with its body. */
  readonly asked: { readonly what: string; readonly authorization: string; readonly body: string }[] = [];
  readonly #server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      this.asked.push({ what: `${method} ${url}`, authorization: headers.authorization ?? '', body });
      const { pathname } = new URL(url, 'http://localhost');
      const [status, text] = this.#answer(method, pathname);
      const type = pathname === '/verdict' ? 'application/json' : 'text/plain; charset=utf-8';
      response.writeHead(status, { 'content-type': type, ...(status === 503 && { 'retry-after': '10' }) }).end(text);
    });
  });

  static async start(): Promise<VerdictServer> {
    const server = new VerdictServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(method: string, path: string): [status: number, text: string] {
    const { verdict, refusal } = this;
    if (refusal !== undefined) {
      const { times = Number.POSITIVE_INFINITY } = refusal;
      this.refusal = times > 1 ? { ...refusal, times: times - 1 } : undefined;
      return [refusal.status, refusal.text];
    }
    if (path === '/verdict') {
      if (method !== 'GET') return [405, ''];
      return [
        200,
        JSON.stringify({ verdict: verdict.toLowerCase(), promote: verdict === 'PASS', rollback: verdict === 'FAIL' }),
      ];
    }
    const wanted = { '/verdict/promote': 'PASS', '/verdict/rollback': 'FAIL' }[path];
    if (wanted === undefined) return [404, ''];
    return [verdict === wanted ? 200 : verdict === 'INCONCLUSIVE' ? 503 : 412, `${verdict}\nwhy\n`];
  }
}
