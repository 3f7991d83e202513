/** The agents that are measured, all started with the arguments they have in common. */
import { join } from 'node:path';
import { ROOT } from '../measure.ts';
import { ProcessTree } from './process-tree.ts';
import { freePort, isListening, startProgram } from './processes.ts';

const AGENT = join(ROOT, 'bin/spoa-mirror.js');

/** `own` is for those that log `ready` and, at their end, what they have done. */
export function ownAgent(name = 'spoa-mirror', script = AGENT) {
  return { name, command: process.execPath, args: [script], own: true };
}

/** With spans and metrics that go to `endpoint`. */
export function tracingAgent(name, endpoint) {
  return { ...ownAgent(name), args: [AGENT, '--otel'], env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } };
}

export function peerAgent(path) {
  return { name: 'C agent', command: path, args: [], own: false };
}

/** Starts it, mirroring to `url`; resolves when it listens. */
export async function startAgent({ name, command, args, own, env }, url, more = []) {
  const port = await freePort();
  const options = ['-r0', '-a', '127.0.0.1', '-p', String(port), '-n', '2', '-c', 'pipelining', '-u', url, ...more];
  const agent = startProgram(name, command, [...args, ...options], env);
  await agent.until('listening', () => (own ? agent.output.includes(': ready on ') : isListening(port)));
  const tree = new ProcessTree(agent.pid);
  return {
    port,
    pid: agent.pid,
    tree,
    get died() {
      return agent.ended;
    },
    /** @returns what it says it has done: `{ acks, taken, mirrored, failed, dropped, … }`, or undefined */
    stop: async () => {
      tree.stop();
      await agent.stop();
      return parseLastLine(agent.output);
    },
  };
}

/** `stopped: 0 connections, 204 notifies, …` */
function parseLastLine(output) {
  const line = /: stopped: (.*)/.exec(output)?.[1];
  if (line === undefined) return undefined;
  return Object.fromEntries([...line.matchAll(/(\d+) ([a-z ]+)/g)].map(([, count, what]) => [what, Number(count)]));
}
