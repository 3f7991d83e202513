/** The agents that are measured, all started with the arguments they have in common. */
import { join } from 'node:path';
import { ROOT } from '../measure.ts';
import { ProcessTree } from './process-tree.ts';
import { freePort, isListening, startProgram } from './processes.ts';

const AGENT = join(ROOT, 'bin/spoa-mirror.js');

export interface AgentContender {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly own: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

/** What our agent says it has done. */
export interface AgentCounts {
  readonly taken: number;
  readonly mirrored: number;
  readonly failed: number;
  readonly dropped: number;
}

export interface Agent {
  readonly port: number;
  readonly pid: number;
  readonly tree: ProcessTree;
  readonly died: boolean;
  /** @returns undefined for an agent that does not say what it has done */
  stop(): Promise<AgentCounts | undefined>;
}

/** `own` is for those that log `ready` and, at their end, what they have done. */
export function ownAgent(name = 'spoa-mirror'): AgentContender {
  return { name, command: process.execPath, args: [AGENT], own: true };
}

/** With spans and metrics that go to `endpoint`. */
export function tracingAgent(name: string, endpoint: string): AgentContender {
  return { ...ownAgent(name), args: [AGENT, '--otel'], env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } };
}

/** With a record, and of answers what `--answers` says. */
export function recordingAgent(name: string, record: string, answers?: 'head' | 'body'): AgentContender {
  const more = answers === undefined ? [] : ['--answers', answers];
  return { ...ownAgent(name), args: [AGENT, '--record', record, ...more] };
}

export function peerAgent(path: string): AgentContender {
  return { name: 'C agent', command: path, args: [], own: false };
}

/** Starts it, mirroring to `url`; resolves when it listens. */
export async function startAgent(contender: AgentContender, url: string, more: readonly string[] = []): Promise<Agent> {
  const { name, command, args, own, env } = contender;
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
    stop: async () => {
      tree.stop();
      await agent.stop();
      return parseLastLine(agent.output);
    },
  };
}

/** `stopped: 0 connections, 204 notifies, …` */
function parseLastLine(output: string): AgentCounts | undefined {
  const line = /: stopped: (.*)/.exec(output)?.[1];
  if (line === undefined) return undefined;
  const counts = new Map(Array.from(line.matchAll(/(\d+) ([a-z ]+)/g), ([, count, what]) => [what, Number(count)]));
  const of = (what: keyof AgentCounts) => counts.get(what) ?? Number.NaN;
  return { taken: of('taken'), mirrored: of('mirrored'), failed: of('failed'), dropped: of('dropped') };
}
