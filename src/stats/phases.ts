/** The four phases of an event (HAProxy <= 3.0), in words. */
import type { Group } from './model.ts';

/** A phase dominates the slowest events from this share on. */
const DOMINANT = 0.5;

interface Phase {
  readonly code: string;
  /** What an event does in this phase. */
  readonly does: string;
  readonly next: string;
}

const PHASES = {
  reqT: {
    code: 'encode-time',
    does: 'being encoded by HAProxy',
    next: 'Look at the CPU of the HAProxy host and at the size of what is mirrored (arg_body).',
  },
  qT: {
    code: 'queue-time',
    does: 'queued in HAProxy for a connection to the agent',
    next: 'Give the agent more connections (server maxconn) or use pipelining.',
  },
  wT: {
    code: 'wait-time',
    does: "waiting for the agent's ACK",
    next: 'Look at the agent: load, blocked workers, a delayed ACK (-t), a slow mirror target.',
  },
  resT: {
    code: 'decode-time',
    does: "having the agent's answer decoded",
    next: 'Look at the CPU of the HAProxy host.',
  },
} as const satisfies { readonly [timer: string]: Phase };

/** The phase that the slowest 1 % spend most of their time in; undefined without one, or on HAProxy >= 3.1. */
export function dominantPhase({ phaseShare }: Group): (Phase & { readonly share: number }) | undefined {
  if (phaseShare === undefined) return undefined;
  for (const timer of ['reqT', 'qT', 'wT', 'resT'] as const)
    if (phaseShare[timer] >= DOMINANT) return { ...PHASES[timer], share: phaseShare[timer] };
  return undefined;
}
