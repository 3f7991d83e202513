/** What a CollectorThread starts. Apart from it, as what talks to a collector is most of what is loaded here. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Transport } from './answer.ts';
import type { Question, Reply, SettingsText } from './collector-thread.ts';
import type { Signal } from './parcel.ts';
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
    if (answer !== undefined) port.postMessage({ id, answer } satisfies Reply);
  });
}
