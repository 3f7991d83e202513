import { type Finding, ok, unknown, warning } from '../diagnosis.ts';
import { type RunningProcess, readMemory } from '../processes.ts';
import type { Surroundings } from './surroundings.ts';

/** Beyond it a process is about to run out. */
const CROWDED = 0.8;
/** Less of the machine's memory than this is little. */
const LITTLE_MEMORY = 0.05;
const MIB = 1024 * 1024;

export async function lookAtResources({ haproxies, agents }: Surroundings): Promise<readonly Finding[]> {
  const findings = [
    ...(haproxies ?? []).map((process) => lookAtProcess('HAProxy', process)),
    ...(agents ?? []).map((process) => lookAtProcess('the agent', process)),
  ];
  const memory = readMemory();
  if (memory === undefined) return [...findings, unknown('the memory of this machine is not known')];
  const { availableBytes, totalBytes } = memory;
  const text = `${mib(availableBytes)} of ${mib(totalBytes)} MiB of memory are available`;
  const isLittle = availableBytes < LITTLE_MEMORY * totalBytes;
  return [
    ...findings,
    isLittle ? warning(text, 'mirroring costs memory where the mirror is slow: --queue-bytes of the agent') : ok(text),
  ];
}

function lookAtProcess(who: string, { pid, rssBytes, cpuSeconds, upSeconds, descriptors }: RunningProcess): Finding {
  const cpu = `${((100 * cpuSeconds) / Math.max(1, upSeconds)).toFixed(1)} % of a core since its start`;
  const text = `${who} (process ${pid}): ${mib(rssBytes)} MiB, ${cpu}`;
  if (descriptors === undefined) return unknown(`${text}; its file descriptors can only be seen by root or its user`);
  const { open, limit } = descriptors;
  const all = `${text}, ${open} of ${limit} file descriptors`;
  return open > CROWDED * limit ? warning(all, 'raise LimitNOFILE= of its unit') : ok(all);
}

function mib(bytes: number): number {
  return Math.round(bytes / MIB);
}

/** `3 d`, `2 h`, `5 min`, `12 s`: how long something runs. */
export function seconds(value: number): string {
  if (value >= 86_400) return `${Math.floor(value / 86_400)} d`;
  if (value >= 3600) return `${Math.floor(value / 3600)} h`;
  return value >= 60 ? `${Math.floor(value / 60)} min` : `${Math.floor(value)} s`;
}
