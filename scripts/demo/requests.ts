/** The production traffic: what clients of a shop might ask for, the same sequence every time. */
import type { Header } from '../../src/spop/headers-bin.ts';

/** What a client sends. */
export interface ClientRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: readonly Header[];
}

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
const HEADERS: readonly Header[] = [
  ['host', 'www.example.com'],
  ['user-agent', BROWSER],
  ['accept', '*/*'],
];

const KINDS: readonly ((n: number) => Pick<ClientRequest, 'method' | 'path'> & { readonly body?: string })[] = [
  (n) => ({ method: 'GET', path: `/products/${n % 97}` }),
  () => ({ method: 'GET', path: '/' }),
  (n) => ({ method: 'GET', path: `/search?q=shoe+${n % 13}&page=${n % 5}` }),
  (n) => ({ method: 'POST', path: '/cart', body: JSON.stringify({ product: n % 97, count: 1 }) }),
  (n) => ({ method: 'GET', path: `/images/${n % 31}.webp` }),
  (n) => ({ method: 'PUT', path: `/cart/${n % 17}`, body: JSON.stringify({ count: 2 }) }),
  () => ({ method: 'HEAD', path: '/status' }),
  (n) => ({ method: 'GET', path: `/products/${n % 89}?ref=mail` }),
  (n) => ({ method: 'DELETE', path: `/cart/${n % 17}` }),
  (n) => ({ method: 'GET', path: `/old/page-${n % 7}` }),
];

export function makeRequest(number: number): ClientRequest {
  const { method, path, body = '' } = (KINDS[number % KINDS.length] as (typeof KINDS)[number])(number);
  const entity: readonly Header[] = body === '' ? [] : [['content-type', 'application/json']];
  return { method, path, body, headers: [...HEADERS, ...entity, ['content-length', String(body.length)]] };
}
