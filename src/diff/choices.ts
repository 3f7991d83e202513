/** What a person chooses for a comparison; of the types alone, so that a library's declarations stay few. */
import type { CorrelationKey, DuplicatePolicy } from './model.ts';

/** As given: the grammar of each is the option's of that name. */
export interface Choices {
  readonly agent: string;
  readonly key: 'auto' | Exclude<CorrelationKey, 'none'>;
  readonly mirrorDuplicates: DuplicatePolicy;
  readonly error: readonly string[];
  readonly ignore?: readonly string[] | undefined;
  readonly maxRequests: number;
  readonly minEffect: string;
  readonly margin: string;
  readonly noiseBaseline?: string | undefined;
  readonly allowSlower: string;
  readonly compareLatency?: 'first-byte' | 'total' | undefined;
  readonly expectCoverage?: string | undefined;
  readonly anytime: boolean;
  readonly follow: boolean;
  readonly destination?: string | undefined;
  readonly baselineDestination?: string | undefined;
  readonly event?: string | undefined;
  readonly ignoreField?: readonly string[] | undefined;
  readonly additiveFine?: boolean | undefined;
  readonly withoutBuiltIn?: boolean | undefined;
}

/** Which requests of production are compared; absent where all are. Times are epoch ms, `until` is not included. */
export interface RequestFilter {
  readonly since?: number;
  readonly until?: number;
  readonly hosts?: readonly string[];
  readonly pids?: readonly number[];
}
