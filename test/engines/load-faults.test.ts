/** What is in ClickHouse after a load through something that breaks in every way: each event once, and an account of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ClickHouse } from '../../src/engines/clickhouse.ts';
import { clickhouseSchema } from '../../src/engines/clickhouse-schema.ts';
import { openClickHouseTarget } from '../../src/engines/clickhouse-target.ts';
import { readObjects } from '../../src/engines/engine.ts';
import { loadEvents } from '../tables/loading.ts';
import { clientOf, locationOf, patientClock, SKIP_CLICKHOUSE, startClickHouse } from './engines.ts';

/** What becomes of an insert: whether it reaches ClickHouse, and what is heard of it. */
const FAULTS = ['refused', 'lost before', 'lost behind', 'error behind', 'answer cut', 'said in the answer'] as const;
type Fault = (typeof FAULTS)[number];

/** Stands before ClickHouse. `next` says what becomes of the next insert. */
class Breaker {
  next: () => Fault | undefined = () => undefined;
  /** Inserts that were refused or lost in any way. */
  broken = 0;
  /** Of them those whose connection was idle before: they are sent again at once, which is no failure of the server. */
  quiet = 0;
  readonly #used = new WeakSet<object>();
  readonly #server = createServer((asked, answer) => void this.#handle(asked, answer));
  readonly #target: number;

  constructor(target: number) {
    this.#target = target;
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #handle(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of asked) parts.push(part);
    const fault = (asked.url ?? '').includes('INSERT') ? this.next() : undefined;
    if (fault !== undefined) this.broken++;
    if ((fault === 'lost before' || fault === 'lost behind') && this.#used.has(asked.socket)) this.quiet++;
    this.#used.add(asked.socket);
    if (fault === 'refused') return void answer.writeHead(503).end('later');
    if (fault === 'lost before') return void asked.socket.destroy();
    const forwarded = request({ port: this.#target, host: '127.0.0.1', method: 'POST', path: asked.url });
    const reply = await replyOf(forwarded, Buffer.concat(parts));
    if (fault === 'lost behind') return void asked.socket.destroy();
    if (fault === 'error behind') return void answer.writeHead(500).end('Code: 209. DB::Exception: Timeout exceeded');
    const { statusCode = 0, headers } = reply.head;
    if (fault === 'answer cut') {
      answer.writeHead(statusCode, { ...headers, 'content-length': '100' }).write('x', () => answer.destroy());
      return;
    }
    const body = fault === 'said in the answer' ? 'Code: 241. DB::Exception: Memory limit exceeded' : reply.body;
    const { 'transfer-encoding': _, ...others } = headers;
    answer.writeHead(statusCode, { ...others, 'content-length': Buffer.byteLength(body) }).end(body);
  }
}

async function replyOf(forwarded: ClientRequest, body: Buffer): Promise<{ head: IncomingMessage; body: string }> {
  forwarded.end(body);
  const [head] = (await once(forwarded, 'response')) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of head) parts.push(part);
  return { head, body: Buffer.concat(parts).toString() };
}

const EVENTS = 900;
const folder = mkdtempSync(path.join(tmpdir(), 'spoe-logs-load-faults-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Two logs of events with other numbers each, over two days. */
const LOGS = ['lb1', 'lb2'].map((host) => {
  const file = path.join(folder, `${host}.log`);
  const lines = Array.from({ length: EVENTS }, (_, n) => {
    const clock = `Nov ${n < 600 ? 22 : 23} 06:${String(Math.floor(n / 60) % 60).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}`;
    return `${clock} ${host} haproxy[7]: SPOE: [mirror] <EVENT:on-request> sid=${n} st=${n % 9 === 0 ? 256 : 0} 0/1/2/0/${n % 50} 1/1 0/0 0/${n}`;
  });
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
});

describe('a load through what breaks in every way', { skip: SKIP_CLICKHOUSE }, () => {
  let breaker: Breaker;
  let engine: ClickHouse;
  let port = 0;
  before(async () => {
    const clickhouse = await startClickHouse();
    engine = clientOf(clickhouse.port);
    breaker = new Breaker(clickhouse.port);
    port = await breaker.listen();
  });
  after(async () => {
    breaker?.close();
    await engine?.close();
  });

  async function load(retryForMs: number) {
    const target = await openClickHouseTarget({ location: locationOf(port), retryForMs, clock: patientClock() });
    try {
      return await loadEvents(target, LOGS, { limits: { rows: 100 }, turnBytes: 4000 });
    } finally {
      await target.close();
    }
  }

  async function makeTables() {
    breaker.next = () => undefined;
    breaker.broken = 0;
    breaker.quiet = 0;
    for (const table of ['spoe_events', 'spoe_minutes', 'spoe_loads'])
      await engine.run(`DROP TABLE IF EXISTS ${table} SYNC`);
    for (const statement of clickhouseSchema()) await engine.run(statement);
  }

  async function checkTables() {
    const [events] = await readObjects(
      engine,
      'SELECT count() AS n, uniqExact(host, sid) AS distinct FROM spoe_events',
    );
    assert.deepEqual(events, { n: 2 * EVENTS, distinct: 2 * EVENTS });
    const [minutes] = await readObjects(
      engine,
      'SELECT sum(count) AS n, sum(errors) AS errors, sum(arraySum(mapValues(pT))) AS timed FROM spoe_minutes',
    );
    assert.deepEqual(minutes, { n: 2 * EVENTS, errors: EVENTS / 4.5, timed: 2 * EVENTS });
    const states = await readObjects(engine, 'SELECT state, sum(rows) AS n FROM spoe_loads FINAL GROUP BY state');
    assert.deepEqual(states, [{ state: 'loaded', n: 2 * EVENTS }]);
  }

  test('has each event once, and counts what was tried again', async () => {
    await makeTables();
    let insert = 0;
    // Each of them in turn, and then twice in a row.
    breaker.next = () => (++insert % 3 === 0 ? undefined : FAULTS[Math.floor(insert / 3) % FAULTS.length]);
    const { counts, fault, problems } = await load(600_000);
    assert.deepEqual([fault, problems], [undefined, []]);
    assert.ok(breaker.broken > 2 * FAULTS.length, `${breaker.broken} faults`);
    assert.deepEqual([counts.loaded, counts.failed, counts.retried], [2 * EVENTS, 0, breaker.broken - breaker.quiet]);
    await checkTables();
  });

  test('and so it has after loads that each ended with one of them, the next where the last one was', async () => {
    await makeTables();
    let loaded = 0;
    for (let round = 0; loaded < 2 * EVENTS; round++) {
      assert.ok(round < 100, 'it comes to an end');
      let insert = 0;
      breaker.next = () => (++insert === 4 + (round % 5) ? FAULTS[round % FAULTS.length] : undefined);
      const { counts, fault } = await load(0);
      if (fault !== undefined) assert.equal((fault as { code?: string }).code, 'engine-unavailable');
      assert.equal(fault === undefined, counts.failed === 0);
      loaded = counts.already + counts.loaded;
    }
    await checkTables();
  });
});
