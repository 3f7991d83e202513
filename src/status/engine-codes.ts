/**
 * Table 2: the engine's own codes, as documented in doc/SPOE.txt, section "SPOE configuration", "option set-on-error"
 * (enum spoe_context_error in HAProxy's source). This is the table HAProxy writes into `st=`; codes from 256 up
 * carry an SPOP code and are not listed here.
 */
import type { CodeEntry } from './spop-codes.ts';

/** The first `st` that carries an SPOP code: st = 256 + SPOP code. */
export const SPOP_OFFSET = 256;

export const ENGINE_CODES: ReadonlyMap<number, CodeEntry> = new Map<number, CodeEntry>([
  [0, { name: 'normal', meaning: 'normal' }],
  [
    1,
    {
      name: 'processing-timeout',
      meaning: 'timeout during event processing',
      next: 'See whether the agent is up and how fast it answers; compare with timeout processing.',
    },
  ],
  [
    2,
    {
      name: 'resource-allocation',
      meaning: 'resource allocation',
      next: 'Check that the agents backend has a server that is UP; only then look at HAProxy memory.',
    },
  ],
  [
    3,
    {
      name: 'payload-too-big',
      meaning: 'frame payload exceeds the frame size and cannot be fragmented',
      next: 'Make max-frame-size fit the message on both sides (agent, spoe-agent), or mirror less body.',
    },
  ],
  [
    4,
    {
      name: 'fragmentation-aborted',
      meaning: 'fragmentation of a payload aborted',
      next: 'Raise max-frame-size so that no fragments are needed, and look for aborts in the agent log.',
    },
  ],
  [
    5,
    {
      name: 'processing-interrupted',
      meaning: 'processing interrupted by HAProxy',
      next: 'Look for a reload, a stop or aborted clients at that time; nothing to fix in the agent.',
    },
  ],
  [
    255,
    {
      name: 'unknown-error',
      meaning: 'unknown error during event processing',
      next: 'Read the HAProxy error log and the agent log at that time: the code gives no reason.',
    },
  ],
]);
