/** What the doctor sees where nothing runs but the agents of a test. */
import { Surroundings } from '../../../src/operate/doctor/surroundings.ts';
import type { DoctorOptions } from '../../../src/operate/doctor.ts';
import type { RunningProcess } from '../../../src/operate/processes.ts';
import { readAgentArguments } from '../../../src/programs/spoa-mirror/option-table.ts';

export function agentProcess(args: readonly string[], uid = 0): RunningProcess {
  return {
    ...{ pid: 7, name: 'spoa-mirror', args: ['spoa-mirror', ...args], uid, rssBytes: 1, cpuSeconds: 1, upSeconds: 9 },
    ...{ descriptors: undefined, program: undefined, cwd: '/' },
  };
}

export function around(agents: readonly RunningProcess[], options: Partial<DoctorOptions> = {}): Surroundings {
  const all = new Surroundings({
    ...{ config: [], agents: [], mirrors: [], timeoutMs: 60_000, cwd: '/', uid: 0, env: {} },
    readAgentArguments,
    lookAtLog: async () => [],
    ...options,
  });
  return Object.assign(all, { agents, haproxies: [] });
}
