/** The report of a comparison: what docs/schemas/diff-report.schema.json describes, ready for every renderer. */
import type { DifferenceKind } from '../answers/differences.ts';
import type { AccessFormatName } from '../logs/access-record.ts';

export type Role = 'production' | 'spoe' | 'mirror' | 'agent' | 'baseline';

export interface InputReport {
  readonly role: Role;
  readonly path: string;
  readonly format: AccessFormatName | 'haproxy-spoe' | 'otlp-json';
  /** For people: `httplog + %ID %rt`. */
  readonly description?: string;
  readonly lines: number;
  readonly parsed: number;
  readonly unparsed: number;
  /** Byte-identical to a line before, in any input of the role; they are among `parsed`. */
  readonly duplicateLines: number;
  /** Lines that tell of no request: HAProxy about itself or a connection. Neither parsed nor unparsed. */
  readonly notices?: number;
  /** Answers of production in a record of the agent. Neither parsed nor unparsed; absent without any. */
  readonly answers?: number;
}

/** Every production request is in exactly one. In the order in which they are tested. */
export const BUCKETS = [
  'malformed',
  'no_id',
  'ambiguous_id',
  'client_abort',
  'answered_by_proxy',
  'paired',
  'dropped',
  'not_mirrored',
  'spoe_failed',
  'acked_but_missing',
  'missing',
] as const;
export type Bucket = (typeof BUCKETS)[number];

export type DuplicatePolicy = 'last' | 'worst' | 'first';
export type CorrelationKey = 'unique-id' | 'traceparent' | 'pid+sid' | 'none';

export interface Correlation {
  readonly mode: 'paired' | 'unmatched';
  readonly key: CorrelationKey;
  /** Median of mirror time − production time over the pairs. */
  readonly clockSkewMs: number | null;
  readonly mirrorDuplicatePolicy: DuplicatePolicy;
  /** Which of the mirror's destinations this report is about; absent where the mirror's lines name none. */
  readonly destination?: string;
}

export interface Coverage {
  readonly productionRequests: number;
  readonly comparable: number;
  readonly paired: number;
  readonly pairedShare: number | null;
  readonly buckets: { readonly [bucket in Bucket]: number };
  readonly mirrorOnly: {
    readonly withoutId: number;
    readonly unknownId: number;
    /** Ids that the mirror answered more than once. */
    readonly retriedIds: number;
  };
  /** paired + dropped + spoe_failed + acked_but_missing; null without SPOE lines. */
  readonly attempted: number | null;
  readonly deliveredShare: number | null;
  /**
   * Requests of the bucket `dropped` by the agent's own word for why: `dropped-queue-full`, `skipped-truncated`, `shutdown`; by
   * `sent-truncated` those that were sent, with the body cut.
   */
  readonly dropped?: { readonly [reason: string]: number };
  /** Share of the comparable requests that --expect-coverage says is mirrored. */
  readonly expectedShare?: number;
  /** Requests that should have an answer of the mirror and have none; what the worst case is computed from. */
  readonly unanswered?: number;
}

export type Interval = readonly [low: number, high: number];

export type GateStatus = 'pass' | 'fail' | 'inconclusive';

export interface GateResult {
  /** Its name without limit: `route-regression`, `pairs`, `p95-ratio`. */
  readonly gate: string;
  /** Of the gate `field`: what it is about. */
  readonly place?: string;
  /** As given: `pairs<200`. */
  readonly expression: string;
  readonly status: GateStatus;
  readonly observed: unknown;
  readonly limit?: unknown;
  readonly route?: string | null;
  /** In words, for people. */
  readonly reason?: string;
  /** It was given with --warn-on: the verdict does not depend on it. */
  readonly warnOnly?: boolean;
  /** What it is about in plain words, one line: `status of GET /a: 200 → 403 in 100 % of 80 pairs`. */
  readonly title?: string;
}

export interface Verdict {
  readonly status: GateStatus;
  readonly exitCode: 0 | 1 | 3;
  readonly gates: readonly GateResult[];
  /** One sentence each, most important first: why it is this verdict. */
  readonly reasons: readonly string[];
}

export interface ErrorTest {
  /** `e-process`: valid however often one looks. */
  readonly name: 'mcnemar-midp' | 'fisher-midp' | 'mantel-haenszel' | 'e-process' | 'none';
  readonly p: number | null;
  /** After Benjamini–Hochberg over the routes that can become significant; null for the whole. */
  readonly q: number | null;
}

/**
 * Pairs without an error on either side whose class of status changed. Better and worse by class: success (1xx, 2xx,
 * 304), success without a body (204, 205), redirect, client error; access granted where production denied it (401, 403, 407) is worse, too.
 */
export interface StatusComparison {
  /** Pairs without an error on either side, without wanted changes. */
  readonly n: number;
  readonly worse: number;
  readonly better: number;
  readonly accessGranted: number;
  readonly accessDenied: number;
  /** (worse − better) / n. */
  readonly difference: number | null;
  readonly differenceCi: Interval | null;
  readonly test: ErrorTest;
  /** The changes of class for the worse, most frequent first, at most 5. */
  readonly transitions: readonly Transition[];
  readonly regressed: boolean;
}

/** The 2x2 of outcomes and what goes with it. In unmatched mode the four cells are 0 and the rates are of each side alone. */
export interface ErrorComparison {
  /** Pairs; in unmatched mode production requests. */
  readonly n: number;
  readonly bothOk: number;
  readonly newError: number;
  readonly fixedError: number;
  readonly bothError: number;
  /** Neither side an error: production was no 4xx and the mirror is one, and the other way round. */
  readonly new4xx: number;
  readonly fixed4xx: number;
  /** Different status, neither side an error; new4xx and fixed4xx are among them. */
  readonly statusChanged: number;
  /** Covered by --ignore: in none of the cells, and in no rate. */
  readonly ignored: number;
  readonly productionRate: number | null;
  readonly mirrorRate: number | null;
  /** mirrorRate − productionRate, and its 95 % interval. Ratios, not percent. */
  readonly difference: number | null;
  readonly differenceCi: Interval | null;
  readonly interval?: 'bonett-price' | 'newcombe' | 'klingenberg' | 'betting';
  readonly test: ErrorTest;
  /** mirrorRate / productionRate, and its interval; null where production has no errors. */
  readonly ratio?: number | null;
  readonly ratioCi?: Interval | null;
  /** Statuses that are no errors and changed their class. */
  readonly status?: StatusComparison;
  /** Wilson intervals of the two rates. */
  readonly productionCi?: Interval | null;
  readonly mirrorCi?: Interval | null;
  /** Unmatched mode: requests of the mirror and errors of both sides. */
  readonly mirrorN?: number;
  readonly productionErrors?: number;
  readonly mirrorErrors?: number;
}

export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Milliseconds. */
export interface LatencyComparison {
  readonly n: number;
  readonly field: { readonly production: 'Tr' | 'Ta' | 'other'; readonly mirror: 'ttfb' | 'total' };
  /** Both sides were rounded down to it before they were compared: HAProxy's timers are whole ms. Absent: as logged. */
  readonly resolutionMs?: number;
  /** Mirror − production of the typical pair (Hodges–Lehmann), ms. */
  readonly differenceMs?: number;
  /** Ratio in excess of the noise baseline's. */
  readonly excessRatio?: number;
  /** Beyond --allow-slower, in factor and ms. */
  readonly slower?: boolean;
  readonly production: Quantiles;
  readonly mirror: Quantiles;
  /** Hodges–Lehmann, mirror / production, on x + 0.5 ms. Absent where there are too few pairs. */
  readonly ratio?: number;
  readonly ratioCi?: Interval;
  readonly test?: {
    readonly name: 'wilcoxon-signed-rank' | 'mann-whitney';
    readonly p: number;
    readonly q?: number;
  };
  /** How many pairs the ratio was computed from when that is not all of them. */
  readonly sampled?: number;
}

/** What became of the requests of a route that could have been compared. */
export interface RouteDelivery {
  readonly comparable: number;
  readonly paired: number;
  /** Should have an answer of the mirror and have none, `dropped` ones among them. */
  readonly unanswered: number;
  readonly dropped: number;
  /** So many are missing that chance does not explain it, while others arrive. */
  readonly lost: boolean;
}

export interface RouteComparison {
  /** `GET /users/{…}`; `(other)` gathers what is beyond 200 routes. */
  readonly route: string;
  readonly errors: ErrorComparison;
  readonly latency: LatencyComparison | null;
  /** q and effect say that it is worse than production. */
  readonly regressed: boolean;
  readonly delivery?: RouteDelivery;
  /** Pairs where production answered below 400 and the mirror 404, 405 or 414, by status. */
  readonly notForwardCompatible?: { readonly [status: string]: number };
  /** Status transitions of this route that are a change, most frequent first, at most 5. */
  readonly transitions: readonly Transition[];
}

/** `200`, or `none`, or an error code of the agent. */
export interface Transition {
  readonly production: string;
  readonly mirror: string;
  readonly count: number;
}

export type SampleKind = 'new_error' | 'fixed_error' | 'both_error' | 'new_4xx' | 'slow' | 'missing';

export interface SampleSide {
  readonly status: number | null;
  readonly target: string;
  /** HAProxy's, production only. */
  readonly termination?: string;
  /** The agent's. */
  readonly error?: string;
  readonly ms: number | null;
}

export interface Sample {
  readonly kind: SampleKind;
  readonly id: string;
  readonly route: string;
  readonly production: SampleSide;
  /** Absent for `missing`. */
  readonly mirror?: SampleSide;
  readonly traceId: string | null;
  readonly time: string | null;
}

export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** One of several destinations of the mirror, in short. */
export interface DestinationSummary {
  readonly destination: string;
  /** Runs production's version: its differences are the noise (--baseline-destination). */
  readonly isBaseline: boolean;
  readonly verdict: Pick<Verdict, 'status' | 'reasons'>;
  readonly paired: number;
  readonly errors: Pick<ErrorComparison, 'n' | 'newError' | 'fixedError' | 'productionRate' | 'mirrorRate'>;
}

/** Errors of the pairs over time: equal steps, oldest first, at most 240. */
export interface OverTime {
  readonly stepMs: number;
  readonly steps: readonly {
    readonly from: string;
    readonly pairs: number;
    readonly newErrors: number;
    readonly fixedErrors: number;
    readonly unanswered: number;
  }[];
  /** Stretches that hold most of the new errors while the same routes are fine outside of them. */
  readonly bursts: readonly {
    readonly from: string;
    readonly to: string;
    readonly pairs: number;
    readonly newErrors: number;
    /** The share of all new errors. */
    readonly share: number;
  }[];
}

/** What became of the answers of both sides, beyond status and time. Absent where no answer of production is known. */
export interface ResponseComparison {
  /** Pairs of which both answers are known, hashed with the same key. */
  readonly pairs: number;
  /** Pairs whose bodies were compared: both whole, both answers of one status. */
  readonly bodiesCompared: number;
  /** Of all pairs, those without answers included; null without any. */
  readonly bodyShare: number | null;
  /** Answers by the state of their body, of the pairs with answers. */
  readonly bodyStates: {
    readonly production: { readonly [state: string]: number };
    readonly mirror: { readonly [state: string]: number };
  };
  /** Routes hardly any of whose bodies were compared, most pairs first; at most 50. Absent where there are none. */
  readonly uncompared?: readonly UncomparedBodies[];
  /** Pairs whose answers were hashed with different keys: they cannot be compared. */
  readonly otherKey: number;
  /** Answers that met no other one of their request, or were forgotten before it came. */
  readonly unjoined: number;
  /** Differences that are in none of `fields` because of the bounds on how many are told apart. */
  readonly beyond: number;
  readonly noise: ResponseNoise;
  /** Worst first: regressions, then hints, then the rest; bounded. */
  readonly fields: readonly FieldDifference[];
  /** What rules, built-in knowledge and the noise took out, most differences first. */
  readonly suppressed: readonly SuppressedDifferences[];
  /** What rise of the share of differing pairs would have been found with a probability of 80 %; null where none would. */
  readonly detectable: { readonly heads: number | null; readonly bodies: number | null };
}

/** A route of whose bodies nothing is known. */
export interface UncomparedBodies {
  readonly route: string;
  /** Those that have a body that was not compared. */
  readonly pairs: number;
  /** The most frequent reason, as in `bodyStates`. */
  readonly state: string;
}

/** What production's version differs from itself by. */
export interface ResponseNoise {
  readonly source: 'destination' | 'file' | 'none';
  /** The destination, or the file. */
  readonly name?: string;
  /** Pairs of production's answer and another one of its own version. */
  readonly pairs: number;
  /** They are of the same requests as those that are compared, and of at least half of these; absent without noise. */
  readonly sameRequests?: boolean;
  /** Why it cannot be of production's version, in words; absent where nothing says so. */
  readonly foreign?: string;
}

/** One kind of difference at one place of the answers. */
export interface FieldDifference {
  /** Null is over all routes. */
  readonly route: string | null;
  /** `status`, `header x-cache`, `$.items[*].price`. */
  readonly place: string;
  readonly kind: DifferenceKind;
  /** The most frequent one, never a value: `number → string`. */
  readonly shape?: string;
  /** Over all routes: in how many of them it is, beyond what the noise has, and the worst of these; at most 3. */
  readonly routes?: number;
  readonly routeNames?: readonly string[];
  /** Pairs in which the place could be compared. */
  readonly n: number;
  /** Pairs in which it differs. */
  readonly mirror: number;
  /** Pairs in which two answers of production's version differ, of `n` expected ones where the noise is of other requests; null without noise. */
  readonly noise: number | null;
  /** Of the same requests: pairs in which only the mirror differs, and in which only the noise does. */
  readonly mirrorOnly: number;
  readonly noiseOnly: number;
  /** mirror / n, and its 95 % interval. */
  readonly share: number;
  readonly shareCi: Interval;
  /** One-sided. Null where it is not tested. */
  readonly p: number | null;
  /** After the correction for how many are tested. */
  readonly q: number | null;
  readonly regressed: boolean;
  /** It differs in most pairs, more than the noise as far as that is known, and could not be tested, or not with any result. */
  readonly open?: boolean;
  /** Never seen in the noise, and too few to decide. */
  readonly hint: boolean;
  /** Ids of requests, at most 3. */
  readonly examples: readonly string[];
  /** By the description of the interface. */
  readonly declared?: 'additive' | 'breaking' | 'undeclared';
}

/** Differences that are not tested, or not of the release. */
export interface SuppressedDifferences {
  readonly by: 'rule' | 'built-in' | 'noise' | 'untested';
  /** The rule as it was given, or what is known: `date`, `request ids`; of what was not tested the kind: `value`. */
  readonly name: string;
  /** Places and kinds. */
  readonly fields: number;
  /** Pairs, summed over them. */
  readonly differences: number;
}

/** Size and media type of the answers, of pairs with the same status; from the logs of both sides alone. */
export interface ContentComparison {
  /** Null where a side's log has no media types. */
  readonly types: TypeComparison | null;
  /** Null where the logs have none that are of the same. */
  readonly sizes: SizeComparison | null;
  /** In words, where sizes are not compared. */
  readonly sizesUnknown?: string;
  /** Those in which something differs, worst first; at most 50. */
  readonly routes: readonly RouteContents[];
  /** Changes of the media type that rules took out. */
  readonly suppressed: readonly {
    readonly by: 'rule' | 'built-in';
    readonly name: string;
    readonly differences: number;
  }[];
}

export interface TypeComparison {
  /** Pairs of which both logs tell it, and those in which it changed; without what rules took out. */
  readonly n: number;
  readonly changed: number;
  /** Media types without parameters, `none` for none; most frequent first, at most 5. */
  readonly changes: readonly Transition[];
  readonly regressed: boolean;
}

export interface SizeComparison {
  /** What the bytes of both logs are of. */
  readonly meaning: 'body' | 'head-and-body';
  readonly n: number;
  /** mirror / production of the typical pair (median), and its 95 % interval. */
  readonly ratio: number;
  readonly ratioCi: Interval;
  /** The whole interval is beyond a quarter more or a fifth less. */
  readonly differs: boolean;
}

export interface RouteContents {
  readonly route: string;
  readonly types: TypeComparison | null;
  readonly sizes: SizeComparison | null;
  /** Ids of requests whose media type changed, at most 3. */
  readonly examples: readonly string[];
}

/** How much a verdict needs. */
export interface Plan {
  readonly pairs: number;
  /** Pairs for a PASS if things go on as they are; null when they never suffice, a FAIL comes first, or that is unknown or far away. */
  readonly needed: number | null;
  /** What would be seen with a probability of 80 %: a rise of the error rate, ratios. */
  readonly visible: { readonly difference: number; readonly ratio: number | null };
}

export interface DiffSettings {
  /** `5xx`, `409`: what counts as an error besides termination S/s and recorded errors. */
  readonly errors: readonly string[];
  readonly ignore: readonly string[];
  /** Rules that say which differences of answers are no news. */
  readonly ignoreField?: readonly string[];
  /** What only the mirror's answers have is no news. */
  readonly additiveFine?: boolean;
  /** Values that always differ were compared like any other. */
  readonly withoutBuiltIn?: boolean;
  /** Ratios: 0.005 is 0.5 pp. */
  readonly minEffect: number;
  /** A rise by this factor counts as well, however small it is in points. */
  readonly minRatio?: number;
  /** How many times slower the mirror may be, and the ms below which nothing is slow. */
  readonly allowSlower?: number;
  readonly allowSlowerMs?: number;
  readonly compareLatency?: 'first-byte' | 'total';
  readonly expectCoverage?: number | null;
  /** Names of the gates that decide. */
  readonly gates?: readonly string[];
  /** The verdict holds however often one looks: e-process and confidence sequence. */
  readonly anytime?: boolean;
  readonly destination?: string | null;
  readonly baselineDestination?: string | null;
  readonly event?: string | null;
  readonly margin: number;
  readonly alpha: number;
  readonly minPairs: number;
  readonly mirrorDuplicates: DuplicatePolicy;
  readonly agent: string;
  readonly key: 'auto' | Exclude<CorrelationKey, 'none'>;
  readonly noiseBaseline: string | null;
  readonly maxRoutes: number;
  readonly seed: number;
}

/** All text in it is the client's own and unescaped, queries redacted unless asked for. Deterministic for permuted input. */
export interface DiffReport {
  readonly schema: 'spoe-logs/diff-report/1';
  readonly tool: { readonly name: string; readonly version: string };
  readonly generatedAt?: string;
  /** From production's first request to its last: ISO 8601, UTC. */
  readonly window: { readonly from: string | null; readonly to: string | null };
  readonly inputs: readonly InputReport[];
  readonly correlation: Correlation;
  readonly coverage: Coverage;
  readonly verdict: Verdict;
  readonly errors: ErrorComparison;
  /** Worst first. */
  readonly routes: readonly RouteComparison[];
  readonly transitions: readonly Transition[];
  readonly latency: LatencyComparison | null;
  /** Of each kind at most 10, and 3 of one route, worst routes first: the first ones in time, of a followed log the last ones. */
  readonly samples: readonly Sample[];
  readonly warnings: readonly Warning[];
  /** Where the mirror has several; this report is about `correlation.destination`. */
  readonly destinations?: readonly DestinationSummary[];
  readonly overTime?: OverTime;
  readonly plan?: Plan;
  /** Absent where the logs tell neither size nor media type of both sides' answers. */
  readonly contents?: ContentComparison;
  /** Absent without answers. */
  readonly responses?: ResponseComparison;
  /** Positions of paths that became `{…}` because of their many values: route and how many there were. */
  readonly generalized?: readonly { readonly route: string; readonly values: number }[];
  readonly settings: DiffSettings;
}
