/** The values of options that are not given: for the program, its help and the library alike. */
import { DEFAULT_GRACE_MS, DEFAULT_MAX_FRAME_SIZE } from '../../spoa/agent.ts';

export const AGENT_DEFAULTS = {
  address: '0.0.0.0',
  port: 12_345,
  backlog: 10,
  maxFrameSize: DEFAULT_MAX_FRAME_SIZE,
  /** The most workers. */
  workers: 10,
  /** The workers that start at once. */
  minWorkers: 1,
  /** The delay of the ACK in milliseconds. */
  delayMs: 0,
  /** The time for what is under way when the agent stops, in milliseconds. */
  graceMs: DEFAULT_GRACE_MS,
  /** Rights of a log or record that is made, before the umask. */
  fileMode: 0o640,
  pidFileMode: 0o644,
  traceContext: 'link',
} as const;
