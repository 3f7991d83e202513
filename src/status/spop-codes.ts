/**
 * Table 1: the SPOP status codes, as documented in doc/SPOE.txt, section "Errors & timeouts".
 *
 * They travel in the `status-code` of HAPROXY-DISCONNECT and AGENT-DISCONNECT frames. In a log line HAProxy writes
 * SPOP code N as 256 + N (see describe.ts). An agent may define further codes.
 */

export interface CodeEntry {
  /** Stable, kebab-case, low-cardinality: fit for a metric label. */
  readonly name: string;
  /** The meaning in the documentation's words. */
  readonly meaning: string;
  /** What an operator checks next, one sentence. */
  readonly next?: string;
}

export const SPOP_CODES: ReadonlyMap<number, CodeEntry> = new Map<number, CodeEntry>([
  [
    0,
    {
      name: 'closed-normally',
      meaning: 'closed normally',
      next: 'Look in the agent log for overload, DISCONNECT 0, or an ACK with a wrong frame-id.',
    },
  ],
  [
    1,
    {
      name: 'io-error',
      meaning: 'I/O error',
      next: 'Check that the agent runs and stays up: it closed, reset or never took the connection.',
    },
  ],
  [
    2,
    {
      name: 'agent-timeout',
      meaning: 'a timeout occurred',
      next: 'Compare the agent timeouts with timeout hello, timeout idle and timeout processing.',
    },
  ],
  [
    3,
    {
      name: 'frame-too-big',
      meaning: 'frame is too big',
      next: 'Make max-frame-size fit the message on both sides (agent, spoe-agent), or mirror less body.',
    },
  ],
  [
    4,
    {
      name: 'invalid-frame',
      meaning: 'invalid frame received',
      next: 'Check that the server port really is an SPOP agent, and the version of that agent.',
    },
  ],
  [5, { name: 'version-not-found', meaning: 'version value not found', next: helloFix('version') }],
  [
    6,
    { name: 'max-frame-size-not-found', meaning: 'max-frame-size value not found', next: helloFix('max-frame-size') },
  ],
  [7, { name: 'capabilities-not-found', meaning: 'capabilities value not found', next: helloFix('capabilities') }],
  [
    8,
    {
      name: 'unsupported-version',
      meaning: 'unsupported version',
      next: 'Use an agent that speaks SPOP 2.0, the only version HAProxy offers.',
    },
  ],
  [
    9,
    {
      name: 'bad-max-frame-size',
      meaning: 'max-frame-size too big or too small',
      next: 'Give the agent a max-frame-size between 256 and what the spoe-agent section offers.',
    },
  ],
  [
    10,
    {
      name: 'fragmentation-not-supported',
      meaning: 'payload fragmentation is not supported',
      next: 'Raise max-frame-size on both sides, so that no message needs fragments.',
    },
  ],
  [
    11,
    {
      name: 'invalid-interlaced-frames',
      meaning: 'invalid interlaced frames',
      next: 'Update the agent, or turn its fragmentation or pipelining off: fragments got mixed up.',
    },
  ],
  [
    12,
    {
      name: 'frame-id-not-found',
      meaning: 'frame-id not found (it does not match any referenced frame)',
      next: 'Check the agent: it answered with a stream-id or frame-id that nobody waits for.',
    },
  ],
  [
    13,
    {
      name: 'agent-resource-allocation',
      meaning: 'resource allocation error',
      next: 'Check memory, file descriptors and connection limits of the agent.',
    },
  ],
  [
    99,
    {
      name: 'spop-unknown-error',
      meaning: 'an unknown error occurred',
      next: 'Read the agent log at that time: the agent gave no reason HAProxy could pass on.',
    },
  ],
]);

/** The words of SPOP code N for a reader: the table's, or `agent-defined code N`. */
export function spopMeaning(code: number): string {
  return SPOP_CODES.get(code)?.meaning ?? `agent-defined code ${code}`;
}

function helloFix(key: string): string {
  return `Check the HELLO the agent sends: ${key} is missing or has the wrong type.`;
}
