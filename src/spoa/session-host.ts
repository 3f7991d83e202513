import type { Socket } from 'node:net';
import type { ByteReader } from '../spop/byte-reader.ts';
import type { ByteWriter } from '../spop/byte-writer.ts';
import type { Offer } from '../spop/negotiation.ts';
import type { AgentStats } from './counters.ts';
import type { Dispatcher } from './handlers.ts';
import type { AgentLimits } from './limits.ts';

/** Where a session writes its bytes, and how it stops reading. */
export interface SessionTransport {
  /** Bytes the peer has not taken yet. */
  readonly unread: number;
  /** True while a TLS handshake is not done, so that nothing can be said. Its time limit is not the session's. */
  readonly isSecuring: boolean;
  write(bytes: Buffer): void;
  /** Closes after what was written; what still comes is read. During a handshake it is at once. */
  end(): void;
  destroy(): void;
  pause(): void;
  resume(): void;
  /** As `pause`, for the turns of reading: nothing is read unless both allow it. */
  hold(): void;
  release(): void;
}

/** Makes connections TLS before their sessions hear anything. */
export interface Handshaking {
  /** Handshakes that failed, by reason. */
  readonly failures: { readonly [reason: string]: number };
  /**
   * @param opened gets what stands for the connection when the handshake is done
   * @returns gives it up, which is no failure
   */
  add(raw: Socket, peer: string, nowMs: number, opened: (socket: Socket) => void): () => void;
  /** Ends handshakes that have taken longer than the limit. Called at intervals. */
  sweep(nowMs: number, timeoutMs: number): void;
}

/** Receives the frames of all sessions. */
export interface FrameTrace {
  /** A number for a connection that has come. */
  nextConnection(): number;
  /** `frame` stands at its type, and is where it was afterwards. */
  received(connection: number, frame: ByteReader): void;
  /** `bytes` are whole frames. */
  sent(connection: number, bytes: Buffer): void;
}

/** What all sessions of an agent share: limits, statistics, handlers. */
export interface SessionHost<Session> {
  readonly offer: Offer;
  readonly limits: AgentLimits;
  readonly stats: AgentStats;
  readonly dispatcher: Dispatcher;
  /** The writer of --trace-frames. */
  readonly trace?: FrameTrace | undefined;
  /** Milliseconds that never go back. */
  readonly clock: () => number;
  borrowWriter(): ByteWriter;
  returnWriter(writer: ByteWriter): void;
  /** The session has said HELLO: ACKs of other connections of its engine may go over this one. */
  joined(session: Session): void;
  /** The session was told to end, or ends by itself. */
  leaves(session: Session): void;
  readonly onHello: (sizes: { readonly theirs: number; readonly agreed: number }) => void;
  readonly onDisconnect: (by: 'agent' | 'haproxy', statusCode: number, reason: string) => void;
  /** All handlers of the session that were busy have returned. */
  idle(session: Session): void;
  /** Another open connection of the same engine. */
  sibling(session: Session): Session | undefined;
}
