/**
 * Accounts: five routes of unequal traffic, small documents in one envelope that all have, ids as names of members, and
 * noise that comes in clusters: a replica that is behind changes several fields at once.
 */
import { entryAt, type Random } from '../../random.ts';
import { digest, type Json, type Plants, type Server, type Site, shuffled, uuid } from './simulated-answer.ts';

const MOMENT = Date.UTC(2026, 10, 20) / 1000;
const JITTER = 0.3;
const UNORDERED = 0.2;
const OPTIONAL = 0.1;
const BEHIND = 0.03;

interface Chances {
  readonly data: Random;
  readonly chance: Random;
  readonly plants: Plants;
}

const ROUTES = [
  [0.45, 'GET /accounts/{…}', account],
  [0.25, 'GET /accounts/{…}/transfers', transfers],
  [0.15, 'POST /transfers', created],
  [0.1, 'GET /rates', rates],
  [0.05, 'GET /notices', notices],
] as const;

export const ACCOUNTS: Site = {
  name: 'five routes in one envelope',
  places: {
    type: ['$.meta.total'],
    missing: ['$.meta.quota'],
    reversed: ['$.links'],
    jitter: ['$.meta.load'],
    header: ['header x-frame-options'],
    status: ['status'],
    rare: ['$.meta.plan'],
  },
  answer(server: Server, data: Random, chance: Random, given: Plants) {
    const plants = server === 'candidate' ? given : {};
    const isPlanted = (name: string) => chance.chance(plants[name] ?? 0);
    const [, route, make] = entryAt(ROUTES, data.next()) ?? ROUTES[0];
    const result = make({ data, chance, plants });
    const total = data.below(500);
    const load = data.below(100);
    const links = ['self', 'next', 'help'].map((rel) => ({ rel, href: `/${rel}/${data.below(1000)}` }));
    const meta: Record<string, Json> = {
      total: isPlanted('type') ? String(total) : total,
      took_us: chance.below(90_000),
      trace: chance.text(32, '0123456789abcdef'),
      load: chance.chance(plants.jitter ?? JITTER) ? load + 1 + chance.below(50) : load,
      region: data.pick(['eu', 'us']),
      ...(chance.chance(OPTIONAL) && { experiment: chance.pick(['red', 'green']) }),
    };
    const [quota, plan] = [data.below(100), data.pick(['free', 'paid'])];
    if (!isPlanted('missing')) meta.quota = quota;
    if (!isPlanted('rare')) meta.plan = plan;
    const body = { result, meta, links: isPlanted('reversed') ? links.reverse() : links };
    const usual = route.startsWith('POST') ? 201 : 200;
    const status = isPlanted('status') ? 500 : chance.chance(0.003) ? 503 : usual;
    const shown: Json = status === usual ? body : { errors: [{ code: 'busy' }] };
    const headers = {
      'content-type': 'application/json',
      'set-cookie': `token=${uuid(chance)}`,
      'x-served-by': chance.pick(['app-1', 'app-2', 'app-3']),
      'x-trace': chance.text(16, '0123456789abcdef'),
      vary: 'accept',
      etag: digest(JSON.stringify(shown)),
      ...(chance.chance(0.02) && { warning: '110' }),
      ...(isPlanted('header') && { 'x-frame-options': 'DENY' }),
    };
    return { route, status, headers, body: shown };
  },
};

function account({ data, chance }: Chances): Json {
  const isBehind = chance.chance(BEHIND);
  const version = 5 + data.below(50);
  const balance = data.below(1e6);
  return {
    id: data.below(1e9),
    owner: { name: `n${data.below(1000)}`, since: MOMENT - data.below(1e7), verified: data.chance(0.7) },
    version: isBehind ? version - 1 : version,
    balance: isBehind ? balance - data.below(1000) : balance,
    updated: MOMENT - (isBehind ? 60 : 0) - data.below(60),
    limits: { day: data.below(5000), month: data.below(50_000) },
    devices: { [uuid(data)]: { seen: MOMENT + chance.below(1000), os: data.pick(['a', 'b']) } },
    roles: maybeShuffled(['reader', 'writer', 'owner', 'auditor'], chance),
  };
}

function transfers({ data, chance }: Chances): Json {
  const all = Array.from({ length: 2 + data.below(6) }, () => ({
    id: data.below(1e9),
    amount: { value: (data.below(1e5) / 100).toFixed(2), currency: data.pick(['EUR', 'USD']) },
    state: data.pick(['done', 'open']),
    note: data.chance(0.4) ? `note ${data.below(50)}` : null,
  }));
  // What was booked a moment ago is not there yet.
  return { entries: chance.chance(0.04) ? all.slice(1) : all, cursor: chance.text(20, 'abcdefghij') };
}

function created({ data, chance }: Chances): Json {
  return {
    id: uuid(chance),
    at: new Date(MOMENT * 1000 + chance.below(60_000)).toISOString(),
    state: chance.chance(0.15) ? 'queued' : 'accepted',
    fee: data.below(100) / 100,
    checks: maybeShuffled(['limit', 'name', 'country'], chance),
  };
}

function rates({ data, chance }: Chances): Json {
  const of = (name: string) => {
    const rate = 1 + data.next();
    return { name, rate: chance.chance(JITTER) ? rate + 1e-4 * chance.next() : rate };
  };
  return { base: 'EUR', at: MOMENT + chance.below(100), rates: ['USD', 'GBP', 'CHF'].map(of) };
}

function notices({ data, chance }: Chances): Json {
  const unread = data.below(4);
  return {
    unread: chance.chance(0.08) ? unread + 1 : unread,
    texts: Array.from({ length: unread }, () => data.text(9, 'abc')),
  };
}

function maybeShuffled(list: readonly string[], chance: Random): Json {
  return chance.chance(UNORDERED) ? shuffled(list, chance) : list;
}
