/** The options of all commands that reach an engine: who asks, over which TLS, and for how long it is waited for. */
import { readFileSync } from 'node:fs';
import type { EngineTls } from '../../engines/clickhouse.ts';
import type { EngineAccess } from '../../engines/open-engine.ts';
import { OptionError } from '../../options/errors.ts';
import { duration, FILE, FLAG, special, text } from '../../options/kinds.ts';
import { type Given, optionTable } from '../../options/option.ts';
import { systemClock } from '../../otel/clock.ts';
import { CliError } from './errors.ts';
import { reportProblem } from './report-problem.ts';

const ENGINE = 'Engine:';

/** What a location may be, for help and errors. */
export const LOCATIONS = 'clickhouse://HOST:PORT/DATABASE, with ?tls over HTTPS, or parquet:FOLDER';

/** The name of a comparison: a part of names of folders and of tokens. */
export const RUN = special('NAME', (given, option) => {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(given)) return given;
  throw new OptionError(`invalid ${option}: '${given}'`, { hint: 'write up to 40 letters, digits, dots, - and _' });
});

/** Of DuckDB. */
export const MEMORY = {
  kind: text('SIZE'),
  group: ENGINE,
  help: 'what DuckDB may take, as 4GB; what does not fit goes to the disk where it can',
  otherwise: '1GB',
} as const;

export const ENGINE_OPTIONS = optionTable({
  user: { kind: text('USER'), group: ENGINE, help: 'of ClickHouse', otherwise: 'CLICKHOUSE_USER, or default' },
  'password-file': { kind: FILE, group: ENGINE, help: 'its password, in a file', otherwise: 'CLICKHOUSE_PASSWORD' },
  ca: { kind: FILE, group: ENGINE, help: 'PEM file: who has signed the certificate of ClickHouse' },
  cert: { kind: FILE, group: ENGINE, help: 'PEM file: certificate of this client' },
  key: { kind: FILE, group: ENGINE, help: 'PEM file: its key' },
  insecure: { kind: FLAG, group: ENGINE, help: 'the certificate of ClickHouse is not verified' },
  'retry-for': {
    kind: duration({ examples: '30s, 5m or 0s' }),
    default: 300_000,
    group: ENGINE,
    help: 'how long an engine that is unavailable is waited for; 0s: not at all',
  },
});

export type EngineArguments = Given<typeof ENGINE_OPTIONS> & { readonly memory?: string | undefined };

/** How the engine is reached: by options, and the environment where they say nothing. Throws CliError. */
export function readEngineAccess(given: EngineArguments, signal?: AbortSignal): EngineAccess {
  const { CLICKHOUSE_USER, CLICKHOUSE_PASSWORD } = process.env;
  return {
    user: given.user ?? CLICKHOUSE_USER,
    password: given.passwordFile === undefined ? CLICKHOUSE_PASSWORD : readPassword(given.passwordFile),
    tls: readTls(given),
    retryForMs: given.retryFor,
    memory: given.memory,
    env: process.env,
    clock: systemClock,
    onRetry: (reason, waitMs) =>
      reportProblem({ code: 'retrying', message: `${reason}: tried again in ${Math.ceil(waitMs / 1000)} s` }),
    signal,
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
