/** `spoe-logs diff`, for a program of one's own. */
import { LATENCY_UNITS, type LatencyUnit } from '../logs/access-options.ts';
import { fileTimes } from '../logs/inputs.ts';
import { LineFeed } from '../logs/line-feed.ts';
import { readChunks, readInput, silentControl } from '../logs/read.ts';
import { LineTally } from '../logs/tally.ts';
import { type ReadingTimes, streamTimes } from '../logs/time.ts';
import { VERSION } from '../text/version.ts';
import type { Choices, RequestFilter } from './choices.ts';
import { Collection } from './collection.ts';
import { acceptsOf, reportOn } from './comparing.ts';
import { DiffError } from './errors.ts';
import { readGates } from './gates.ts';
import type { DiffReport } from './model.ts';
import { NoiseBaseline } from './noise.ts';
import { openApiPaths, RouteOverrides } from './route-overrides.ts';
import { CHOICE_VALUES, DEFAULT_CHOICES, readMaxRequests, readRules, readSettings } from './settings.ts';
import { describeSame, exchangeOf, noiseTwice, sameContent } from './side-refusals.ts';
import { describeSide, openSides, type Side } from './sides.ts';

/** A file, gzip or not; or bytes of a log under a name, cut anywhere. */
export type CompareInput =
  | string
  | { readonly name: string; readonly bytes: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string> };

/** Each is the option of `spoe-logs diff` of that name, with its grammar and its default. */
export interface CompareOptions
  extends ReadingTimes,
    RequestFilter,
    Partial<Omit<Choices, 'follow' | 'noiseBaseline'>> {
  /** Production's access logs. */
  readonly production: readonly CompareInput[];
  /** The agent's record, or access logs of the mirrored service. */
  readonly mirror: readonly CompareInput[];
  /** SPOE lines, where they are in a log of their own. */
  readonly spoe?: readonly CompareInput[];
  /** Records of an agent whose mirror runs production's version: what answers differ by there is noise. */
  readonly mirrorNoise?: readonly CompareInput[];
  readonly productionFormat?: string;
  readonly mirrorFormat?: string;
  readonly productionId?: string;
  readonly mirrorId?: string;
  readonly productionLatencyUnit?: LatencyUnit;
  readonly mirrorLatencyUnit?: LatencyUnit;
  /** Routes: `/users/{id}`. */
  readonly route?: readonly string[];
  /** An OpenAPI description, parsed: its paths are routes, and answers are held against it. */
  readonly openapi?: unknown;
  readonly failOn?: readonly string[];
  readonly warnOn?: readonly string[];
  readonly gates?: string;
  /** The report on two equal versions. */
  readonly noiseBaseline?: DiffReport;
  /** Query strings in samples are written out; false without it. */
  readonly showQueries?: boolean;
  /** Ends the reading: then `compare` rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Production against the mirrored version, request by request: the report that `spoe-logs diff --format json` writes. It
 * never ends the process; `report.verdict` says what the command would have ended with. Memory grows with the requests,
 * up to `maxRequests` of each side.
 *
 * @throws DiffError for options and sides that cannot be compared, AccessFormatError for formats, InputError for a file
 * that cannot be read to its end, TimeZoneError, RangeError; callers match `code`
 */
export async function compare(options: CompareOptions): Promise<DiffReport> {
  refuseUnlisted(options);
  const choices: Choices = {
    ...DEFAULT_CHOICES,
    ...{ anytime: false, follow: false },
    ...withoutUndefined(options),
    noiseBaseline: undefined,
  };
  const gates = readGates(options.failOn ?? [], options.warnOn ?? [], options.gates);
  const settings = readSettings(choices, gates);
  const rules = readRules(choices, options.openapi);
  const overrides = readRoutes(options);
  const noise = options.noiseBaseline && new NoiseBaseline(options.noiseBaseline);
  const maxRequests = readMaxRequests(choices);
  const collection = new Collection({ agent: choices.agent, maxRequests, ...acceptsOf(options) });
  const sides = openInputs(options, choices.agent, collection);
  for (const { side, inputs } of sides) await readInputs(side, inputs, options);
  const facts = sides.map(({ side }) => describeSide(side));
  refuse(facts);
  const { since, until, showQueries = false } = options;
  const { report } = reportOn(
    collection,
    facts,
    { rules, key: choices.key, ...(overrides && { overrides }) },
    {
      ...{ settings, gates, version: VERSION, showQueries },
      ...(noise && { noise }),
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
    },
  );
  return report;
}

/** What types keep a caller from, and the parser of options the command. */
function refuseUnlisted(options: CompareOptions): void {
  const { key, mirrorDuplicates, compareLatency, productionLatencyUnit, mirrorLatencyUnit } = options;
  refuseWord('key', key, CHOICE_VALUES.key);
  refuseWord('mirrorDuplicates', mirrorDuplicates, CHOICE_VALUES.mirrorDuplicates);
  refuseWord('compareLatency', compareLatency, CHOICE_VALUES.compareLatency);
  refuseWord('productionLatencyUnit', productionLatencyUnit, LATENCY_UNITS);
  refuseWord('mirrorLatencyUnit', mirrorLatencyUnit, LATENCY_UNITS);
}

function refuseWord(option: string, given: unknown, values: readonly string[]): void {
  if (given === undefined || values.some((each) => each === given)) return;
  const shown = JSON.stringify(String(given));
  throw new DiffError('bad-option', `cannot read ${option} ${shown}: choose from ${values.join(', ')}`);
}

/** An option that is undefined, as a caller without types may give it, is one that is not given. */
function withoutUndefined(options: CompareOptions): CompareOptions {
  const given = { ...options };
  for (const [name, value] of Object.entries(options)) if (value === undefined) Reflect.deleteProperty(given, name);
  return given;
}

function readRoutes({ route = [], openapi }: CompareOptions): RouteOverrides | undefined {
  if (openapi === undefined && route.length === 0) return undefined;
  return new RouteOverrides([...route, ...(openapi === undefined ? [] : openApiPaths(openapi))]);
}

interface OpenedSide {
  readonly side: Side;
  readonly inputs: readonly CompareInput[];
}

function openInputs(options: CompareOptions, agent: string, collection: Collection): OpenedSide[] {
  const twice = noiseTwice((options.mirrorNoise ?? []).length > 0, options.baselineDestination);
  if (twice !== undefined) throw new DiffError('usage', twice);
  const { production, spoe = [], mirror, mirrorNoise: noise = [] } = options;
  const missing = production.length === 0 ? 'production' : mirror.length === 0 ? 'mirror' : undefined;
  if (missing !== undefined) throw new DiffError('usage', `${missing} has no input`);
  const paths = {
    production: production.map(nameOf),
    spoe: spoe.map(nameOf),
    mirror: mirror.map(nameOf),
    noise: noise.map(nameOf),
  };
  const inputs = { production, spoe, mirror, agent: [], baseline: noise };
  const readings = {
    production: readingOf(options.productionFormat, options.productionId, options.productionLatencyUnit, agent),
    mirror: readingOf(options.mirrorFormat, options.mirrorId, options.mirrorLatencyUnit, agent),
  };
  return openSides(paths, readings, collection).map((side) => ({ side, inputs: inputs[side.role] }));
}

function readingOf(format: string | undefined, id: string | undefined, unit: LatencyUnit | undefined, agent: string) {
  return { format, agent, options: { ...(id !== undefined && { idField: id }), ...(unit && { latencyUnit: unit }) } };
}

function nameOf(input: CompareInput): string {
  return typeof input === 'string' ? input : input.name;
}

async function readInputs({ scanner, enter }: Side, inputs: readonly CompareInput[], options: CompareOptions) {
  const control = silentControl(options.signal);
  const tally = new LineTally();
  for (const input of inputs) {
    options.signal?.throwIfAborted();
    enter(nameOf(input));
    if (typeof input === 'string')
      await readInput(input, new LineFeed(scanner, tally, fileTimes(input, options)), control);
    else await readChunks(input.bytes, new LineFeed(scanner, tally, streamTimes(options)), control);
  }
  options.signal?.throwIfAborted();
  scanner.settle();
}

function refuse(facts: Parameters<typeof sameContent>[0]): void {
  const same = sameContent(facts);
  if (same !== undefined) throw new DiffError('same-input', describeSame(same.first, same.second), same.hint);
  const reason = exchangeOf(facts);
  if (reason !== undefined)
    throw new DiffError('exchanged-sides', `the sides are exchanged: ${reason}`, 'exchange production and mirror');
}
