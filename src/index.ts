/** The library: reading and explaining SPOE log lines; SPOP agents of one's own. Exports only. */
export { type Agent, type AgentOptions, type Capability, type CloseOptions, createAgent } from './agent/agent.ts';
export type { AgentStats } from './agent/counters.ts';
export { AgentError } from './agent/errors.ts';
export type { MessageHandler, MessageHandlers, NotifyContext, OnError } from './agent/handlers.ts';
export type { AgentLimits } from './agent/limits.ts';
export type { ListenOptions } from './agent/listener.ts';
export { parseLine } from './logs/line.ts';
export type { Counter, EventType, HeaderTime, LineHeader, ParsedLine, Severity, SpoeEvent } from './logs/record.ts';
export { TimeResolver, type TimeResolverOptions } from './logs/time.ts';
export { parseZone, type Zone } from './logs/zone.ts';
export { Histogram } from './sketch/histogram.ts';
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
export type { Summary } from './stats/model.ts';
export { describeStatus, type StatusDescription, type StatusOrigin } from './status/describe.ts';
export { classifyFailure, describePattern, type FailurePattern, type PatternDescription } from './status/patterns.ts';
