/** What holds where an option was not given: for the program, its help and the library alike. */
import { DEFAULT_GRACE_MS, DEFAULT_MAX_FRAME_SIZE } from '../../spoa/agent.ts';

export const AGENT_DEFAULTS = {
  address: '0.0.0.0',
  port: 12_345,
  backlog: 10,
  maxFrameSize: DEFAULT_MAX_FRAME_SIZE,
  /** An upper bound. */
  workers: 10,
  /** Milliseconds the ACK is delayed. */
  delayMs: 0,
  /** Milliseconds for what is under way when the agent stops. */
  graceMs: DEFAULT_GRACE_MS,
  /** Rights of a log or record that is made, before the umask. */
  fileMode: 0o640,
  pidFileMode: 0o644,
  traceContext: 'link',
} as const;
