/** A ClickHouse for `load`: it answers what load asks of one, over HTTP, and keeps rows in memory. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SCHEMA_VERSION, TABLES, type TableName } from '../../src/tables/schema.ts';
import { MemoryTarget, type Row } from './memory-target.ts';

/** What is done about an insert, before its rows are kept or after. */
export type OnInsert = (number: number, table: string, when: 'before' | 'after') => void | Promise<void>;

export class TableServer {
  readonly target = new MemoryTarget();
  inserts = 0;
  onInsert: OnInsert = () => undefined;
  /** Statuses of answers to the next inserts, whose rows are not kept. */
  readonly refusals: { readonly status: number; readonly body: string }[] = [];
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  });

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `clickhouse://127.0.0.1:${(this.#server.address() as AddressInfo).port}/spoe`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { searchParams: asked } = new URL(request.url ?? '/', 'http://localhost');
    const pieces: Buffer[] = [];
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    const body = Buffer.concat(pieces);
    response.setHeader('x-clickhouse-server-display-name', 'test');
    const table = /^INSERT INTO `?"?(\w+)/.exec(asked.get('query') ?? '')?.[1];
    if (table !== undefined) await this.#insert(table as TableName, asked, body, response);
    else await this.#select(body.toString(), asked, response);
  }

  async #insert(table: TableName, asked: URLSearchParams, body: Buffer, response: ServerResponse): Promise<void> {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) {
      response.writeHead(refusal.status).end(refusal.body);
      return;
    }
    const number = ++this.inserts;
    await this.onInsert(number, table, 'before');
    // Rows of spoe_loads come without one: the latest counts.
    const token = asked.get('insert_deduplication_token')?.replace(/^\w+:/, '') ?? `load.${number}`;
    await this.target.write({
      table,
      token,
      partition: { dt: '', host: '' },
      body: { rows: 0, chunks: [body] },
    });
    await this.onInsert(number, table, 'after');
    response.end();
  }

  async #select(sql: string, asked: URLSearchParams, response: ServerResponse): Promise<void> {
    response.setHeader('x-clickhouse-format', 'JSONCompactEachRowWithNamesAndTypes');
    const rows: unknown[][] = /spoe_schema/.test(sql)
      ? [['version'], ['UInt32'], [SCHEMA_VERSION]]
      : await this.#loaded(asked.get('param_prefix') ?? '');
    response.end(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }

  async #loaded(prefix: string): Promise<unknown[][]> {
    const names = ['load_id', 'first_line', 'end_line', 'version', 'state', 'tables', 'left_out', 'digest'];
    const columns = TABLES.spoe_loads.columns;
    const types = names.map((name) => TYPES[columns.find((column) => column.name === name)?.type as 'text']);
    const rows = (await this.target.loaded(prefix)).map((part) => {
      const row: Row = { ...part };
      return [
        ...[row.loadId, `${row.firstLine}`, `${row.endLine}`, `${row.version}`],
        ...[row.state, row.tables, row.leftOut, row.digest],
      ];
    });
    return [names, types, ...rows];
  }
}

const TYPES = { text: 'String', lowtext: 'LowCardinality(String)', u64: 'UInt64', u32: 'UInt32' } as const;
