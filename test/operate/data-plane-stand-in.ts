/**
 * A stand-in for the Data Plane API, made from its published OpenAPI documents (github.com/haproxytech/client-native,
 * specification/haproxy-spec.yaml: branch v4.0 for v2, master for v3): paths, methods, parameters, bodies and statuses of the
 * operations that a filter needs. It is not the API: what that does beyond its document is not tested here. A request that
 * the document does not allow is kept in `violations`, and answered as the API answers one.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export type Version = 'v1' | 'v2' | 'v3';

interface Filter {
  readonly type: string;
  readonly spoe_engine?: string;
  readonly spoe_config?: string;
  readonly cache_name?: string;
}

interface Operation {
  readonly method: string;
  /** Below /services/haproxy; names in braces are parameters. */
  readonly path: string;
  readonly query: { readonly required: readonly string[]; readonly optional: readonly string[] };
  readonly body?: true;
  readonly handle: (call: Call) => Reply;
}

interface Call {
  readonly path: { readonly [name: string]: string };
  readonly query: URLSearchParams;
  readonly body: { readonly [name: string]: unknown } | undefined;
}

interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: { readonly [name: string]: string };
}

interface Transaction {
  readonly id: string;
  readonly version: number;
  readonly frontends: Map<string, Filter[]>;
}

export const USER = 'admin';
export const PASSWORD = 'my:password';

const error = (status: number, message: string): Reply => ({ status, body: { code: status, message } });

export class DataPlaneStandIn {
  /** Of the configuration. */
  version = 7;
  frontends = new Map<string, Filter[]>([['fe_main', [{ type: 'cache', cache_name: 'static' }]]]);
  readonly requests: string[] = [];
  readonly violations: string[] = [];
  readonly transactions = new Map<string, Transaction>();
  /** Told of each request before it is answered: may answer itself. */
  before: (request: string) => Reply | undefined = () => undefined;
  readonly #api: Version;
  readonly #server: Server;
  #nextId = 1;

  static async start(t: TestContext, api: Version): Promise<DataPlaneStandIn> {
    const standIn = new DataPlaneStandIn(api);
    standIn.#server.listen(0, '127.0.0.1');
    await once(standIn.#server, 'listening');
    t.after(() => {
      standIn.#server.closeAllConnections();
      standIn.#server.close();
    });
    return standIn;
  }

  private constructor(api: Version) {
    this.#api = api;
    this.#server = createServer(async (request, response) => {
      const { status, body, headers } = await this.#answer(request);
      const version = { 'configuration-version': `${this.version}` };
      response.writeHead(status, { 'content-type': 'application/json', ...version, ...headers });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    });
    this.#server.unref();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const { method = '', url: target = '', headers } = request;
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part;
    const line = `${method} ${target}${text === '' ? '' : ` ${text}`}`;
    this.requests.push(line);
    if (headers.authorization !== `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`)
      return error(401, 'unauthenticated for invalid credentials');
    const own = this.before(line);
    if (own !== undefined) return own;
    const url = new URL(target, 'http://stand-in');
    const base = `/${this.#api}`;
    if (url.pathname === `${base}/info` && method === 'GET')
      return { status: 200, body: { api: { version: `${this.#api}.x` } } };
    const services = `${base}/services/haproxy/`;
    if (!url.pathname.startsWith(services)) return error(404, `path ${url.pathname} was not found`);
    for (const operation of this.#operations()) {
      const path = matchPath(operation.path, url.pathname.slice(services.length));
      if (path === undefined || operation.method !== method) continue;
      this.#check(operation, line, url.searchParams, text, headers['content-type']);
      return operation.handle({ path, query: url.searchParams, body: text === '' ? undefined : JSON.parse(text) });
    }
    this.violations.push(`no such operation: ${line}`);
    return error(404, `path ${url.pathname} was not found`);
  }

  #check(
    { query: { required, optional }, body }: Operation,
    line: string,
    query: URLSearchParams,
    text: string,
    type: string | undefined,
  ): void {
    for (const name of required) if (!query.has(name)) this.violations.push(`${name} is missing: ${line}`);
    for (const name of query.keys())
      if (![...required, ...optional].includes(name)) this.violations.push(`unknown ${name}: ${line}`);
    if (query.has('version') && query.has('transaction_id'))
      this.violations.push(`both version and transaction: ${line}`);
    if ((body === true) !== (text !== '')) this.violations.push(`a body where none is, or none: ${line}`);
    if (body === true) {
      if (type !== 'application/json') this.violations.push(`type ${type}: ${line}`);
      this.violations.push(...this.#wrongFilter(JSON.parse(text)).map((why) => `${why}: ${line}`));
    }
  }

  /** As the schema `filter` has it: v2 requires an index, v1 an id, v3 knows neither. */
  #wrongFilter(filter: { readonly [name: string]: unknown }): string[] {
    const place = { v1: 'id', v2: 'index', v3: undefined }[this.#api];
    const wrong: string[] = [];
    if (place !== undefined && !Number.isInteger(filter[place])) wrong.push(`no ${place}`);
    if (!['cache', 'compression', 'spoe', 'trace'].includes(`${filter.type}`)) wrong.push('no type');
    for (const [name, value] of Object.entries(filter)) {
      if (name === place || name === 'type') continue;
      if (!['spoe_engine', 'spoe_config'].includes(name)) wrong.push(`unknown ${name}`);
      else if (!/^[^\s]+$/.test(`${value}`)) wrong.push(`white space in ${name}`);
    }
    return wrong;
  }

  #operations(): Operation[] {
    const filters = this.#api === 'v3' ? 'configuration/frontends/{parent_name}/filters' : 'configuration/filters';
    const parent = this.#api === 'v3' ? [] : ['parent_name', 'parent_type'];
    const changing = ['transaction_id', 'version', 'force_reload'];
    return [
      {
        method: 'GET',
        path: 'configuration/version',
        query: { required: [], optional: ['transaction_id'] },
        handle: () => ({ status: 200, body: this.version }),
      },
      {
        method: 'GET',
        path: filters,
        query: { required: parent, optional: ['transaction_id'] },
        handle: (call) => this.#list(call),
      },
      {
        method: 'POST',
        path: this.#api === 'v3' ? `${filters}/{index}` : filters,
        query: { required: parent, optional: changing },
        body: true,
        handle: (call) => this.#create(call),
      },
      {
        method: 'DELETE',
        path: `${filters}/{index}`,
        query: { required: parent, optional: changing },
        handle: (call) => this.#delete(call),
      },
      {
        method: 'POST',
        path: 'transactions',
        query: { required: ['version'], optional: [] },
        handle: (call) => this.#begin(call),
      },
      {
        method: 'PUT',
        path: 'transactions/{id}',
        query: { required: [], optional: ['force_reload'] },
        handle: (call) => this.#commit(call),
      },
      {
        method: 'DELETE',
        path: 'transactions/{id}',
        query: { required: [], optional: [] },
        handle: ({ path }) =>
          this.transactions.delete(path.id ?? '') ? { status: 204 } : error(404, 'transaction does not exist'),
      },
    ];
  }

  /** The filters of a frontend, as a transaction has them where one is given. */
  #filtersOf({ path, query }: Call): Filter[] | undefined {
    const frontends = query.has('transaction_id')
      ? this.transactions.get(query.get('transaction_id') ?? '')?.frontends
      : this.frontends;
    return frontends?.get(path.parent_name ?? query.get('parent_name') ?? '');
  }

  #list(call: Call): Reply {
    const filters = this.#filtersOf(call);
    if (filters === undefined) return error(404, 'missing object');
    if (this.#api === 'v3') return { status: 200, body: filters };
    const place = this.#api === 'v1' ? 'id' : 'index';
    return {
      status: 200,
      body: { _version: this.version, data: filters.map((filter, at) => ({ [place]: at, ...filter })) },
    };
  }

  #create(call: Call): Reply {
    const filters = this.#filtersOf(call);
    const { index, id, type, spoe_engine, spoe_config } = call.body ?? {};
    const at = Number(call.path.index ?? index ?? id);
    if (filters === undefined || !(at <= filters.length)) return error(400, 'index out of range');
    filters.splice(at, 0, { type: `${type}`, spoe_engine: `${spoe_engine}`, spoe_config: `${spoe_config}` });
    return { status: 202, body: call.body };
  }

  #delete(call: Call): Reply {
    const filters = this.#filtersOf(call);
    const at = Number(call.path.index);
    if (filters?.[at] === undefined) return error(404, 'missing object');
    filters.splice(at, 1);
    return { status: 202 };
  }

  #begin({ query }: Call): Reply {
    const version = Number(query.get('version'));
    if (version !== this.version)
      return error(409, `version in configuration file is ${this.version}, given version is ${version}`);
    const id = `t-${this.#nextId++}`;
    const frontends = new Map([...this.frontends].map(([name, filters]) => [name, [...filters]]));
    this.transactions.set(id, { id, version, frontends });
    return { status: 201, body: { id, _version: version, status: 'in_progress' } };
  }

  #commit({ path }: Call): Reply {
    const transaction = this.transactions.get(path.id ?? '');
    if (transaction === undefined) return error(404, 'transaction does not exist');
    if (transaction.version !== this.version) return error(406, `transaction ${path.id} is outdated`);
    this.transactions.delete(transaction.id);
    this.frontends = transaction.frontends;
    this.version++;
    return {
      status: 202,
      headers: { 'reload-id': '2026-11-26-1' },
      body: { id: transaction.id, _version: this.version, status: 'success' },
    };
  }
}

function matchPath(template: string, path: string): { [name: string]: string } | undefined {
  const pattern = template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  const groups = new RegExp(`^${pattern}$`).exec(path);
  if (groups === null) return undefined;
  return Object.fromEntries(
    Object.entries(groups.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
  );
}
