/** Bounds of what one agent holds and waits for. Every bound is checked before anything is buffered. */
export interface AgentLimits {
  /** Open connections; for one more, another one gives way, or the new one is closed with status 13. */
  readonly maxConnections: number;
  /** Connections that were told to end and have not yet; for one more the oldest is cut off. */
  readonly maxLeaving: number;
  /** Milliseconds from the connection to a complete HAPROXY-HELLO, and to the end of a TLS handshake before that. */
  readonly helloTimeoutMs: number;
  /** Milliseconds without a complete frame or an ACK; 0 waits for ever. */
  readonly idleTimeoutMs: number;
  /** Milliseconds a peer may leave its ACKs unread before it is closed. */
  readonly stallTimeoutMs: number;
  /** Milliseconds a peer may take to close after AGENT-DISCONNECT. */
  readonly lingerMs: number;
  /** Unread bytes from which on a connection is not read any more. */
  readonly pauseBytes: number;
  /** Unread bytes at which a connection is closed. */
  readonly maxUnreadBytes: number;
  /** Messages of one connection whose handlers have not returned; at this many it is not read any more. */
  readonly maxInFlight: number;
  /** Fragmented payloads of one connection that may be incomplete at the same time. */
  readonly maxFragmentedPayloads: number;
  /** Bytes held for the incomplete payloads of one connection. */
  readonly maxFragmentBytes: number;
  /** Bytes held for the incomplete payloads of all connections together. */
  readonly maxFragmentBytesTotal: number;
}

const KIB = 1024;
const MIB = KIB * KIB;

export const DEFAULT_LIMITS: AgentLimits = {
  maxConnections: 4096,
  maxLeaving: 4096,
  helloTimeoutMs: 5_000,
  idleTimeoutMs: 300_000,
  stallTimeoutMs: 10_000,
  lingerMs: 1_000,
  pauseBytes: 64 * KIB,
  maxUnreadBytes: 4 * MIB,
  maxInFlight: 1024,
  maxFragmentedPayloads: 64,
  maxFragmentBytes: 4 * MIB,
  maxFragmentBytesTotal: 64 * MIB,
};

/** Longest frame that is read before HELLO has agreed on a size: a HELLO has some 150 bytes. */
export const HELLO_FRAME_BYTES = 16 * KIB;
