/** What a CollectorThread starts. Apart from it, as what talks to a collector is most of what is loaded here. */
import { parentPort } from 'node:worker_threads';
import type { Transport } from './answer.ts';
import type { Question, Reply } from './collector-thread.ts';
import { type Environment, readSettings } from './environment.ts';
import type { Signal } from './parcel.ts';
import { openTransport } from './transports.ts';

const CONNECTIONS = 4;

/** The environment is the process's, which has found it to be in order. */
export function serveCollectorThread(env: Environment, userAgent: string): void {
  const port = parentPort;
  const transports = new Map<Signal, Transport>();
  port?.on('message', async ({ id, signal, request, withinMs }: Question) => {
    const known = transports.get(signal);
    const transport = known ?? openTransport(signal, readSettings(signal, {}, env, userAgent), CONNECTIONS);
    transports.set(signal, transport);
    port.postMessage({ id, answer: await transport.send(request, withinMs) } satisfies Reply);
  });
}
