/**
 * The library: reading, counting, comparing and exporting what HAProxy and the agent write about mirrored requests; SPOP
 * agents of one's own. docs/api.md describes each export and what versions promise. Exports only.
 */

// Production against the mirrored version.
export { type CompareInput, type CompareOptions, compare } from './diff/compare.ts';
export { DiffError, type DiffErrorCode } from './diff/errors.ts';
export type { DiffReport } from './diff/model.ts';
export { AccessFormatError } from './logs/access-errors.ts';
// Summaries.
export { InputError, type InputErrorCode } from './logs/input-errors.ts';
// Lines and events.
export { parseLine } from './logs/line.ts';
export {
  type Counter,
  type EventType,
  type HeaderTime,
  type LineHeader,
  type ParsedLine,
  SEVERITIES,
  type Severity,
  type SpoeEvent,
} from './logs/record.ts';
export {
  type LineCounts,
  type LogChunk,
  type SpoeLine,
  type SpoeLines,
  type SpoeLinesOptions,
  spoeLines,
} from './logs/spoe-lines.ts';
export { type ReadingTimes, TimeResolver, type TimeResolverOptions } from './logs/time.ts';
export { parseZone, TimeZoneError, type Zone } from './logs/zone.ts';
// The agent's record.
export type { MirrorRecord, OutcomeCode } from './mirror/record.ts';
export { parseRecord, type RecordCounts, type RecordLines, readRecord } from './mirror/record-lines.ts';
// OpenTelemetry.
export { OtelError, type OtelErrorCode } from './otel/errors.ts';
export { type EventExporter, type ExportOptions, openExporter } from './otel/event-exporter.ts';
export type { ExportReport } from './otel/export-report.ts';
export { renderDiffJson as diffJson } from './report/diff-json.ts';
export { renderJson as summaryJson } from './report/json.ts';
export { Histogram } from './sketch/histogram.ts';
// SPOP agents.
export { type Agent, type AgentOptions, type Capability, type CloseOptions, createAgent } from './spoa/agent.ts';
export type { AgentStats } from './spoa/counters.ts';
export { AgentError } from './spoa/errors.ts';
export type { MessageHandler, MessageHandlers, NotifyContext, OnError } from './spoa/handlers.ts';
export type { AgentLimits } from './spoa/limits.ts';
export type { ListenOptions } from './spoa/listener.ts';
export {
  type Action,
  type SetVar,
  setVarAction,
  type UnsetVar,
  unsetVarAction,
  VariableScope,
} from './spop/actions.ts';
export type { KvList } from './spop/kv-list.ts';
export type { Message } from './spop/messages.ts';
export type { TypedData } from './spop/typed-data.ts';
export {
  binaryData,
  booleanData,
  dataOf,
  int32Data,
  int64Data,
  ipv4Data,
  ipv6Data,
  nullData,
  stringData,
  uint32Data,
  uint64Data,
} from './spop/values.ts';
export { ThresholdError } from './stats/errors.ts';
export type { EventFilter } from './stats/filter.ts';
export type { Dimension } from './stats/grouping.ts';
export type { Group, GroupKey, KeyedGroup, Mirror, Summary, TimerStats, Verdict } from './stats/model.ts';
export { type ReadOptions, type SummarizeOptions, Summarizer, summarize } from './stats/summarizer.ts';
export { describeStatus, type StatusDescription, type StatusOrigin } from './status/describe.ts';
export { classifyFailure, describePattern, type FailurePattern, type PatternDescription } from './status/patterns.ts';
export { bigintReplacer, escapeJson } from './text/json.ts';
export { escapeTerminal } from './text/terminal.ts';
