/** The bench's side of sink.ts. */
import type { Reports } from './messages.ts';
import { startScript } from './processes.ts';

export interface Sink {
  readonly port: number;
  readonly url: string;
  /** Requests until now, when the last one came (Date.now()), CPU seconds. */
  count(): Promise<Reports['count']>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

interface SinkOptions {
  readonly port?: number;
  readonly neverAnswer?: boolean;
  readonly delayMs?: number;
  /** It answers with JSON of about so many bytes. */
  readonly jsonBytes?: number | undefined;
}

/** A server that counts requests. */
export async function startSink({
  port = 0,
  neverAnswer = false,
  delayMs = 0,
  jsonBytes,
}: SinkOptions = {}): Promise<Sink> {
  const args = [
    ...['--port', String(port), '--delay', String(delayMs)],
    ...(neverAnswer ? ['--never-answer'] : []),
    ...(jsonBytes === undefined ? [] : ['--json', String(jsonBytes)]),
  ];
  const sink = startScript('sink', args);
  const listening = await sink.message('listening');
  return {
    ...listening,
    count: async () => {
      const answer = sink.message('count');
      sink.send({ type: 'count' });
      return await answer;
    },
    stop: () => sink.stop(),
    kill: async () => {
      sink.kill();
      await sink.exit;
    },
  };
}
