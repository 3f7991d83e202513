/**
 * ClickHouse over its HTTP interface: statements, rows, and inserts that may be sent again. Every answer is asked for whole
 * (`wait_end_of_query`), so that an exception has a status of its own; what still breaks in the middle is found, and never
 * taken for the end. User and password go in a header, statements in the body: no address holds either.
 */
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { backoffMs, type Clock, type RetryPolicy } from '../text/retry.ts';
import {
  type Failure,
  findException,
  isClickHouse,
  readException,
  readNetworkFailure,
  readRefusal,
} from './clickhouse-answer.ts';
import type { Engine, EngineBlock, EngineColumn, EngineRow, EngineRows, Parameters, PlainType } from './engine.ts';
import { EngineError, shortenWords } from './errors.ts';
import type { ClickHouseLocation } from './location.ts';
import { quoteName } from './quoting.ts';
import { readBlocks } from './row-binary.ts';
import { parseColumns, rowParser } from './row-lines.ts';

export interface ClickHouseOptions {
  readonly location: ClickHouseLocation;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: EngineTls | undefined;
  /** For how long a statement is tried again, in ms; 0 tries none again. */
  readonly retryForMs: number;
  /** The longest silence before an insert is answered, and a question. */
  readonly insertTimeoutMs?: number;
  readonly queryTimeoutMs?: number;
  readonly clock: Clock;
  /** Told before each wait. */
  readonly onRetry?: (reason: string, waitMs: number) => void;
  /** Ends what is under way, and waits for nothing any more. */
  readonly signal?: AbortSignal | undefined;
}

/** PEM. */
export interface EngineTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** Certificates are not verified. */
  readonly insecure?: boolean;
}

export interface Insert {
  readonly table: string;
  /** Of the rows, in their order. */
  readonly columns: readonly string[];
  /** RowBinary, in as many pieces as it is. */
  readonly body: readonly Uint8Array[];
  /** The same for the same rows: the engine then takes them once. Without one they are taken each time. */
  readonly token?: string;
}

const INSERT_TIMEOUT_MS = 60_000;
const QUERY_TIMEOUT_MS = 600_000;
const CONNECTIONS = 4;
/** How much of an answer that is no rows is read. */
const MAX_WORDS_BYTES = 64 * 1024;
/** Rows are longer only where a column holds a book. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
/** An answer that ends within this is a whole one before its first row is given: what breaks in it is asked again. */
const AHEAD_BYTES = 1024 * 1024;

const INSERT_SETTINGS = {
  // Its default has become 1: an answer would come before the rows are there, and the token would not count.
  async_insert: '0',
  // Of older servers 0: what a view counts of a repeated insert would be counted twice.
  deduplicate_blocks_in_dependent_materialized_views: '1',
  // A Distributed table answers when the shards have the rows.
  insert_distributed_sync: '1',
  // A part is one block, whatever the profile of the user says: of one that is cut, only some blocks could be there, and be cut elsewhere next time.
  max_insert_block_size: '100000000',
  min_insert_block_size_rows: '100000000',
  min_insert_block_size_bytes: '0',
} as const;

const QUERY_SETTINGS = {
  readonly: '2',
  output_format_json_quote_64bit_integers: '1',
  output_format_json_quote_denormals: '1',
  output_format_json_named_tuples_as_objects: '0',
  cancel_http_readonly_queries_on_client_close: '1',
} as const;

const ROWS_FORMAT = 'JSONCompactEachRowWithNamesAndTypes';
const BLOCKS_FORMAT = 'RowBinary';
/** Who asks for blocks asks for some hundred thousand rows at once. */
const MAX_BLOCKS_BYTES = 512 * 1024 * 1024;

interface Sent {
  readonly settings: { readonly [name: string]: string };
  readonly body: readonly Uint8Array[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

type Outcome<Result> = { readonly kind: 'done'; readonly result: Result } | Failure;

export class ClickHouse implements Engine {
  readonly dialect = 'clickhouse';
  readonly shown: string;
  readonly #options: ClickHouseOptions;
  readonly #policy: RetryPolicy;
  readonly #agent: HttpAgent | HttpsAgent;
  #reached = false;

  constructor(options: ClickHouseOptions) {
    this.#options = options;
    this.shown = options.location.shown;
    this.#policy = { firstMs: 500, mostMs: 15_000, forMs: options.retryForMs };
    const settings = { keepAlive: true, maxSockets: CONNECTIONS };
    const { ca, cert, key, insecure } = options.tls ?? {};
    this.#agent = options.location.tls
      ? new HttpsAgent({
          ...settings,
          ...(ca && { ca }),
          ...(cert && { cert }),
          ...(key && { key }),
          rejectUnauthorized: insecure !== true,
        })
      : new HttpAgent(settings);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }

  /** Inserts rows; all of them are there when it is done, once. Throws EngineError. */
  async insert({ table, columns, body, token }: Insert, signal?: AbortSignal): Promise<{ readonly retries: number }> {
    const query = `INSERT INTO ${quoteName(table)} (${columns.map(quoteName).join(', ')}) FORMAT RowBinary`;
    const known = token === undefined ? { insert_deduplicate: '0' } : { insert_deduplication_token: token };
    const { retries } = await this.#send(
      {
        settings: { ...INSERT_SETTINGS, ...known, query },
        body,
        timeoutMs: this.#options.insertTimeoutMs ?? INSERT_TIMEOUT_MS,
        signal: signal ?? this.#options.signal,
      },
      (response) => this.#readNothing(response),
    );
    return { retries };
  }

  async run(sql: string, parameters: Parameters = {}): Promise<void> {
    await this.#send(this.#statement(sql, parameters, {}), (response) => this.#readNothing(response));
  }

  async query(sql: string, parameters: Parameters = {}): Promise<EngineRows> {
    const settings = { ...QUERY_SETTINGS, default_format: ROWS_FORMAT };
    const sent = this.#statement(sql, parameters, settings);
    return (await this.#send(sent, (response) => this.#readRows(response))).result;
  }

  async *blocks(
    sql: string,
    types: readonly PlainType[],
    parameters: Parameters = {},
  ): AsyncGenerator<EngineBlock, void> {
    const sent = this.#statement(sql, parameters, { ...QUERY_SETTINGS, default_format: BLOCKS_FORMAT });
    // Whole, so that one that breaks is asked for again, and nothing of it was given.
    const { result } = await this.#send(sent, (response) => this.#readWhole(response));
    try {
      yield* readBlocks(result, types);
    } catch (error) {
      throw this.#answer((error as Error).message);
    }
  }

  #statement(sql: string, parameters: Parameters, settings: Sent['settings']): Sent {
    const named = Object.entries(parameters).map(([name, value]) => [`param_${name}`, escapeParameter(String(value))]);
    return {
      settings: { ...settings, ...Object.fromEntries(named) },
      body: [Buffer.from(sql)],
      timeoutMs: this.#options.queryTimeoutMs ?? QUERY_TIMEOUT_MS,
      signal: this.#options.signal,
    };
  }

  /** Sends a statement, again after what may pass, until its time is over. */
  async #send<Result>(
    sent: Sent,
    read: (response: IncomingMessage) => Promise<Outcome<Result>>,
  ): Promise<{ readonly result: Result; readonly retries: number }> {
    const { clock, onRetry } = this.#options;
    const { signal } = sent;
    const givesUpAt = clock.now() + this.#policy.forMs;
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#attempt(sent, read);
      if (outcome.kind === 'done') return { result: outcome.result, retries: attempt };
      if (outcome.kind === 'fatal') throw this.#withoutSecret(outcome.error);
      const waitMs = backoffMs(this.#policy, attempt, clock.random());
      const reason = this.#scrub(outcome.reason);
      if (signal?.aborted === true || clock.now() + waitMs >= givesUpAt)
        throw new EngineError('engine-unavailable', `${this.shown}: ${reason}`, 'what was not taken can be sent again');
      onRetry?.(reason, waitMs);
      await clock.sleep(waitMs, signal ?? NEVER);
    }
  }

  async #attempt<Result>(
    sent: Sent,
    read: (response: IncomingMessage) => Promise<Outcome<Result>>,
  ): Promise<Outcome<Result>> {
    let response: IncomingMessage;
    try {
      response = await this.#request(sent);
    } catch (error) {
      return readNetworkFailure(error, this.#reached, this.shown);
    }
    try {
      const head = { status: response.statusCode ?? 0, headers: response.headers };
      if (head.status !== 200) return readRefusal(head, await readWords(response), this.shown);
      if (!isClickHouse(head)) return { kind: 'fatal', error: this.#noClickHouse() };
      this.#reached = true;
      return await read(response);
    } catch (error) {
      response.destroy();
      if (error instanceof EngineError) return { kind: 'fatal', error };
      return { kind: 'retry', reason: `the answer stops in the middle: ${(error as Error).message}` };
    }
  }

  #noClickHouse(): EngineError {
    return new EngineError(
      'engine-refused',
      `${this.shown}: what answers there is no ClickHouse`,
      'check host and port: HTTP is 8123, HTTPS 8443 with ?tls',
    );
  }

  #request(sent: Sent): Promise<IncomingMessage> {
    const { settings, body, timeoutMs, signal } = sent;
    const { location, user, password } = this.#options;
    const asked = new URLSearchParams({ database: location.database, wait_end_of_query: '1', ...settings });
    const headers: Record<string, string | number> = {
      'user-agent': 'spoe-logs',
      'content-type': 'application/octet-stream',
      'content-length': body.reduce((total, piece) => total + piece.length, 0),
    };
    if (user !== undefined || password !== undefined)
      headers.authorization = `Basic ${Buffer.from(`${user ?? 'default'}:${password ?? ''}`).toString('base64')}`;
    return new Promise((resolve, reject) => {
      const request: ClientRequest = (location.tls ? requestHttps : requestHttp)({
        host: location.host,
        port: location.port,
        method: 'POST',
        path: `/?${asked}`,
        headers,
        agent: this.#agent,
        timeout: timeoutMs,
        ...(signal && { signal }),
      });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      request.on('response', resolve);
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The server has closed a connection that was idle: no failure of it, and no reason to wait.
        if (request.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(error.code ?? '')) resolve(this.#request(sent));
        else reject(error);
      });
      for (const piece of body) request.write(piece);
      request.end();
    });
  }

  /** Rows were not asked for: what there is says that it went wrong after all. */
  async #readNothing(response: IncomingMessage): Promise<Outcome<void>> {
    const words = await readWords(response);
    const exception = findException(words);
    if (exception !== undefined) return readException(exception.code, exception.words, this.shown);
    return { kind: 'done', result: undefined };
  }

  async #readWhole(response: IncomingMessage): Promise<Outcome<Buffer>> {
    const format = response.headers['x-clickhouse-format'];
    if (format !== undefined && format !== BLOCKS_FORMAT)
      return { kind: 'fatal', error: this.#answer(`it answers as ${shortenWords(String(format))}`) };
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of response as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > MAX_BLOCKS_BYTES)
        return { kind: 'fatal', error: this.#answer(`it is longer than ${MAX_BLOCKS_BYTES} bytes`) };
      parts.push(part);
    }
    return { kind: 'done', result: Buffer.concat(parts) };
  }

  async #readRows(response: IncomingMessage): Promise<Outcome<EngineRows>> {
    const format = response.headers['x-clickhouse-format'];
    if (format !== undefined && format !== ROWS_FORMAT) {
      response.destroy();
      return {
        kind: 'fatal',
        error: this.#answer(`it answers as ${shortenWords(String(format))}`, 'leave FORMAT away'),
      };
    }
    const lines = await readAhead(splitLines(response), AHEAD_BYTES);
    const [names, types] = [await lines.next(), await lines.next()];
    // A statement that has no rows.
    if (names.done) return { kind: 'done', result: { columns: [], rows: noRows() } };
    const columns = types.done ? undefined : parseColumns(names.value, types.value);
    if (columns === undefined) return this.#readNoRows([names.value, types.done ? '' : types.value].join('\n'));
    return { kind: 'done', result: { columns, rows: this.#rows(columns, lines) } };
  }

  async *#rows(columns: readonly EngineColumn[], lines: AsyncIterator<string, void>): AsyncGenerator<EngineRow, void> {
    const parse = rowParser(columns);
    try {
      for (;;) {
        const line = await lines.next();
        if (line.done) return;
        const row = parse(line.value);
        if (row === undefined) {
          const failure = this.#readNoRows(line.value);
          throw failure.kind === 'fatal' ? failure.error : this.#answer(failure.reason);
        }
        yield row;
      }
    } catch (error) {
      throw error instanceof EngineError ? this.#withoutSecret(error) : this.#answer((error as Error).message);
    } finally {
      await lines.return?.();
    }
  }

  #readNoRows(text: string): Failure {
    const exception = findException(text);
    if (exception !== undefined) return readException(exception.code, exception.words, this.shown);
    return { kind: 'retry', reason: `the answer is no row: ${shortenWords(text)}` };
  }

  #answer(what: string, hint?: string): EngineError {
    return new EngineError(
      'engine-answer',
      `${this.shown}: the answer stops in the middle: ${this.#scrub(what)}`,
      hint,
    );
  }

  #withoutSecret(error: EngineError): EngineError {
    return new EngineError(error.code, this.#scrub(error.message), error.hint);
  }

  /** A server, or a proxy before it, could repeat what it was sent. */
  #scrub(text: string): string {
    const { user, password } = this.#options;
    if (password === undefined || password === '') return text;
    const encoded = Buffer.from(`${user ?? 'default'}:${password}`).toString('base64');
    return text.replaceAll(encoded, '***').replaceAll(password, '***');
  }
}

const NEVER = new AbortController().signal;

async function* noRows(): AsyncGenerator<EngineRow, void> {}

/** Parameters are read as a cell of TSV is. */
function escapeParameter(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

/** A bounded text, to its end: where that does not come, an error. */
async function readWords(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let left = MAX_WORDS_BYTES;
  for await (const part of response as AsyncIterable<Buffer>) {
    if (left > 0) parts.push(part.subarray(0, left));
    left -= part.length;
    if (left < -MAX_WORDS_BYTES * 16) break;
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Lines without their ends. What stands behind the last end is a line, too: an exception has none. */
async function* splitLines(response: IncomingMessage): AsyncGenerator<string, void> {
  let parts: Buffer[] = [];
  let held = 0;
  const take = (last: Buffer) => {
    const line = Buffer.concat([...parts, last]).toString('utf8');
    parts = [];
    held = 0;
    return line;
  };
  for await (const chunk of response as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield take(chunk.subarray(from, end));
      from = end + 1;
    }
    parts.push(chunk.subarray(from));
    held += chunk.length - from;
    if (held > MAX_LINE_BYTES) throw new Error(`a row is longer than ${MAX_LINE_BYTES} bytes`);
  }
  if (held > 0) yield take(Buffer.alloc(0));
}

/** Takes lines ahead, to their end or up to so many bytes, before the first is given. */
async function readAhead(lines: AsyncGenerator<string, void>, bytes: number): Promise<AsyncGenerator<string, void>> {
  const ahead: string[] = [];
  let left = bytes;
  let isWhole = false;
  while (left > 0 && !isWhole) {
    const line = await lines.next();
    if (line.done) isWhole = true;
    else {
      ahead.push(line.value);
      left -= line.value.length;
    }
  }
  return (async function* () {
    try {
      yield* ahead;
      if (!isWhole) yield* lines;
    } finally {
      await lines.return();
    }
  })();
}
