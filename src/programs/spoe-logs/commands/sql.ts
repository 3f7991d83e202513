/** `spoe-logs sql`: what makes the tables, and answers from them. A bundle of its own: no other command prints either. */
import { ClickHouse } from '../../../engines/clickhouse.ts';
import { clickhouseMigration, clickhouseSchema, type SchemaOptions } from '../../../engines/clickhouse-schema.ts';
import { duckdbSchema } from '../../../engines/duckdb-schema.ts';
import type { EngineRows } from '../../../engines/engine.ts';
import { type EngineLocation, parseLocation } from '../../../engines/location.ts';
import { openEngine } from '../../../engines/open-engine.ts';
import { hasFiles } from '../../../engines/parquet-version.ts';
import { choice, count, duration, FLAG, text } from '../../../options/kinds.ts';
import { type Given, optionTable } from '../../../options/option.ts';
import { type RowValue, renderRowCsv, renderRowJson, renderRowsTable } from '../../../report/rows.ts';
import { formatAmount } from '../../../text/numbers.ts';
import { BufferedOutput } from '../buffered-output.ts';
import { defineCommand } from '../command.ts';
import { ENGINE_OPTIONS, LOCATIONS, readEngineAccess } from '../engine-options.ts';
import { CliError, Exit } from '../errors.ts';
import { catchInterrupts } from '../interrupt.ts';
import { reportProblem, setExit } from '../report-problem.ts';

/** Of a table for people, whose columns are as wide as what is in them. */
const TABLE_ROWS = 10_000;
const DAY_MS = 86_400_000;
/** Some more than a century. */
const LONGEST_KEPT_MS = 40_000 * DAY_MS;
const SCHEMA = 'Tables:';
const ANSWER = 'Answers:';

const OPTIONS = optionTable({
  schema: {
    kind: choice('ENGINE', ['clickhouse', 'duckdb']),
    group: SCHEMA,
    help: 'prints what makes tables and views',
  },
  cluster: {
    kind: text('NAME'),
    group: SCHEMA,
    help: 'of remote_servers: replicated tables on every shard, and Distributed ones over them',
  },
  keep: {
    kind: duration({ least: DAY_MS, most: LONGEST_KEPT_MS, examples: '30d or 400d' }),
    group: SCHEMA,
    help: 'rows older than that are dropped, in whole days',
    otherwise: 'all are kept',
  },
  'keep-minutes': {
    kind: duration({ least: DAY_MS, most: LONGEST_KEPT_MS, examples: '30d or 400d' }),
    group: SCHEMA,
    help: 'the same for spoe_minutes',
    otherwise: 'as --keep',
  },
  'since-version': {
    kind: count('N', { least: 1 }),
    group: SCHEMA,
    help: 'prints only what changes tables of this version (spoe_schema) into those of today',
  },
  apply: { kind: FLAG, group: SCHEMA, help: 'does so in the ClickHouse of --from, instead of printing' },
  from: { kind: text('WHERE'), group: ANSWER, help: LOCATIONS },
  format: { kind: choice('FORMAT', ['table', 'json', 'csv']), default: 'table', group: ANSWER, help: 'of the rows' },
  memory: {
    kind: text('SIZE'),
    group: ANSWER,
    help: 'what DuckDB may take, as 4GB; what does not fit goes to the disk where it can',
    otherwise: '1GB',
  },
  ...ENGINE_OPTIONS,
});

type SqlArguments = Given<typeof OPTIONS> & { readonly statement?: readonly string[] | undefined };

export const command = defineCommand({
  options: OPTIONS,
  positionals: { statement: { kind: text('SQL'), repeatable: true, help: 'a question to the engine of --from' } },
  examples: [
    ['$0 sql --schema clickhouse --keep 30d | clickhouse-client -mn', 'makes the tables on one server'],
    ["$0 sql --from parquet:/data/spoe 'SELECT * FROM spoe_summary'", 'rows, by DuckDB'],
  ],
  run,
});

async function run(given: SqlArguments): Promise<void> {
  const location = given.from === undefined ? undefined : parseLocation(given.from);
  const statement = given.statement?.join(' ') ?? '';
  if (given.schema !== undefined) {
    if (statement !== '') throw new CliError('usage', '--schema is no question: leave the SQL away', 'one at a time');
    return await makeSchema(given, given.schema, location);
  }
  const [unused] = ['cluster', 'keep', 'keepMinutes', 'sinceVersion'].filter(
    (name) => given[name as 'keep'] !== undefined,
  );
  if (unused !== undefined || given.apply)
    throw new CliError('usage', 'these options belong to --schema', 'add --schema clickhouse');
  if (location === undefined || statement.trim() === '')
    throw new CliError('usage', 'nothing to do', `write --schema clickhouse, or --from and SQL: --from ${LOCATIONS}`);
  await answer(given, location, statement);
}

async function makeSchema(
  given: SqlArguments,
  engine: 'clickhouse' | 'duckdb',
  location: EngineLocation | undefined,
): Promise<void> {
  if (engine === 'duckdb') {
    if (given.cluster !== undefined || given.keep !== undefined || given.apply)
      throw new CliError(
        'usage',
        'DuckDB has views over files, without a cluster or days that are kept',
        'remove old dt=… folders',
      );
    const folder = location?.engine === 'parquet' ? location.folder : '.';
    return print(duckdbSchema(folder, (table) => hasFiles(folder, table)));
  }
  const options = schemaOptions(given);
  const { sinceVersion } = given;
  const statements =
    sinceVersion === undefined ? clickhouseSchema(options) : clickhouseMigration(sinceVersion, options);
  if (!given.apply) return print(statements);
  if (location?.engine !== 'clickhouse')
    throw new CliError('usage', '--apply needs --from clickhouse://…', `write --from ${LOCATIONS}`);
  await apply(given, location, statements);
}

function schemaOptions({ cluster, keep, keepMinutes }: SqlArguments): SchemaOptions {
  return {
    cluster,
    ...(keep !== undefined && { keepDays: Math.ceil(keep / DAY_MS) }),
    ...(keepMinutes !== undefined && { keepMinutesDays: Math.ceil(keepMinutes / DAY_MS) }),
  };
}

function print(statements: readonly string[]): void {
  process.stdout.write(statements.map((statement) => `${statement};\n`).join('\n'));
}

async function apply(
  given: SqlArguments,
  location: EngineLocation & { engine: 'clickhouse' },
  statements: readonly string[],
): Promise<void> {
  const engine = new ClickHouse({ ...readEngineAccess(given), location });
  try {
    for (const statement of statements) await engine.run(statement);
  } finally {
    await engine.close();
  }
  reportProblem({ message: `${engine.shown}: ${formatAmount(statements.length, 'statement')} done` });
}

async function answer(given: SqlArguments, location: EngineLocation, statement: string): Promise<void> {
  const interruption = catchInterrupts();
  try {
    const engine = await openEngine(location, readEngineAccess(given, interruption.signal));
    try {
      await write(await engine.query(statement), given.format);
    } finally {
      await engine.close();
    }
  } catch (error) {
    if (!interruption.interrupted()) throw error;
    setExit(Exit.interrupted);
  } finally {
    interruption.release();
  }
}

async function write({ columns, rows }: EngineRows, format: SqlArguments['format']): Promise<void> {
  const names = columns.map(({ name }) => name);
  const output = new BufferedOutput();
  if (format === 'table') {
    const table: (readonly RowValue[])[] = [];
    for await (const row of rows) {
      if (table.length === TABLE_ROWS) {
        reportProblem({
          message: `only ${TABLE_ROWS} rows are shown`,
          hint: 'all are written with --format json or csv',
        });
        break;
      }
      table.push(row);
    }
    if (names.length > 0) output.write(renderRowsTable(names, table));
  } else {
    if (format === 'csv') output.write(renderRowCsv(names));
    for await (const row of rows) {
      output.write(format === 'csv' ? renderRowCsv(row) : renderRowJson(names, row));
      if (process.stdout.destroyed) break;
      if (process.stdout.writableNeedDrain) await output.flush();
    }
  }
  await output.flush();
}
