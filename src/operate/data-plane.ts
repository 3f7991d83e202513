/**
 * HAProxy's Data Plane API, as far as a filter line of a frontend needs it. Written after its published OpenAPI documents
 * (github.com/haproxytech/client-native, specification/): v2 has filters at a path of their own, with their index; v3 below
 * their frontend, in order. v1, which the vendor's page shows, is v2 with `id` for `index`. Every change is a transaction.
 */
import { Agent, request } from 'undici';
import { OperateError } from './operate-error.ts';

export const API_VERSIONS = ['v3', 'v2', 'v1'] as const;
export type ApiVersion = (typeof API_VERSIONS)[number];

export interface DataPlaneOptions {
  /** With http:// or https://, without a version. */
  readonly url: URL;
  /** Undefined: the newest that answers. */
  readonly version: ApiVersion | undefined;
  readonly user: string;
  readonly password: string;
  /** PEM. */
  readonly ca?: string;
  readonly timeoutMs: number;
}

/** A filter line of a frontend. */
export interface FilterLine {
  readonly index: number;
  readonly type: string;
  /** Of type spoe. */
  readonly engine?: string;
  readonly config?: string;
}

export interface FilterList {
  readonly filters: readonly FilterLine[];
  /** Of HAProxy's configuration; changes are made to it, or not at all. */
  readonly version: number;
}

export interface Committed {
  readonly filter: FilterLine;
  /** Of the configuration that the change was made to: the one before it. */
  readonly version: number;
  /** The reload that will make it so; undefined where the API does not tell, of a reload that was or of none. */
  readonly reloadId: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: unknown;
}

const MAX_BYTES = 1024 * 1024;
/** Of a message of the API that is shown. */
const SHOWN = 300;

export class DataPlane {
  readonly #options: DataPlaneOptions;
  readonly #agent: Agent;
  #version: ApiVersion | undefined;

  constructor(options: DataPlaneOptions) {
    this.#options = options;
    this.#version = options.version;
    this.#agent = new Agent(options.ca === undefined ? {} : { connect: { ca: options.ca } });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** The version that is spoken. Throws OperateError. */
  async version(): Promise<ApiVersion> {
    for (const version of API_VERSIONS) {
      if (this.#version !== undefined) break;
      const answer = await this.#send('GET', `/${version}/info`);
      if (answer.status === 200) this.#version = version;
      else if (answer.status !== 404) throw this.#refused(answer, 'say its version');
    }
    if (this.#version !== undefined) return this.#version;
    throw new OperateError(
      'not-data-plane-api',
      `${this.#where} is no Data Plane API: it knows none of /v3/info, /v2/info, /v1/info`,
      'check --api',
    );
  }

  /** Throws OperateError. */
  async list(frontend: string, transaction?: string): Promise<FilterList> {
    const answer = await this.#ask(
      'GET',
      await this.#filters(frontend, undefined, transaction === undefined ? {} : { transaction_id: transaction }),
      `list the filters of ${frontend}`,
    );
    const { _version: inBody, data } = isRecord(answer.body) ? answer.body : { _version: undefined, data: answer.body };
    if (!Array.isArray(data)) throw this.#odd('a list of filters');
    const inHead = answer.headers['configuration-version'];
    const version = Number(inBody ?? inHead ?? (transaction === undefined ? await this.#configurationVersion() : 0));
    if (!Number.isSafeInteger(version)) throw this.#odd('a version of the configuration');
    return { filters: data.map(readFilter), version };
  }

  /**
   * Adds `filter spoe engine ENGINE config CONFIG` to a frontend, at its end or at an index. Throws OperateError
   * `filter-exists` where the engine is there already, `version-conflict` where somebody else was faster.
   */
  async add(frontend: string, engine: string, config: string, index?: number): Promise<Committed> {
    return await this.#change(frontend, `add a filter to ${frontend}`, async (transaction, filters) => {
      const same = filters.find((filter) => filter.type === 'spoe' && filter.engine === engine);
      if (same !== undefined)
        throw new OperateError(
          'filter-exists',
          `${frontend} has a filter of the engine ${engine} already, at index ${same.index}`,
          'remove it first',
        );
      const at = index ?? filters.length;
      if (at > filters.length)
        throw new OperateError(
          'no-filter',
          `${frontend} has ${filters.length} filters: there is no place ${at}`,
          `write --index 0 to ${filters.length}`,
        );
      const version = await this.version();
      const place = version === 'v3' ? {} : version === 'v1' ? { id: at } : { index: at };
      const line = { ...place, type: 'spoe', spoe_engine: engine, spoe_config: config };
      const path = await this.#filters(frontend, version === 'v3' ? at : undefined, { transaction_id: transaction });
      await this.#ask('POST', path, `add a filter to ${frontend}`, line);
      return { index: at, type: 'spoe', engine, config };
    });
  }

  /** Removes the filter of an engine; with an index only where it stands there. Throws OperateError. */
  async remove(frontend: string, engine: string, index?: number): Promise<Committed> {
    return await this.#change(frontend, `remove a filter of ${frontend}`, async (transaction, filters) => {
      const found = filters.find((filter) =>
        index === undefined ? filter.type === 'spoe' && filter.engine === engine : filter.index === index,
      );
      const wanted = index === undefined ? `filter of the engine ${engine}` : `filter ${index}`;
      if (found === undefined)
        throw new OperateError('no-filter', `${frontend} has no ${wanted}`, 'look with filter list');
      if (found.type !== 'spoe')
        throw new OperateError(
          'no-filter',
          `filter ${found.index} of ${frontend} is no SPOE filter but ${JSON.stringify(found.type)}`,
          'look with filter list',
        );
      if (found.engine !== engine)
        throw new OperateError(
          'no-filter',
          `filter ${found.index} of ${frontend} is not of the engine ${engine} but of ${JSON.stringify(found.engine ?? '')}`,
          'name that one with --engine, or look with filter list',
        );
      await this.#ask(
        'DELETE',
        await this.#filters(frontend, found.index, { transaction_id: transaction }),
        `remove filter ${found.index} of ${frontend}`,
      );
      return found;
    });
  }

  async #change(
    frontend: string,
    what: string,
    make: (transaction: string, filters: readonly FilterLine[]) => Promise<FilterLine>,
  ): Promise<Committed> {
    const { version } = await this.list(frontend);
    const started = await this.#ask('POST', await this.#service('transactions', { version }), `begin to ${what}`);
    const id = isRecord(started.body) ? started.body.id : undefined;
    if (typeof id !== 'string') throw this.#odd('a transaction');
    try {
      const filter = await make(id, (await this.list(frontend, id)).filters);
      const committed = await this.#ask('PUT', await this.#service(`transactions/${encodeURIComponent(id)}`, {}), what);
      const reload = committed.headers['reload-id'];
      return { filter, version, reloadId: typeof reload === 'string' ? reload.slice(0, SHOWN) : undefined };
    } catch (error) {
      // An open transaction takes one of 20 places. What went wrong is the answer, not whether this works.
      await this.#send('DELETE', await this.#service(`transactions/${encodeURIComponent(id)}`, {})).catch(
        () => undefined,
      );
      throw error;
    }
  }

  async #filters(frontend: string, index: number | undefined, query: Query): Promise<string> {
    const at = index === undefined ? '' : `/${index}`;
    if ((await this.version()) === 'v3')
      return await this.#service(`configuration/frontends/${encodeURIComponent(frontend)}/filters${at}`, query);
    return await this.#service(`configuration/filters${at}`, {
      parent_type: 'frontend',
      parent_name: frontend,
      ...query,
    });
  }

  async #service(path: string, query: Query): Promise<string> {
    const text = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, `${value}`]),
    ).toString();
    return `/${await this.version()}/services/haproxy/${path}${text === '' ? '' : `?${text}`}`;
  }

  async #configurationVersion(): Promise<unknown> {
    return (
      await this.#ask('GET', await this.#service('configuration/version', {}), 'say the version of the configuration')
    ).body;
  }

  /** An answer of 2xx. */
  async #ask(method: Method, path: string, what: string, body?: object): Promise<Answer> {
    const answer = await this.#send(method, path, body);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw this.#refused(answer, what);
  }

  async #send(method: Method, path: string, body?: object): Promise<Answer> {
    const { url, user, password, timeoutMs } = this.#options;
    const headers = {
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    try {
      const answer = await request(new URL(`${url.pathname.replace(/\/+$/, '')}${path}`, url), {
        method,
        headers,
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(timeoutMs),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of answer.body) {
        length += chunk.length;
        if (length > MAX_BYTES)
          throw new OperateError(
            'answer-too-long',
            `the answer of ${this.#where} is longer than ${MAX_BYTES} bytes`,
            'check --api',
          );
        chunks.push(chunk);
      }
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: parseBody(Buffer.concat(chunks).toString('utf8')),
      };
    } catch (error) {
      if (error instanceof OperateError) throw error;
      throw this.#unreachable(error as Error & { code?: string });
    }
  }

  get #where(): string {
    return this.#options.url.origin;
  }

  #unreachable(error: Error & { code?: string }): OperateError {
    if (error.name === 'TimeoutError')
      return new OperateError(
        'no-answer',
        `${this.#where} does not answer within ${this.#options.timeoutMs} ms`,
        '--timeout waits longer',
      );
    if (error.code === 'ECONNREFUSED')
      return new OperateError('not-listening', `nothing listens at ${this.#where}`, 'is the Data Plane API running?');
    return new OperateError(
      'unreachable',
      `cannot reach ${this.#where}: ${error.code ?? error.message}`,
      'check address, network and certificate',
    );
  }

  #odd(wanted: string): OperateError {
    return new OperateError(
      'not-data-plane-api',
      `${this.#where} answers something else than ${wanted}`,
      'check --api and --api-version',
    );
  }

  #refused({ status, body }: Answer, what: string): OperateError {
    const said =
      isRecord(body) && typeof body.message === 'string' ? `: ${JSON.stringify(body.message.slice(0, SHOWN))}` : '';
    const message = `${this.#where} does not ${what}: ${status}${said}`;
    switch (status) {
      case 401:
      case 403:
        return new OperateError(
          'bad-credentials',
          `${this.#where} refuses the credentials (${status})`,
          'check user and password: a userlist of haproxy.cfg, or of the API',
        );
      case 404:
        return new OperateError('no-filter', message, 'check --frontend and --api-version');
      case 406:
        return conflict(message);
      case 409:
        return /exist/i.test(said)
          ? new OperateError('filter-exists', message, 'look with filter list')
          : conflict(message);
      case 429:
        return new OperateError(
          'api-refused',
          message,
          'transactions that nobody ended have all its places: delete them',
        );
      default:
        return new OperateError(
          'api-refused',
          message,
          status === 400
            ? 'HAProxy would not start with this configuration; nothing was changed'
            : 'look at the log of the Data Plane API',
        );
    }
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
type Query = { readonly [name: string]: string | number };

/** Each change is made to a version of the configuration, and refused when that is no longer the present one. */
function conflict(message: string): OperateError {
  return new OperateError(
    'version-conflict',
    message,
    'somebody else changed the configuration meanwhile: nothing was changed; look at it and run this again',
  );
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readFilter(value: unknown, at: number): FilterLine {
  const { index, id, type, spoe_engine: engine, spoe_config: config } = isRecord(value) ? value : {};
  const place = index ?? id;
  return {
    index: typeof place === 'number' ? place : at,
    type: typeof type === 'string' ? type : '',
    ...(typeof engine === 'string' && { engine }),
    ...(typeof config === 'string' && { config }),
  };
}
