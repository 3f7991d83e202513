/** The library: reading and explaining SPOE log lines. Exports only. */
export { parseLine } from './logs/line.ts';
export type { Counter, EventType, HeaderTime, LineHeader, ParsedLine, Severity, SpoeEvent } from './logs/record.ts';
export { parseZone, TimeResolver, type TimeResolverOptions, type Zone } from './logs/time.ts';
export { Histogram } from './sketch/histogram.ts';
export type { Summary } from './stats/model.ts';
export { describeStatus, type StatusDescription, type StatusOrigin } from './status/describe.ts';
export { classifyFailure, describePattern, type FailurePattern, type PatternDescription } from './status/patterns.ts';
