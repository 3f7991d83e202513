/** Real engines for tests: chdb behind HTTP, and DuckDB as package. SPOE_LOGS_ENGINES is a folder where they were installed. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClickHouse, type ClickHouseOptions } from '../../src/engines/clickhouse.ts';
import { type ClickHouseLocation, parseLocation } from '../../src/engines/location.ts';
import type { Clock } from '../../src/text/retry.ts';
import { Child } from '../child.ts';

const SERVER = fileURLToPath(new URL('../../scripts/chdb-server.mjs', import.meta.url));
const { SPOE_LOGS_ENGINES } = process.env;

function isInstalled(name: string): boolean {
  if (SPOE_LOGS_ENGINES === undefined) return false;
  try {
    createRequire(path.join(SPOE_LOGS_ENGINES, 'here.cjs')).resolve(name);
    return true;
  } catch {
    return false;
  }
}

function skipWithout(name: string): string | false {
  return isInstalled(name) ? false : `needs ${name}: npm install it in a folder, and set SPOE_LOGS_ENGINES to that`;
}

export const SKIP_CLICKHOUSE = skipWithout('chdb');
export const SKIP_DUCKDB = skipWithout('@duckdb/node-api');

/** What finds DuckDB there. */
export const DUCKDB_ENV = { SPOE_LOGS_DUCKDB: SPOE_LOGS_ENGINES };

/** PyPI has the program. */
const DUCKDB_PROGRAM = path.join(SPOE_LOGS_ENGINES ?? '', 'duckdb-cli/duckdb_cli/duckdb');
export const DUCKDB_PROGRAM_ENV = { SPOE_LOGS_DUCKDB: DUCKDB_PROGRAM };
export const SKIP_DUCKDB_PROGRAM =
  SPOE_LOGS_ENGINES !== undefined && existsSync(DUCKDB_PROGRAM)
    ? false
    : 'needs the program: pip install --target "$SPOE_LOGS_ENGINES/duckdb-cli" duckdb-cli';

export interface ClickHouseServer {
  readonly server: Child;
  readonly port: number;
}

/** Starts one. @param args its port and folder, where the test needs to know them */
export async function startClickHouse(
  args: readonly string[] = [],
  env: { readonly [name: string]: string } = {},
): Promise<ClickHouseServer> {
  const server = new Child(process.execPath, [SERVER, SPOE_LOGS_ENGINES ?? '', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  await server.sees(/listening on (\d+)/, 'stdout');
  return { server, port: Number(/listening on (\d+)/.exec(server.stdout)?.[1]) };
}

/** A clock that passes only by waiting. */
export function patientClock(): Clock & { readonly waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    async sleep(ms) {
      waits.push(ms);
      now += ms;
    },
    random: () => 0.5,
  };
}

export function locationOf(port: number, rest = 'default'): ClickHouseLocation {
  return parseLocation(`clickhouse://127.0.0.1:${port}/${rest}`) as ClickHouseLocation;
}

export function clientOf(port: number, options: Partial<ClickHouseOptions> = {}): ClickHouse {
  return new ClickHouse({ location: locationOf(port), retryForMs: 0, clock: patientClock(), ...options });
}
