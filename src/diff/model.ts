/** The report of a comparison: what docs/schemas/diff-report.schema.json describes, ready for every renderer. */
import type { AccessFormatName } from '../logs/access/access-record.ts';

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
}

/** Every production request is in exactly one. In the order in which they are tested. */
export const BUCKETS = [
  'malformed',
  'no_id',
  'ambiguous_id',
  'client_abort',
  'answered_by_proxy',
  'paired',
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
  /** paired + spoe_failed + acked_but_missing; null without SPOE lines. */
  readonly attempted: number | null;
  readonly deliveredShare: number | null;
}

export type Interval = readonly [low: number, high: number];

export type GateStatus = 'pass' | 'fail' | 'inconclusive';

export interface GateResult {
  /** Its name without limit: `route-regression`, `pairs`, `p95-ratio`. */
  readonly gate: string;
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
}

export interface Verdict {
  readonly status: GateStatus;
  readonly exitCode: 0 | 1 | 3;
  readonly gates: readonly GateResult[];
  /** One sentence each, most important first: why it is this verdict. */
  readonly reasons: readonly string[];
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
  /** Covered by --ignore: in none of the cells but bothOk's count of pairs without change. */
  readonly ignored: number;
  readonly productionRate: number | null;
  readonly mirrorRate: number | null;
  /** mirrorRate − productionRate, and its 95 % interval. Ratios, not percent. */
  readonly difference: number | null;
  readonly differenceCi: Interval | null;
  readonly interval?: 'bonett-price' | 'newcombe';
  readonly test: {
    readonly name: 'mcnemar-midp' | 'fisher-midp' | 'none';
    readonly p: number | null;
    /** After Benjamini–Hochberg over the routes with pairs; null for the whole. */
    readonly q: number | null;
  };
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

export interface RouteComparison {
  /** `GET /users/{…}`; `(other)` gathers what is beyond 200 routes. */
  readonly route: string;
  readonly errors: ErrorComparison;
  readonly latency: LatencyComparison | null;
  /** q and effect say that it is worse than production. */
  readonly regressed: boolean;
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

export interface DiffSettings {
  /** `5xx`, `409`: what counts as an error besides termination S/s and recorded errors. */
  readonly errors: readonly string[];
  readonly ignore: readonly string[];
  /** Ratios: 0.005 is 0.5 pp. */
  readonly minEffect: number;
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
  /** Of production's requests: ISO 8601, UTC. */
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
  readonly samples: readonly Sample[];
  readonly warnings: readonly Warning[];
  readonly settings: DiffSettings;
}
