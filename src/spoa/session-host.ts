import type { Socket } from 'node:net';
import type { ByteReader } from '../spop/byte-reader.ts';
import type { ByteWriter } from '../spop/byte-writer.ts';
import type { Offer } from '../spop/negotiation.ts';
import type { AgentStats } from './counters.ts';
import type { Dispatcher } from './handlers.ts';
import type { AgentLimits } from './limits.ts';
import type { Session } from './session.ts';

/** Where the bytes of a session go. */
export interface Transport {
  /** Bytes the peer has not taken yet. */
  readonly unread: number;
  /** A TLS handshake is not done yet, so nothing can be said. Who bounds it is not the session. */
  readonly isSecuring: boolean;
  write(bytes: Buffer): void;
  /** Closes after what was written; what still comes is read. During a handshake it is at once. */
  end(): void;
  destroy(): void;
  pause(): void;
  resume(): void;
  /** As `pause`, for whoever decides who is read when: nothing is read before both allow it. */
  hold(): void;
  release(): void;
}

/** Makes connections TLS before their sessions hear anything. */
export interface Handshaking {
  /** How many came to nothing, by reason. */
  readonly failures: { readonly [reason: string]: number };
  /**
   * @param opened gets what stands for the connection when the handshake is done
   * @returns gives it up, which is no failure
   */
  add(raw: Socket, peer: string, nowMs: number, opened: (socket: Socket) => void): () => void;
  /** Ends those that are here for so long. To be called now and then. */
  sweep(nowMs: number, timeoutMs: number): void;
}

/** Whoever wants to see the frames of all sessions. */
export interface FrameTrace {
  /** A number for a connection that has come. */
  nextConnection(): number;
  /** `frame` stands at its type, and is where it was afterwards. */
  received(connection: number, frame: ByteReader): void;
  /** `bytes` are whole frames. */
  sent(connection: number, bytes: Buffer): void;
}

/** What all sessions of an agent share. */
export interface SessionHost {
  readonly offer: Offer;
  readonly limits: AgentLimits;
  readonly stats: AgentStats;
  readonly dispatcher: Dispatcher;
  /** Of --trace-frames. */
  readonly trace?: FrameTrace | undefined;
  /** Milliseconds that never go back. */
  readonly clock: () => number;
  borrowWriter(): ByteWriter;
  returnWriter(writer: ByteWriter): void;
  /** HELLO is through: ACKs of other connections of its engine may go over this one. */
  joined(session: Session): void;
  /** It was told to end, or ends by itself. */
  leaves(session: Session): void;
  readonly onHello: (sizes: { readonly theirs: number; readonly agreed: number }) => void;
  readonly onDisconnect: (by: 'agent' | 'haproxy', statusCode: number, reason: string) => void;
  /** Its last handler that was busy has returned. */
  settled(session: Session): void;
  /** Another open connection of the same engine. */
  sibling(session: Session): Session | undefined;
}
