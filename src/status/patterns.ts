/**
 * Failures that the whole line tells better than the code alone: the code together with the phase that never ended.
 * Measured with a misbehaving agent on HAProxy 2.6.12, 3.0.11 and 3.2.26.
 */

/** Stable codes; a code is never reused for something else. */
export const FailurePattern = {
  /** HAProxy <= 3.0: st=2 and no phase begun. */
  noAgentServer: 'no-agent-server',
  /** HAProxy >= 3.1: st=257 within 0 ms. The line is the same when the agent closes within a millisecond. */
  noServerOrClosed: 'no-agent-server-or-closed',
  neverSent: 'never-sent',
  noAckInTime: 'no-ack-in-time',
  agentClosed: 'agent-closed',
  messageTooBig: 'message-too-big',
  closedNormally: 'closed-normally',
} as const;
export type FailurePattern = (typeof FailurePattern)[keyof typeof FailurePattern];

export interface PatternDescription {
  readonly message: string;
  /** What an operator does about it, one sentence. */
  readonly next: string;
}

/**
 * Names the failure of one line, or undefined when the code alone says as much.
 *
 * Called for every failed line of a hot loop: numbers in, a constant out, nothing allocated.
 * @param hasPhases true when the line has reqT, qT, wT and resT (HAProxy <= 3.0); otherwise they are ignored
 * @param reqT … pT milliseconds, -1 for a phase that never ended
 */
export function classifyFailure(
  st: number,
  hasPhases: boolean,
  reqT: number,
  qT: number,
  wT: number,
  resT: number,
  pT: number,
): FailurePattern | undefined {
  switch (st) {
    case 1:
      // Without phases (>= 3.1) a message that was never sent and one that was never answered look the same.
      if (!hasPhases) return undefined;
      if (qT < 0) return FailurePattern.neverSent;
      return wT < 0 ? FailurePattern.noAckInTime : undefined;
    case 2:
      return hasPhases && reqT < 0 && qT < 0 && wT < 0 && resT < 0 && pT <= 0
        ? FailurePattern.noAgentServer
        : undefined;
    case 3:
    case 259:
      return FailurePattern.messageTooBig;
    case 256:
      return FailurePattern.closedNormally;
    case 257:
      if (hasPhases) return wT >= 0 ? FailurePattern.agentClosed : undefined;
      return pT <= 0 ? FailurePattern.noServerOrClosed : FailurePattern.agentClosed;
    default:
      return undefined;
  }
}

const DESCRIPTIONS: { readonly [pattern in FailurePattern]: PatternDescription } = {
  'no-agent-server': {
    message: "no server is up in the agents' backend (not a memory problem)",
    next: 'Start the agent, or check the server lines and health checks of the backend it is in.',
  },
  'no-agent-server-or-closed': {
    message: "no server is up in the agents' backend, or the agent closes each connection at once",
    next: 'See whether the backend has a server UP; if so, read the agent log for closed connections.',
  },
  'never-sent': {
    message: 'the message was never sent: connection refused, HELLO unanswered or refused, or no connection free',
    next: 'Check that the agent listens and answers HELLO, and that maxconn is not too low.',
  },
  'no-ack-in-time': {
    message: 'the message was sent but no ACK came in time: the agent is stalled or too slow',
    next: 'Look at the agent: load, blocked workers, a slow mirror target; then at timeout processing.',
  },
  'agent-closed': {
    message: 'the agent closed or reset the connection before its ACK',
    next: 'Look for crashes or restarts of the agent, and a timeout server below timeout processing.',
  },
  'message-too-big': {
    message: 'the message is larger than max-frame-size',
    next: 'Make max-frame-size fit the message on both sides (agent, spoe-agent), or mirror less body.',
  },
  'closed-normally': {
    message: 'the connection ended with status "normal" before the ACK: wrong frame-id, DISCONNECT 0, or overload',
    next: 'Look in the agent log for overload, DISCONNECT 0, or an ACK with a wrong frame-id.',
  },
};

/** Says a pattern in plain words. */
export function describePattern(pattern: FailurePattern): PatternDescription {
  return DESCRIPTIONS[pattern];
}
