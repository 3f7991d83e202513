/** Looks at all that mirroring needs, from this machine, and changes nothing: the troubleshooting chapter as a list of findings. */
import type { ReadAgentArguments } from './agent-command.ts';
import { type Category, type Diagnosis, type Finding, unknown } from './diagnosis.ts';
import { lookAtAgent } from './doctor/agent.ts';
import { lookAtConfiguration } from './doctor/configuration.ts';
import { lookAtHaproxy } from './doctor/haproxy.ts';
import { lookAtMirror } from './doctor/mirror.ts';
import { lookAtResources } from './doctor/resources.ts';
import { Surroundings } from './doctor/surroundings.ts';
import { lookAtTraffic } from './doctor/traffic.ts';

export interface DoctorOptions {
  /** The program HAProxy; that of the process that runs, or a usual place, without it. */
  readonly haproxy?: string | undefined;
  /** haproxy.cfg and its like; those of the process, or a usual place, without it. */
  readonly config: readonly string[];
  /** Runtime API; what `stats socket` says without it. */
  readonly socket?: string | undefined;
  /** `HOST:PORT` or the path of a unix socket; the servers of the engine's backend without it. */
  readonly agents: readonly string[];
  /** URLs; `-u` of the agent that runs without it. */
  readonly mirrors: readonly string[];
  /** The method of a request to each mirror; none is sent without it. */
  readonly request?: string | undefined;
  /** For each answer of somebody else, ms. */
  readonly timeoutMs: number;
  readonly cwd: string;
  /** Who asks; undefined where the system has no users. Programs that others could have put there are not run for root. */
  readonly uid: number | undefined;
  readonly env: { readonly [name: string]: string | undefined };
  readonly readAgentArguments: ReadAgentArguments;
  /** Finds the log and judges it, which other rooms know. */
  readonly lookAtLog: () => Promise<readonly Finding[]>;
}

/** Never throws: what could not be looked at is a finding. */
export async function diagnose(options: DoctorOptions): Promise<Diagnosis> {
  const surroundings = new Surroundings(options);
  const looks: readonly (readonly [Category, () => Promise<readonly Finding[]>])[] = [
    ['haproxy', () => lookAtHaproxy(surroundings)],
    ['configuration', () => lookAtConfiguration(surroundings)],
    ['agent', () => lookAtAgent(surroundings)],
    ['mirror', () => lookAtMirror(surroundings)],
    ['resources', () => lookAtResources(surroundings)],
    ['log', options.lookAtLog],
    ['traffic', () => lookAtTraffic(surroundings)],
  ];
  const categories: { category: Category; findings: readonly Finding[] }[] = [];
  for (const [category, look] of looks) {
    try {
      categories.push({ category, findings: await look() });
    } catch (error) {
      categories.push({ category, findings: [unknown(`could not be looked at: ${(error as Error).message}`)] });
    }
  }
  return { categories };
}
