/**
 * What is simulated, and what is required of it. A scenario makes one run from a seed; its measures look at the report and
 * say true, false, or undefined for a run that does not count.
 */
import type { DiffReport, GateStatus, Interval } from '../../../src/diff/model.ts';
import { type Effect, everyFails, lost, moreErrors, otherStatus, outage, slower } from './effects.ts';
import type { Plan } from './program.ts';
import type { SimulationSettings } from './simulation.ts';
import type { NamedRequirement } from './tally.ts';

/** What is known of the two servers. */
interface Truth {
  /** Of the error rates. */
  readonly difference?: number;
}

/** Says true, false, or undefined for a run that does not count. */
type Look = (report: DiffReport, truth: Truth) => boolean | undefined;

export interface Measure extends NamedRequirement {
  readonly of: Look;
}

/** One run. */
interface Run {
  readonly settings: Partial<SimulationSettings>;
  /** Of `diff`. */
  readonly args: readonly string[];
  readonly truth?: Truth;
}

export interface Scenario {
  readonly name: string;
  readonly part: 'equal' | 'margin' | 'different' | 'looks';
  readonly runs: number;
  readonly make: (seed: number, index: number, plan: Plan) => Run;
  readonly measures: readonly Measure[];
  /** Arguments that name the formats. */
  readonly formats: readonly string[];
  /** Of the traffic that is the baseline. */
  readonly baseline?: Partial<SimulationSettings>;
  /** The log is looked at so often, until a report says this word. */
  readonly looks?: { readonly count: number; readonly endsWith: GateStatus };
}

/** What a kind of scenario leaves open. */
type More = Partial<Pick<Scenario, 'formats' | 'baseline'>>;

/** The formats are named: finding them out takes longer than all the rest. The runs that a process repeats find them out. */
const LOG_FORMAT =
  '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %{+Q}r %ID %rt';
const FORMATS = ['--production-format', LOG_FORMAT, '--mirror-format', 'agent-jsonl'];
/** Few pairs and many; small runs are cheap. */
const SIZES = [
  300, 500, 300, 1000, 300, 500, 300, 2000, 300, 1000, 300, 500, 300, 1000, 300, 500, 2000, 500, 1000, 5000,
];
/** The default of --margin. */
const MARGIN = 0.01;
const DESTINATIONS = ['http://next-a.example:8080', 'http://next-b.example:8080'] as const;

const LOOKS = 40;

const sizeOf = (index: number) => SIZES[index % SIZES.length] as number;
const isPass: Look = ({ verdict }) => verdict.status === 'pass';
const isFail: Look = ({ verdict }) => verdict.status === 'fail';
const covers = (interval: Interval | null | undefined, value: number) =>
  interval ? interval[0] <= value && value <= interval[1] : undefined;

const FALSE_FAIL: Measure = { name: 'A/A: FAIL, all default gates together', atMost: 0.05, of: isFail };
const DIFFERENCE_COVERED: Measure = {
  name: '95 % interval of the difference of error rates',
  between: [0.94, 0.96],
  of: ({ errors }, { difference = 0 }) => covers(errors.differenceCi, difference),
};
const RATIO_COVERED: Measure = {
  name: '95 % interval of the latency ratio, equal servers',
  between: [0.94, 0.96],
  of: ({ latency }) => covers(latency?.ratioCi, 1),
};

interface EqualOptions extends More {
  readonly args?: readonly string[];
  readonly measures?: readonly Measure[];
  /** Of the run with this number. */
  readonly pairs?: (index: number) => number;
}

/** Equal servers. */
function equal(
  name: string,
  settings: Partial<SimulationSettings>,
  { args = [], measures = [RATIO_COVERED], pairs = sizeOf, ...more }: EqualOptions = {},
): Scenario {
  return {
    formats: FORMATS,
    name,
    part: 'equal',
    runs: 70,
    make: (seed, index) => ({
      settings: { seed, pairs: pairs(index), hours: [2, 8, 24][index % 3] ?? 24, ...settings },
      args,
    }),
    measures: [FALSE_FAIL, ...measures],
    ...more,
  };
}

/** A mirror that differs. `effect` makes a new one for each run. */
function different(
  name: string,
  settings: Partial<SimulationSettings>,
  effect: () => Effect,
  measure: Omit<Measure, 'name'>,
  more: More = {},
): Scenario {
  return {
    formats: FORMATS,
    name,
    part: 'different',
    runs: 40,
    make: (seed) => ({ settings: { seed, ...settings, effects: { '': effect() } }, args: [] }),
    measures: [{ name, ...measure }],
    ...more,
  };
}

const failed = (atLeast: number): Omit<Measure, 'name'> => ({ wanted: 'FAIL', atLeast, of: isFail });
const notPassed: Omit<Measure, 'name'> = { wanted: 'PASS', atMost: 0, of: isPass };

/** A rise of the error rate that is as large as what PASS excludes. */
function atMargin(name: string, errorRate: number, pairs: number): Scenario {
  return {
    formats: FORMATS,
    name,
    part: 'margin',
    runs: 150,
    make: (seed) => ({
      settings: { seed, pairs, siteOptions: { errorRate }, effects: { '': moreErrors(MARGIN) } },
      args: [],
      truth: { difference: MARGIN },
    }),
    measures: [{ name, wanted: 'PASS', atMost: 0.05, of: isPass }, ...(errorRate > 0 ? [DIFFERENCE_COVERED] : [])],
  };
}

/** A rise that is small in points and large as a ratio. */
function multiplied(name: string, from: number, to: number): Scenario {
  return {
    formats: FORMATS,
    name,
    part: 'margin',
    runs: 150,
    make: (seed) => ({
      settings: { seed, pairs: 5000, siteOptions: { errorRate: from }, effects: { '': moreErrors(to - from) } },
      args: [],
    }),
    measures: [{ name, wanted: 'PASS', atMost: 0.05, of: isPass }],
  };
}

/** What `--plan` says that so many pairs show, in 4 of 5 runs. */
function planned(base: string, errorRate: number): Scenario {
  const name = `the rise that --plan says is seen, ${base}`;
  return {
    formats: FORMATS,
    name,
    part: 'different',
    runs: 100,
    make: (seed, _index, plan) => {
      const row = plan.get(base);
      if (row === undefined) throw new Error(`--plan has no row ${base}`);
      const { pairs, rise } = row;
      return { settings: { seed, pairs, siteOptions: { errorRate }, effects: { '': moreErrors(rise) } }, args: [] };
    },
    measures: [{ name, wanted: 'FAIL', atLeast: 0.75, of: isFail }],
  };
}

interface LookedOptions {
  readonly word: 'pass' | 'fail';
  readonly runs: number;
  readonly effect?: () => Effect;
}

/** A log that is looked at again and again while it grows; `word` must not be said at any of the looks. */
function looked(what: string, settings: Partial<SimulationSettings>, options: LookedOptions): Scenario {
  const { word, runs, effect } = options;
  const name = `${word.toUpperCase()} at any of ${LOOKS} looks, ${what}`;
  return {
    formats: FORMATS,
    name,
    part: 'looks',
    runs,
    looks: { count: LOOKS, endsWith: word },
    make: (seed) => ({
      settings: { seed, pairs: 1200, ...settings, effects: effect === undefined ? {} : { '': effect() } },
      args: ['--anytime'],
    }),
    measures: [{ name, atMost: 0.05, of: ({ verdict }) => verdict.status === word }],
  };
}

const ERRORS_EVERYWHERE: Partial<SimulationSettings> = { siteOptions: { errorRate: 0.04 } };
const PAY = 'POST /checkout/pay';

export const SCENARIOS: readonly Scenario[] = [
  equal('everything mirrored', {}),
  equal('10 % sampled by HAProxy', { sample: 0.1 }, { pairs: (index) => Math.min(500, sizeOf(index)) }),
  equal(
    '10 % sampled by the agent, --expect-coverage 10%',
    { sample: 0.1, sampledBy: 'agent', withSpoeLines: false },
    { args: ['--expect-coverage', '10%'], pairs: (index) => Math.min(500, sizeOf(index)) },
  ),
  equal('the agent drops 0.2 %', { drops: 0.002 }),
  equal('the agent drops 2 %', { drops: 0.02 }),
  equal('failures are tried again', { retries: 0.7, siteOptions: { errorScale: 3 } }),
  equal(
    '10 % sampled by the agent, with SPOE lines, --expect-coverage 10%',
    { sample: 0.1, sampledBy: 'agent' },
    { args: ['--expect-coverage', '10%'], pairs: (index) => Math.min(500, sizeOf(index)) },
  ),
  equal('each server has hiccups of its own', { hiccups: { share: 0.004, failing: 0.5 } }),
  equal('errors on every route', ERRORS_EVERYWHERE, {
    measures: [RATIO_COVERED, DIFFERENCE_COVERED],
    pairs: (index) => [1000, 1000, 2000, 1000, 5000][index % 5] ?? 1000,
  }),
  equal('151 small routes', { site: 'many', siteOptions: { errorRate: 0.004 } }, { pairs: () => 1000 }),
  equal('no errors at all', { siteOptions: { errorRate: 0 } }),
  equal('two destinations', { destinations: DESTINATIONS }, { measures: [] }),
  equal('a baseline', {}, { baseline: { pairs: 1000 } }),
  equal(
    'one destination is the baseline',
    { destinations: DESTINATIONS },
    { args: ['--baseline-destination', DESTINATIONS[0]], measures: [] },
  ),
  equal("the mirror's nginx log", { mirrorFormat: 'combined' }, { formats: [], measures: [] }),
  equal('no ids', { withIds: false }, { measures: [] }),
  equal(
    'no ids, only /api is mirrored',
    {
      withIds: false,
      siteOptions: { errorScale: 2 },
      effects: { '': (_, { target }) => (target.startsWith('/api') ? undefined : 'lost') },
    },
    { measures: [] },
  ),

  atMargin('no errors → 1 %, 1,000 pairs', 0, 1000),
  atMargin('0.5 % → 1.5 %, 2,000 pairs', 0.005, 2000),
  atMargin('2 % → 3 %, 2,000 pairs', 0.02, 2000),
  atMargin('10 % → 11 %, 4,000 pairs', 0.1, 4000),
  multiplied('0.1 % → 0.55 %, 5,000 pairs', 0.001, 0.0055),
  multiplied('0.5 % → 1 %, 5,000 pairs', 0.005, 0.01),

  different('errors + 3 points, 2,000 pairs', { pairs: 2000 }, () => moreErrors(0.03), failed(0.99)),
  different(
    'errors + 25 points on one route, 2,000 pairs',
    { pairs: 2000 },
    () => moreErrors(0.25, ['GET /login']),
    failed(0.99),
  ),
  different(
    '8 of 8 new errors on one of 151 quiet routes',
    { site: 'many', pairs: 2000, counts: { 'GET /pay/now': 8 } },
    () => moreErrors(1, ['GET /pay/now']),
    failed(1),
  ),
  different(
    '20 of 80 new errors on a route of which the baseline has 1 pair',
    { pairs: 2000, counts: { [PAY]: 80 } },
    () => everyFails(4, [PAY]),
    failed(1),
    { baseline: { pairs: 1000, counts: { [PAY]: 1 } } },
  ),
  different('200 → 403 everywhere', { pairs: 500 }, () => otherStatus(403), failed(1)),
  different('200 → 302 everywhere', { pairs: 500 }, () => otherStatus(302), failed(1)),
  different('200 → 404 on one route', { pairs: 1000 }, () => otherStatus(404, ['GET /search']), failed(1)),
  different('3 times slower', { pairs: 1000 }, () => slower(3), notPassed),
  different('400 times slower', { pairs: 500 }, () => slower(400), notPassed),
  different('6 times slower on one route', { pairs: 2000 }, () => slower(6, ['GET /search']), notPassed),
  different('half of the answers are lost', { pairs: 1000 }, () => lost(0.5), notPassed),
  different(
    'all answers of a route are lost, 100 of 1,000',
    { pairs: 1000, counts: { [PAY]: 100 } },
    () => lost(1, [PAY]),
    notPassed,
  ),
  different('an outage of the mirror for 2 % of the time', { pairs: 2000 }, () => outage(0.6, 0.62), notPassed),

  planned('nothing fails', 0),
  planned('1 %', 0.01),

  looked('equal servers', { siteOptions: { errorScale: 2 } }, { word: 'fail', runs: 100 }),
  looked(
    'no errors → 1 %',
    { siteOptions: { errorRate: 0 } },
    { word: 'pass', runs: 60, effect: () => moreErrors(MARGIN) },
  ),
  looked(
    '1 % → 2 %',
    { siteOptions: { errorRate: 0.01 } },
    { word: 'pass', runs: 60, effect: () => moreErrors(MARGIN) },
  ),
];
