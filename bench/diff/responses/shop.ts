/** An article of a shop: one route, one large document with about 55 paths, of which half differ now and then. */
import type { Random } from '../../random.ts';
import { digest, type Json, type Plants, type Server, type Site, shuffled, uuid } from './simulated-answer.ts';

const JITTER = 0.3;
const UNORDERED = 0.2;
const OPTIONAL = 0.1;
const MOMENT_MS = Date.UTC(2026, 10, 20);

export const SHOP: Site = {
  name: 'one large document',
  places: {
    type: ['$.stock.count'],
    missing: ['$.shipping.eta'],
    reversed: ['$.tags'],
    jitter: ['$.score'],
    header: ['header x-frame-options'],
    status: ['status'],
    rare: ['$.shipping.cost'],
  },
  answer(server: Server, data: Random, chance: Random, given: Plants) {
    const plants = server === 'candidate' ? given : {};
    const isPlanted = (name: string) => chance.chance(plants[name] ?? 0);
    const entries = 3 + data.below(4);
    const score = data.next();
    const jitters = chance.chance(plants.jitter ?? JITTER);
    const count = data.below(50);
    const tags = list(entries, (i) => `tag-${i}-${data.below(9)}`);
    const related = list(4, (i) => 100 * i + data.below(90));
    const items = list(entries, (i) => ({
      id: `${i}-${data.below(1e6)}`,
      qty: 1 + data.below(9),
      price: data.below(1000) / 100,
      note: data.chance(0.3) ? 'x' : null,
      attrs: { color: data.pick(['red', 'blue']), size: data.below(9) },
    }));
    const shipping: Record<string, Json> = { free: data.chance(0.5) };
    const [eta, cost] = [`${1 + data.below(5)} d`, data.below(10)];
    if (!isPlanted('missing')) shipping.eta = eta;
    if (!isPlanted('rare')) shipping.cost = cost;
    const body: Record<string, Json> = {
      id: data.below(1e6),
      sku: `S-${data.below(1e6)}`,
      name: `item ${data.below(500)}`,
      active: data.chance(0.8),
      price: data.below(10_000) / 100,
      currency: 'EUR',
      generated_at: new Date(MOMENT_MS + chance.below(1000)).toISOString(),
      request_id: uuid(chance),
      csrf: chance.text(40, '0123456789abcdef'),
      score: jitters ? score * (1 + 1e-9 * (chance.next() - 0.5)) : score,
      rank: data.below(100),
      views: 1000 + data.below(1000) + Number(chance.chance(0.05)),
      stock: {
        count: isPlanted('type') ? String(count) : count,
        warehouse: data.pick(['A', 'B', 'C']),
        reserved: data.below(5),
      },
      shipping,
      tags: isPlanted('reversed') ? tags.reverse() : tags,
      related: chance.chance(UNORDERED) ? shuffled(related, chance) : related,
      items: chance.chance(0.02) ? items.slice(1) : items,
      sessions: { [uuid(chance)]: { since: chance.below(1e9), ok: true } },
      address: {
        street: `${data.below(99)} Main`,
        city: `c${data.below(40)}`,
        geo: { lat: data.next(), lon: data.next() },
      },
      meta: {
        version: 7,
        region: 'eu',
        flags: { a: data.chance(0.5), b: data.chance(0.5) },
        limits: { max: 100, min: 1 },
      },
      ...(chance.chance(OPTIONAL) && { promo: { code: `P${chance.below(3)}` } }),
      ...(chance.chance(0.005) && { warnings: ['slow backend'] }),
    };
    const status = isPlanted('status') ? 500 : chance.chance(0.002) ? 503 : 200;
    const shown: Json = status === 200 ? body : { error: 'unavailable' };
    const headers = {
      'content-type': 'application/json',
      'set-cookie': `sid=${uuid(chance)}; Path=/`,
      'x-cache': chance.chance(0.3) ? 'HIT' : 'MISS',
      'x-request-id': uuid(chance),
      server: 'app',
      'cache-control': 'no-store',
      etag: digest(JSON.stringify(shown)),
      ...(chance.chance(0.01) && { 'x-retry': '1' }),
      ...(isPlanted('header') && { 'x-frame-options': 'DENY' }),
    };
    return { route: 'GET /articles/{…}', status, headers, body: shown };
  },
};

function list<T>(length: number, make: (i: number) => T): T[] {
  return Array.from({ length }, (_, i) => make(i));
}
