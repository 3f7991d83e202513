/** What the shop answers: production, and the new version, which the mirror runs and in which one field has another type. */
import type { ClientRequest } from './requests.ts';

export interface ShopAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** `isNew`: of the new version. */
export function answerOf({ method, path }: Pick<ClientRequest, 'method' | 'path'>, isNew: boolean): ShopAnswer {
  const [, product] = /^\/products\/(\d+)/.exec(path) ?? [];
  if (product !== undefined) return json(200, productOf(Number(product), isNew));
  if (method === 'POST' || method === 'PUT') return json(201, { accepted: true });
  const status = path.startsWith('/old/') ? 404 : 200;
  return { status, type: 'text/plain', body: `${status}\n` };
}

/** What the release changes: its prices are text, as those of a library for decimals are. */
function productOf(id: number, isNew: boolean): object {
  const cents = 1999 + 10 * id;
  const amount = isNew ? (cents / 100).toFixed(2) : cents / 100;
  return { id, name: `shoe ${id}`, price: { amount, currency: 'EUR' }, sizes: [40, 41, 42], in_stock: id % 3 > 0 };
}

function json(status: number, value: object): ShopAnswer {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

/** As a server sends it. */
export function headersOf({ type, body }: ShopAnswer): [name: string, value: string][] {
  return [
    ['content-type', type],
    ['content-length', String(Buffer.byteLength(body))],
  ];
}
