/** `diff --from`: what was loaded of both sides, compared as their logs would be. */
import { Collection, type CollectionOptions } from '../../diff/collection.ts';
import { type Compared, type Comparison, reportOn } from '../../diff/comparing.ts';
import { type PartedSides, type PartKind, reportOnParts } from '../../diff/parted-comparison.ts';
import type { ReportOptions } from '../../diff/report.ts';
import { readMaxRequests } from '../../diff/settings.ts';
import type { Engine } from '../../engines/engine.ts';
import { parseLocation } from '../../engines/location.ts';
import { type PartKey, RunRows, readLoads, readRuns } from '../../engines/run-rows.ts';
import { type RunStreams, readParts } from '../../tables/loaded-parts.ts';
import { LoadedRun } from '../../tables/loaded-run.ts';
import { nearest } from '../../text/nearest.ts';
import type { DiffArguments } from './diff-options.ts';
import { refuseSides } from './diff-refusals.ts';
import { readEngineAccess } from './engine-options.ts';
import { CliError } from './errors.ts';
import type { Interruption } from './interrupt.ts';
import { NumberFile } from './number-file.ts';

export interface FromSetup {
  readonly given: DiffArguments;
  readonly from: string;
  readonly interruption: Interruption;
  readonly reportOptions: Omit<ReportOptions, 'inputs'>;
  readonly comparing: Omit<Comparison, 'key'> & Pick<CollectionOptions, 'accepts'>;
}

/** What is too large for one part has parts that are smaller: smaller ones take as long and less memory, one part answers more. */
const PARTS_OF_WHOLE = 4;

/** Undefined where it was interrupted. Throws CliError, EngineError, TablesError, DiffError. */
export async function diffFrom(setup: FromSetup): Promise<Compared | undefined> {
  const { given, from, interruption } = setup;
  const { certKey, ...options } = given;
  const { openEngine } = await import('../../engines/open-engine.ts');
  const access = readEngineAccess({ ...options, key: certKey }, interruption.signal);
  try {
    const engine = await openEngine(parseLocation(from), access);
    try {
      return await compareRun(engine, setup);
    } finally {
      await engine.close();
    }
  } catch (error) {
    if (!interruption.interrupted()) throw error;
    return undefined;
  }
}

async function compareRun(engine: Engine, setup: FromSetup): Promise<Compared> {
  const { given, interruption, comparing, reportOptions } = setup;
  const { agent, key } = given;
  const { accepts, ...others } = comparing;
  const run = await readRun(engine, given.run ?? '');
  const rows = new RunRows(engine, {
    run: run.name,
    loadIds: run.files.map(({ loadId }) => loadId),
    hosts: run.hostNumbers,
  });
  const maxRequests = readMaxRequests(given);
  const create = () => new Collection({ agent, maxRequests, ...(accepts && { accepts }) });
  const { signal } = interruption;
  const facts = () => {
    run.requireWhole();
    const { facts } = run;
    refuseSides(given, facts);
    return facts;
  };
  const comparison = { ...others, key };
  const most = Math.max(run.rowsOf('production'), run.rowsOf('mirror'));
  const parts = most > given.partRows ? Math.ceil((PARTS_OF_WHOLE * most) / given.partRows) : 1;
  // Single requests are written in the order of production's log, which parts have not.
  if (parts < 2 || given.format === 'ndjson') {
    const streams = streamsOf(rows, 'line', 1, true);
    let collection = create();
    const all = readParts(streams, { parts: 1, run, create, agent, counts: true, signal });
    for await (const part of all) collection = part;
    return reportOn(collection, facts(), comparison, reportOptions);
  }
  const known = await rows.facts();
  const stores: NumberFile[] = [];
  const hasAnswers = known.hasAnswers || run.hasAnswers;
  const sides: PartedSides = {
    ...{ destinations: known.destinations, isHostKnown: known.isHostKnown, hasAnswers, facts },
    unread: run.files.map(({ unread }) => unread),
    has: (kind, side) => known[side][kind],
    parts: (kind, counting) => {
      const streams = streamsOf(rows, partKeyOf(kind, known.isHostKnown), parts, counting && hasAnswers);
      const createPart = () => {
        const collection = create();
        collection.expectDestinations(known.destinations);
        return collection;
      };
      return readParts(streams, { parts, run, create: createPart, agent, counts: counting, signal });
    },
    store: () => {
      const store = new NumberFile();
      stores.push(store);
      return store;
    },
  };
  try {
    const report = await reportOnParts(sides, { comparison, agent, report: reportOptions });
    return { report, analyses: [] };
  } finally {
    for (const store of stores) store.close();
  }
}

function partKeyOf(kind: PartKind, isHostKnown: boolean): PartKey {
  if (kind === 'pid+sid') return isHostKnown ? 'stream' : 'hostless';
  return kind ?? 'line';
}

/** @param withAnswers else there are none of either side */
function streamsOf(rows: RunRows, key: PartKey, parts: number, withAnswers: boolean): RunStreams {
  return {
    production: rows.production(key, parts),
    mirror: rows.mirror(key, parts, withAnswers),
    answers: withAnswers ? rows.answers(parts) : nothing(),
    spoe: rows.spoe(key, parts),
  };
}

async function* nothing(): AsyncGenerator<never> {}

/** Throws CliError `unknown-run`, `run-of-one-side`. */
async function readRun(engine: Engine, name: string): Promise<LoadedRun> {
  const found = await readLoads(engine, name);
  if (found.length === 0) throw await unknownRun(engine, name);
  const run = new LoadedRun(name, found);
  for (const side of ['production', 'mirror'] as const) {
    if (run.files.some(({ role }) => role === side)) continue;
    throw new CliError(
      'run-of-one-side',
      `of ${name} nothing of ${side === 'mirror' ? 'the mirror' : 'production'} was loaded`,
      `load it: spoe-logs load --run ${name} --${side} FILE`,
    );
  }
  return run;
}

async function unknownRun(engine: Engine, name: string): Promise<CliError> {
  const names = await readRuns(engine);
  const closest = nearest(name, names);
  const known =
    names.length === 0
      ? 'none was loaded'
      : `there are ${names.slice(0, 10).join(', ')}${names.length > 10 ? ' …' : ''}`;
  return new CliError(
    'unknown-run',
    `${engine.shown} has no run ${name}`,
    closest === undefined ? known : `did you mean ${closest}?`,
  );
}
