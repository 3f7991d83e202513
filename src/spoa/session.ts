/**
 * One connection of HAProxy: HELLO, then NOTIFY and ACK, then DISCONNECT. It knows no socket: bytes come in through
 * `receive`, and go out through its transport.
 *
 *     greeting ──HELLO──▶ open ──▶ closing (DISCONNECT is written, nothing is read) ──▶ closed
 *                                     after a goodbye: what the peer sent before it read that is still taken
 */
import { writeAck, writeAckAbort } from '../spop/ack.ts';
import type { Action } from '../spop/actions.ts';
import type { ByteReader } from '../spop/byte-reader.ts';
import type { ByteWriter } from '../spop/byte-writer.ts';
import { readHaproxyDisconnect, writeAgentDisconnect } from '../spop/disconnect.ts';
import { invalidFrame, SpopError, SpopStatus } from '../spop/errors.ts';
import { FrameType, MIN_FRAME_BYTES, readFrameHeader } from '../spop/frame-header.ts';
import { FrameReader } from '../spop/frame-reader.ts';
import { readHaproxyHello, writeAgentHello } from '../spop/hello.ts';
import { type Agreement, negotiate } from '../spop/negotiation.ts';
import { readNotify } from '../spop/notify.ts';
import { countCode } from './counters.ts';
import type { NotifyContext } from './handlers.ts';
import { HELLO_FRAME_BYTES } from './limits.ts';
import { Payloads, REFUSED } from './payloads.ts';
import { LOCAL_PEER } from './peers.ts';
import type { SessionHost, SessionTransport } from './session-host.ts';

/** What another process needs to go on with a connection. It is sent as JSON. */
export interface OpenSession {
  readonly agreement: Agreement;
  /** The bytes of a frame that has begun, in base64. */
  readonly begun: string;
}

type State = 'greeting' | 'open' | 'closing' | 'closed';

/** Keeps an AGENT-DISCONNECT within the 256 bytes that fit every max-frame-size. */
const MAX_REASON = 180;

export class Session {
  /** The peer of the connection, as in `NotifyContext`. */
  readonly peer: string;
  readonly #host: SessionHost<Session>;
  readonly #transport: SessionTransport;
  readonly #reader: FrameReader;
  #state: State = 'greeting';
  #agreement: Agreement | undefined;
  readonly #payloads: Payloads;
  /** The number of the connection in --trace-frames. */
  readonly #number: number;
  #writer: ByteWriter | undefined;
  #receiving = false;
  /** When the chunk came: epoch ms, and by the monotonic clock. */
  #receivedMs = 0;
  #now = 0;
  /** Messages whose handlers have not returned: one NOTIFY can have as many as hundreds of others. */
  #inFlight = 0;
  #paused = false;
  /** The goodbye is out, and what the peer sends until it has read that still counts. */
  #parting = false;
  /** When the last complete frame or ACK was; in state closing, when closing began. */
  #activeAt: number;
  /** Since when the peer has left ACKs unread. */
  #stalledAt: number | undefined;

  constructor(host: SessionHost<Session>, transport: SessionTransport, peer: string = LOCAL_PEER) {
    this.peer = peer;
    this.#host = host;
    this.#transport = transport;
    this.#payloads = new Payloads(host.stats);
    this.#number = host.trace?.nextConnection() ?? 0;
    this.#activeAt = host.clock();
    const helloBytes = Math.min(host.offer.maxFrameSize, HELLO_FRAME_BYTES);
    this.#reader = new FrameReader(helloBytes, (frame) => this.#onFrame(frame));
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** True while a time limit runs that is not that of an idle connection. */
  get isTimed(): boolean {
    return this.#state !== 'open' || this.#stalledAt !== undefined;
  }

  get engineId(): string | undefined {
    return this.#agreement?.engineId;
  }

  get isAsync(): boolean {
    return this.#agreement?.async === true;
  }

  /** Milliseconds of the clock: when the last complete frame or ACK was, or it began. */
  get activeAt(): number {
    return this.#activeAt;
  }

  /** Messages whose handlers have not returned. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Takes what came from the socket; everything it answers goes out in one write. Never throws.
   * @param isOver asked after each frame, whether the rest has to wait
   * @returns bytes that were read
   */
  receive(chunk: Buffer, isOver?: () => boolean): number {
    if ((this.#state === 'closing' && !this.#parting) || this.#state === 'closed') return chunk.length;
    let length = chunk.length;
    this.#receivedMs = Date.now();
    this.#now = this.#host.clock();
    this.#receiving = true;
    try {
      length = this.#reader.push(chunk, isOver);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#receiving = false;
      this.#flush();
    }
    this.#host.stats.bytesRead += length;
    this.#throttle();
    return length;
  }

  /**
   * Ends the session here, so that another process goes on with its connection. Only where nothing waits here for the peer
   * or for a handler; undefined where something does, and the session goes on.
   */
  giveAway(): OpenSession | undefined {
    const agreement = this.#agreement;
    if (this.#state !== 'open' || agreement === undefined || this.#receiving || this.#paused) return undefined;
    if (this.#inFlight > 0 || this.#writer !== undefined || this.#transport.unread > 0) return undefined;
    if (!this.#payloads.isEmpty) return undefined;
    this.#state = 'closed';
    return { agreement, begun: this.#reader.begun.toString('base64') };
  }

  /** Goes on with a connection of another process: instead of a HELLO, and before anything else. */
  goOn({ agreement, begun }: OpenSession): void {
    this.#agree(agreement);
    this.receive(Buffer.from(begun, 'base64'));
  }

  /** The peer has taken all that was written. */
  drained(): void {
    this.#stalledAt = undefined;
    this.#throttle();
  }

  /** The peer sends no more. */
  ended(): void {
    if (this.#state === 'greeting' || this.#state === 'open') {
      if (this.#reader.isPartial) this.#host.stats.cut++;
      this.#close();
    }
  }

  /** The socket is gone. */
  closed(): void {
    if (this.#state === 'closed') return;
    this.ended();
    this.#state = 'closed';
    this.#payloads.clear();
    this.#dropWriter();
  }

  /**
   * The agent stops. NOTIFY frames may be on their way already, and HAProxy sends none of them again: they are handed
   * out, though no connection is left for their ACKs.
   */
  goodbye(): void {
    if (this.#state === 'open') this.#parting = true;
    this.disconnect(SpopStatus.normal, 'the agent stops');
  }

  /** Another connection needs its place. What HAProxy sends until it has read that is taken, as at a goodbye. */
  giveWay(reason: string): void {
    if (this.#state === 'open') this.#parting = true;
    this.disconnect(SpopStatus.resourceAllocation, reason);
  }

  /** Closes at once, whatever is left to be written. */
  cutOff(): void {
    this.#transport.destroy();
  }

  /** Says why, then closes. */
  disconnect(code: number, reason: string): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    if (this.#transport.isSecuring) {
      this.#close();
      return;
    }
    countCode(this.#host.stats.disconnects, code);
    const message = reason.slice(0, MAX_REASON);
    if (code !== SpopStatus.normal) this.#host.onDisconnect('agent', code, message);
    writeAgentDisconnect(this.#open(), { statusCode: code, message });
    this.#close();
  }

  /** Applies the timeouts; the agent calls it now and then for every session. */
  sweep(now: number): void {
    const { limits, stats } = this.#host;
    const waited = now - this.#activeAt;
    if (this.#state === 'closing' || this.#state === 'closed') {
      if (waited >= limits.lingerMs) this.#transport.destroy();
    } else if (this.#stalledAt !== undefined && now - this.#stalledAt >= limits.stallTimeoutMs) {
      this.#abandon();
    } else if (this.#state === 'greeting') {
      if (waited < limits.helloTimeoutMs || this.#transport.isSecuring) return;
      stats.helloTimeouts++;
      this.disconnect(SpopStatus.timeout, `no HAPROXY-HELLO within ${limits.helloTimeoutMs} ms`);
    } else if (limits.idleTimeoutMs > 0 && waited >= limits.idleTimeoutMs) {
      stats.idleTimeouts++;
      this.disconnect(SpopStatus.timeout, `no complete frame within ${limits.idleTimeoutMs} ms`);
    }
  }

  #onFrame(frame: ByteReader): void {
    const type = frame.bytes[frame.position] as number;
    this.#host.trace?.received(this.#number, frame);
    if (this.#state === 'closing') {
      this.#onLateFrame(type, frame);
      return;
    }
    this.#activeAt = this.#now;
    if (this.#state === 'greeting') {
      if (type === FrameType.haproxyHello) this.#hello(frame);
      else if (type === FrameType.haproxyDisconnect) this.#haproxyDisconnect(frame);
      else throw invalidFrame(`the first frame is of type ${type}, not HAPROXY-HELLO`);
      return;
    }
    switch (type) {
      case FrameType.notify:
      case FrameType.unset:
        this.#notify(frame);
        return;
      case FrameType.haproxyDisconnect:
        this.#haproxyDisconnect(frame);
        return;
      case FrameType.haproxyHello:
        throw invalidFrame('a second HAPROXY-HELLO');
      case FrameType.agentHello:
      case FrameType.agentDisconnect:
      case FrameType.ack:
        throw invalidFrame(`frame type ${type} is for agents to send`);
      default:
        // Section 3.2.2: frames of an unknown type are skipped.
        this.#host.stats.framesSkipped++;
    }
  }

  /** A peer that goes on and on does not keep the connection: it still ends after `lingerMs`. */
  #onLateFrame(type: number, frame: ByteReader): void {
    if (type === FrameType.haproxyDisconnect) this.#reader.stop();
    else if (type !== FrameType.notify && type !== FrameType.unset) this.#host.stats.framesSkipped++;
    else if (this.#inFlight < this.#host.limits.maxInFlight) this.#notify(frame);
  }

  #hello(frame: ByteReader): void {
    const { offer, stats } = this.#host;
    const hello = readHaproxyHello(readFrameHeader(frame), frame);
    const agreement = negotiate(hello, offer);
    const writer = this.#open();
    writeAgentHello(writer, agreement.hello);
    if (agreement.healthcheck) {
      stats.healthchecks++;
      this.#close();
      return;
    }
    stats.hellos++;
    writer.maxFrameSize = agreement.maxFrameSize;
    this.#agree(agreement);
    this.#host.onHello({ theirs: hello.maxFrameSize, agreed: agreement.maxFrameSize });
  }

  #agree(agreement: Agreement): void {
    this.#agreement = agreement;
    this.#state = 'open';
    this.#reader.maxFrameSize = agreement.maxFrameSize;
    if (agreement.fragmentation) this.#payloads.support(this.#host.limits);
    this.#host.joined(this);
  }

  #haproxyDisconnect(frame: ByteReader): void {
    const { statusCode, message } = readHaproxyDisconnect(readFrameHeader(frame), frame);
    countCode(this.#host.stats.haproxyDisconnects, statusCode);
    if (statusCode !== SpopStatus.normal) this.#host.onDisconnect('haproxy', statusCode, message);
    this.disconnect(SpopStatus.normal, 'normal');
  }

  #notify(frame: ByteReader): void {
    const header = readFrameHeader(frame);
    const payload = this.#payloads.accept(header, frame);
    if (payload === REFUSED && this.isOpen) writeAckAbort(this.#open(), header.streamId, header.frameId);
    if (payload === undefined || payload === REFUSED) return;
    const messages = readNotify(payload);
    this.#host.stats.notifies++;
    const { streamId, frameId } = header;
    const context = { streamId, frameId, engineId: this.engineId, peer: this.peer, receivedMs: this.#receivedMs };
    const actions = this.#host.dispatcher.dispatch(messages, context);
    if (!(actions instanceof Promise)) {
      this.#ack(context, actions);
      return;
    }
    const count = messages.length;
    this.#inFlight += count;
    this.#host.stats.inFlight++;
    actions.then((found) => this.#answered(context, found, count));
  }

  /** A handler with a promise is done; by now the connection may be gone. */
  #answered(context: NotifyContext, actions: readonly Action[], count: number): void {
    this.#inFlight -= count;
    const { stats } = this.#host;
    stats.inFlight--;
    const session = this.#state === 'open' ? this : this.isAsync ? this.#host.sibling(this) : undefined;
    if (session === undefined) {
      stats.acksLost++;
      return;
    }
    session.#ack(context, actions);
    this.#throttle();
    if (this.#inFlight === 0) this.#host.idle(this);
  }

  #ack(context: NotifyContext, actions: readonly Action[]): void {
    // A handler may have closed the agent meanwhile, or the frame came after the goodbye.
    if (this.#state !== 'open') {
      this.#host.stats.acksLost++;
      return;
    }
    const writer = this.#open();
    try {
      writeAck(writer, context.streamId, context.frameId, actions);
    } catch (error) {
      this.#host.dispatcher.fail(error, context);
      writeAck(writer, context.streamId, context.frameId);
    }
    this.#host.stats.acks++;
    if (writer.pending > this.#host.limits.pauseBytes) this.#flushPart(writer);
  }

  /** ACKs of one chunk go out together unless they grow beyond any reason. */
  #flushPart(writer: ByteWriter): void {
    this.#send(writer);
    if (this.#transport.unread > this.#host.limits.maxUnreadBytes) this.#abandon();
  }

  #fail(error: unknown): void {
    if (error instanceof SpopError) {
      this.disconnect(error.code, error.message);
    } else {
      this.#host.dispatcher.report(error, undefined);
      this.disconnect(SpopStatus.unknownError, 'an internal error of the agent');
    }
  }

  /** The writer of this turn. Outside of `receive` its bytes go out when the turn is over. */
  #open(): ByteWriter {
    if (this.#writer !== undefined) return this.#writer;
    const writer = this.#host.borrowWriter();
    writer.maxFrameSize = this.#agreement?.maxFrameSize ?? HELLO_FRAME_BYTES;
    this.#writer = writer;
    if (!this.#receiving) queueMicrotask(() => this.#flush());
    return writer;
  }

  #flush(): void {
    if (this.#receiving) return;
    const writer = this.#writer;
    if (writer === undefined) return;
    this.#writer = undefined;
    this.#send(writer);
    this.#host.returnWriter(writer);
    if (this.#state === 'closing') this.#transport.end();
    else if (this.#transport.unread > this.#host.limits.maxUnreadBytes) this.#abandon();
  }

  #send(writer: ByteWriter): void {
    const { pending } = writer;
    if (pending < MIN_FRAME_BYTES) return;
    // Many connections share a writer's memory: a few bytes that a peer leaves unread must not keep all of it.
    const bytes = this.#transport.unread > 0 ? writer.takeCopy() : writer.take();
    if (this.#state === 'closed') return;
    this.#host.trace?.sent(this.#number, bytes);
    this.#activeAt = this.#host.clock();
    this.#host.stats.bytesWritten += pending;
    this.#transport.write(bytes);
  }

  #dropWriter(): void {
    const writer = this.#writer;
    if (writer === undefined || this.#receiving) return;
    this.#writer = undefined;
    writer.take();
    this.#host.returnWriter(writer);
  }

  /** Reads no more while the peer does not read, or while too many handlers are busy. */
  #throttle(): void {
    if (this.#state !== 'open') return;
    const { limits } = this.#host;
    const unread = this.#transport.unread > limits.pauseBytes;
    if (unread) this.#stalledAt ??= this.#host.clock();
    const wanted = unread || this.#inFlight >= limits.maxInFlight;
    if (wanted === this.#paused) return;
    this.#paused = wanted;
    if (wanted) this.#transport.pause();
    else this.#transport.resume();
  }

  /** The peer does not read, so there is no use in telling it anything. */
  #abandon(): void {
    if (this.#state === 'closed') return;
    this.#host.stats.stalled++;
    this.#close();
    this.#state = 'closed';
    this.#transport.destroy();
  }

  #close(): void {
    this.#state = 'closing';
    this.#activeAt = this.#host.clock();
    this.#host.leaves(this);
    if (!this.#parting) {
      this.#reader.stop();
      this.#payloads.clear();
    }
    // A paused peer could not be seen closing.
    if (this.#paused) this.#transport.resume();
    this.#paused = false;
    if (this.#writer === undefined) this.#transport.end();
  }
}
