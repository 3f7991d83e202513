/** Which of the agent's error codes say that a request never reached the mirror: nothing is known of its answer then. */
import type { OutcomeCode } from '../mirror/record.ts';

/** All codes, so that a new one of the agent has to be sorted in here. */
const NEVER_REACHED: Readonly<Record<OutcomeCode, boolean>> = {
  'invalid-method': true,
  'invalid-path': true,
  'invalid-header': true,
  'skipped-truncated': true,
  'dropped-max-rate': true,
  'dropped-queue-full': true,
  'queue-timeout': true,
  // The agent's own host had no free port.
  'local-address': true,
  shutdown: true,
  // The mirror, or what is in front of it, was asked: that it did not answer is an outcome of the release.
  'connect-refused': false,
  'connect-timeout': false,
  dns: false,
  unreachable: false,
  proxy: false,
  tls: false,
  closed: false,
  reset: false,
  timeout: false,
  'protocol-error': false,
};

/** @param error of a line of the mirror */
export function isDropped(error: string): boolean {
  return Object.hasOwn(NEVER_REACHED, error) && NEVER_REACHED[error as OutcomeCode];
}

/** The agent's word for what it left out because it was told to mirror no more than so many a second. */
export const SAMPLED_OUT = 'dropped-max-rate' satisfies OutcomeCode;
