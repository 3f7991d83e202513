/** The code that a CollectorThread starts, in a file of its own: it loads what talks to a collector, which is most of this room. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Transport } from './answer.ts';
import type { Signal } from './batch.ts';
import type { CollectorReply, Question, SettingsText } from './collector-thread.ts';
import { openTransport } from './transports.ts';

const CONNECTIONS = 4;

export function serveCollectorThread(): void {
  const port = parentPort;
  const settings = workerData as ReadonlyMap<Signal, SettingsText>;
  const transports = new Map<Signal, Transport>();
  for (const [signal, each] of settings)
    transports.set(signal, openTransport(signal, { ...each, url: new URL(each.url) }, CONNECTIONS));
  port?.on('message', async ({ id, signal, request, withinMs }: Question) => {
    const answer = await transports.get(signal)?.send(request, withinMs);
    if (answer !== undefined) port.postMessage({ id, answer } satisfies CollectorReply);
  });
}
