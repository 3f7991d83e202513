/** Where an engine keeps its tables: `clickhouse://HOST:PORT/DB`, with `?tls` over HTTPS, or `parquet:DIR`. */
import { shownUrl } from '../text/shown-url.ts';
import { EngineError } from './errors.ts';

export type EngineLocation = ClickHouseLocation | ParquetLocation;

export interface ClickHouseLocation {
  readonly engine: 'clickhouse';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly tls: boolean;
  /** As it was given, without anything that could be a secret. */
  readonly shown: string;
}

export interface ParquetLocation {
  readonly engine: 'parquet';
  readonly folder: string;
  readonly shown: string;
}

const PLAIN_PORT = 8123;
const TLS_PORT = 8443;
const HINT = 'write clickhouse://HOST:PORT/DATABASE, with ?tls for HTTPS, or parquet:FOLDER';

/** Reads a location. Throws EngineError `bad-engine`. */
export function parseLocation(text: string): EngineLocation {
  if (text.startsWith('parquet:')) return parseFolder(text);
  if (/^clickhouse:\/\//i.test(text)) return parseClickHouse(text);
  throw bad(text, 'is no engine');
}

function parseFolder(text: string): ParquetLocation {
  const folder = text.slice('parquet:'.length);
  // parquet:///data is what people write who think of URLs.
  const path = folder.startsWith('//') ? folder.replace(/^\/\/+/, '/') : folder;
  if (path === '') throw bad(text, 'names no folder');
  return { engine: 'parquet', folder: path, shown: `parquet:${path}` };
}

function parseClickHouse(text: string): ClickHouseLocation {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '') throw bad(text, 'is no address of ClickHouse');
  if (url.username !== '' || url.password !== '')
    throw new EngineError(
      'bad-engine',
      `${shownUrl(text)} holds a user, and with a password everybody on this machine could see it`,
      'give --user, and the password in CLICKHOUSE_PASSWORD or --password-file',
    );
  const unknown = [...url.searchParams.keys()].find((name) => name !== 'tls');
  if (unknown !== undefined) throw bad(text, `has an unknown part '${unknown}'`);
  if (url.hash !== '') throw bad(text, 'has an unknown part behind #');
  const database = decoded(url.pathname.slice(1));
  if (database === undefined || database.includes('/')) throw bad(text, 'has a path that is no database');
  const tls = url.searchParams.has('tls');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (tls ? TLS_PORT : PLAIN_PORT) : Number(url.port);
  return { engine: 'clickhouse', host, port, database: database || 'default', tls, shown: shownUrl(text) };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function bad(text: string, what: string): EngineError {
  return new EngineError('bad-engine', `'${shownUrl(text)}' ${what}`, HINT);
}
