/** What one worker does: an agent whose messages go to the mirror, whose outcomes go to the record. */
import type { Mirror } from '../mirror/mirror.ts';
import type { MirrorOptions } from '../mirror/options.ts';
import type { MirrorStats } from '../mirror/statistics.ts';
import { type Agent, createAgent } from './agent.ts';
import type { AgentStats } from './counters.ts';
import type { MessageHandler } from './handlers.ts';
import type { ListenOptions } from './listener.ts';
import type { Log } from './log-file.ts';
import { startMirror } from './mirroring.ts';
import type { MirrorAgentOptions } from './options.ts';
import { RecordFile, type RecordStats } from './record-file.ts';
import { type LoadTelemetry, startTelemetry, type Telemetry, type TelemetryStats } from './telemetry.ts';

export interface ServiceStats {
  readonly agent: AgentStats;
  /** Null without -u. */
  readonly mirror: MirrorStats | null;
  /** Null without --record. */
  readonly record: RecordStats | null;
  /** Null without --otel. */
  readonly otel: TelemetryStats | null;
}

export interface Service {
  listen(): Promise<void>;
  stats(): ServiceStats;
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** @throws AgentError, MirrorError for options that cannot be used */
export async function startService(
  options: MirrorAgentOptions,
  mirror: MirrorOptions,
  log: Log,
  load: LoadTelemetry,
): Promise<Service> {
  const telemetry = await startTelemetry(options, log, load);
  const record = options.record === undefined ? undefined : new RecordFile(options.record);
  const mirroring = options.urls.length === 0 ? undefined : await startMirror(mirror, record, log, telemetry?.tracer);
  if (mirroring !== undefined) telemetry?.watch(() => mirroring.stats());
  const agent = createAgent({
    handlers: { '*': handlerOf(mirroring, options.delayMs) },
    capabilities: options.capabilities,
    maxFrameSize: options.maxFrameSize,
    onError: (error) => log(`internal error: ${error instanceof Error ? error.stack : error}`),
  });
  return {
    listen: async () => void (await agent.listen(listenOptions(options))),
    stats: () => ({
      agent: agent.stats(),
      mirror: mirroring?.stats() ?? null,
      record: record === undefined ? null : { ...record.stats },
      otel: telemetry?.stats() ?? null,
    }),
    reopen: async () => record?.reopen(),
    close: () => close(agent, mirroring, record, telemetry, options.graceMs),
  };
}

/** First the mirror has the request, then HAProxy has its answer, at once or after the delay of -t. */
function handlerOf(mirroring: Mirror | undefined, delayMs: number): MessageHandler {
  const take: MessageHandler = (message, context) => void mirroring?.accept(message, context);
  if (delayMs === 0) return take;
  return (message, context) => {
    take(message, context);
    return new Promise<void>((resolve) => setTimeout(resolve, delayMs));
  };
}

/** In the order of the flow: nothing comes in any more, then nothing goes out, then all of it is written down. */
async function close(
  agent: Agent,
  mirroring: Mirror | undefined,
  record: RecordFile | undefined,
  telemetry: Telemetry | undefined,
  graceMs: number,
): Promise<void> {
  await agent.close({ graceMs });
  await mirroring?.close(graceMs);
  await Promise.all([record?.close(), telemetry?.close()]);
}

function listenOptions({ address, port, backlog }: MirrorAgentOptions): ListenOptions {
  return address.startsWith('unix:') ? { path: address.slice(5), backlog } : { host: address, port, backlog };
}
