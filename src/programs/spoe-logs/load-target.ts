/** Where `load` writes to, as its options say. */
import { readFileSync } from 'node:fs';
import type { ClickHouseOptions, EngineTls } from '../../engines/clickhouse.ts';
import { openClickHouseTarget } from '../../engines/clickhouse-target.ts';
import { EngineError } from '../../engines/errors.ts';
import { parseLocation } from '../../engines/location.ts';
import { systemClock } from '../../otel/clock.ts';
import type { RowTarget } from '../../tables/target.ts';
import { CliError } from './errors.ts';
import type { LoadArguments } from './load-options.ts';
import { reportProblem } from './report-problem.ts';

type EngineArguments = Pick<
  LoadArguments,
  'to' | 'user' | 'passwordFile' | 'ca' | 'cert' | 'key' | 'insecure' | 'retryFor'
>;

/** Opens the target of --to. Throws CliError, EngineError. */
export async function openTarget(given: EngineArguments, signal: AbortSignal): Promise<RowTarget> {
  if (given.to === undefined)
    throw new CliError('usage', '--to is missing', 'write clickhouse://HOST:PORT/DATABASE or parquet:FOLDER');
  const location = parseLocation(given.to);
  if (location.engine === 'parquet') throw new EngineError('bad-engine', 'Parquet cannot be written yet');
  return await openClickHouseTarget({ location, ...readClickHouse(given), signal });
}

function readClickHouse(given: EngineArguments): Omit<ClickHouseOptions, 'location'> {
  const { CLICKHOUSE_USER, CLICKHOUSE_PASSWORD } = process.env;
  const password = given.passwordFile === undefined ? CLICKHOUSE_PASSWORD : readPassword(given.passwordFile);
  return {
    user: given.user ?? CLICKHOUSE_USER,
    password,
    tls: readTls(given),
    retryForMs: given.retryFor,
    clock: systemClock,
    onRetry: (reason, waitMs) =>
      reportProblem({ code: 'retrying', message: `${reason}: tried again in ${Math.ceil(waitMs / 1000)} s` }),
  };
}

function readPassword(file: string): string {
  return readFile('--password-file', file)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

function readTls({ ca, cert, key, insecure }: EngineArguments): EngineTls {
  if ((cert === undefined) !== (key === undefined))
    throw new CliError('usage', '--cert and --key belong together', 'give both');
  return {
    ...(ca !== undefined && { ca: readFile('--ca', ca) }),
    ...(cert !== undefined && { cert: readFile('--cert', cert) }),
    ...(key !== undefined && { key: readFile('--key', key) }),
    ...(insecure && { insecure }),
  };
}

function readFile(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CliError(
      'cannot-read',
      `cannot read ${option} ${file}: ${(error as NodeJS.ErrnoException).code}`,
      'check the path',
    );
  }
}
