/**
 * Plays the part of an HAProxy up to 3.0 where there is none: what it does with `filter spoe`, `timeout processing`
 * and `option spop-check`, and the lines it logs about each request. Every time in a line of SPOE is measured.
 */
import type { Action } from '../../src/spop/actions.ts';
import { ByteWriter } from '../../src/spop/byte-writer.ts';
import type { Header } from '../../src/spop/headers-bin.ts';
import { KvList, writeShortString } from '../../src/spop/kv-list.ts';
import { writeNotify } from '../../src/spop/notify.ts';
import type { TypedData } from '../../src/spop/typed-data.ts';
import { binaryData, int64Data, stringData } from '../../src/spop/values.ts';
import { formatAccessLine } from './access-line.ts';
import type { Address } from './agent.ts';
import type { Cleanup } from './cleanup.ts';
import type { Ending } from './ending.ts';
import { HealthCheck } from './health-check.ts';
import type { LiveLog } from './live-log.ts';
import type { ClientRequest } from './requests.ts';
import { answerOf, headersOf, type ShopAnswer } from './shop.ts';
import { type EndedEvent, formatSpoeLine, NEVER } from './spoe-line.ts';
import { SpopConnection } from './spop-connection.ts';
import { HELLO_MS, PROCESSING_MS } from './timeouts.ts';

/** docs/STATUS-CODES.md: what HAProxy writes. */
const St = { normal: 0, processingTimeout: 1, noServer: 2, spop: 256 };
/** How soon a refused connection is tried again. */
const RETRY_MS = 100;

/** HAProxy counts in whole milliseconds, and so do these phases: their sum is the whole. */
const clock = () => Math.floor(performance.now());

/** A request on its way through: its stream. */
interface Stream {
  readonly sid: number;
  readonly uniqueId: string;
  readonly request: ClientRequest;
  /** Since 1970. */
  readonly acceptedMs: number;
}

/** Frame-ids of a stream count its messages. */
const FRAMES = { request: 1, answer: 2 } as const;

/** An event that is under way. Moments are those of the clock; phases are NEVER until they have ended. */
interface Event extends Pick<EndedEvent, 'sid' | 'name'> {
  readonly stream: Stream;
  readonly frameId: number;
  readonly beganMs: number;
  reqT: number;
  qT: number;
  wT: number;
  resT: number;
  frame: Uint8Array;
  encodedMs: number;
  sentMs: number;
  timer: NodeJS.Timeout | undefined;
  /** The agent has asked for production's answer. */
  isAnswerWanted: boolean;
}

export interface BuiltInOptions {
  readonly agentAddress: Address;
  /** Between two health checks. */
  readonly checkMs: number;
  readonly log: Pick<LiveLog, 'write'>;
  readonly cleanup: Pick<Cleanup, 'add'>;
  readonly ending: Ending;
}

export class BuiltInHaproxy {
  readonly #agentAddress: Address;
  readonly #log: Pick<LiveLog, 'write'>;
  readonly #ending: Ending;
  readonly #check: HealthCheck;
  #connection: SpopConnection | undefined;
  #isConnecting = false;
  readonly #writer = new ByteWriter();
  /** Events that are not sent yet, and those whose ACK has not come; each by its number. */
  readonly #queue = new Map<number, Event>();
  readonly #waiting = new Map<number, Event>();
  #nextSid = 0;
  #answered = 0;
  #nbError = 0;
  #nbProcessed = 0;

  constructor({ agentAddress, checkMs, log, cleanup, ending }: BuiltInOptions) {
    this.#agentAddress = agentAddress;
    this.#log = log;
    this.#ending = ending;
    this.#check = new HealthCheck(agentAddress, checkMs, cleanup);
    cleanup.add(() => this.#connection?.close());
  }

  /** A request of a client has come. */
  handle(request: ClientRequest): void {
    const sid = this.#nextSid++;
    this.#begin(
      { sid, uniqueId: uniqueId(sid), request, acceptedMs: Date.now() },
      FRAMES.request,
      'on-frontend-http-request',
    );
  }

  #begin(stream: Stream, frameId: number, name: string): void {
    const phases = { reqT: NEVER, qT: NEVER, wT: NEVER, resT: NEVER };
    const later = { frame: Buffer.alloc(0), encodedMs: 0, sentMs: 0, timer: undefined, isAnswerWanted: false };
    const event: Event = { stream, sid: stream.sid, frameId, name, ...phases, ...later, beganMs: clock() };
    if (this.#connection === undefined && !this.#check.isUp) {
      this.#end(event, St.noServer);
      return;
    }
    event.frame = this.#encode(event);
    event.encodedMs = clock();
    event.reqT = event.encodedMs - event.beganMs;
    event.timer = setTimeout(() => this.#end(event, St.processingTimeout), PROCESSING_MS);
    this.#queue.set(numberOf(event), event);
    this.#pump();
  }

  #encode({ stream, frameId }: Event): Uint8Array {
    const { name, args } = frameId === FRAMES.request ? requestMessage(stream) : answerMessage(stream);
    writeNotify(this.#writer, stream.sid, frameId, [{ name, args: KvList.of(args) }]);
    return this.#writer.take();
  }

  #pump(): void {
    const connection = this.#connection;
    if (connection === undefined) {
      void this.#connect();
      return;
    }
    for (const event of this.#queue.values()) {
      connection.send(event.frame);
      event.sentMs = clock();
      event.qT = event.sentMs - event.encodedMs;
      this.#waiting.set(numberOf(event), event);
    }
    this.#queue.clear();
  }

  /** With pipelining, which the agent offers, one connection is enough for all. */
  async #connect(): Promise<void> {
    if (this.#isConnecting) return;
    this.#isConnecting = true;
    while (this.#queue.size > 0 && this.#connection === undefined && !this.#ending.signal.aborted) {
      const hello = { capabilities: ['pipelining', 'async'], engineId: `demo-${process.pid}` };
      await SpopConnection.open(this.#agentAddress, hello, HELLO_MS).then(
        (connection) => this.#connected(connection),
        () => this.#ending.sleep(RETRY_MS).catch(() => {}),
      );
    }
    this.#isConnecting = false;
  }

  #connected(connection: SpopConnection): void {
    this.#connection = connection;
    connection.onAck = (sid, frameId, actions) => this.#acknowledged(numberOf({ sid, frameId }), actions);
    connection.onEnd = (code) => {
      this.#connection = undefined;
      const nowMs = clock();
      for (const event of this.#waiting.values()) {
        event.wT = nowMs - event.sentMs;
        this.#end(event, St.spop + code, nowMs);
      }
    };
    this.#pump();
  }

  #acknowledged(number: number, actions: readonly Action[]): void {
    const event = this.#waiting.get(number);
    if (event === undefined) return; // Too late: it has timed out.
    const nowMs = clock();
    event.wT = nowMs - event.sentMs;
    event.resT = 0; // A mirror's ACK carries one action at most, which is done at once.
    event.isAnswerWanted = actions.some((action) => action.type === 'set-var' && action.name === 'answer');
    this.#end(event, St.normal, nowMs);
  }

  /** The request goes on to production, or its answer to the client; the log has the line of the event. */
  #end(event: Event, st: number, nowMs = clock()): void {
    clearTimeout(event.timer);
    this.#queue.delete(numberOf(event));
    this.#waiting.delete(numberOf(event));
    this.#nbProcessed++;
    if (st !== St.normal) this.#nbError++;
    const applets = this.#connection === undefined && !this.#isConnecting ? 0 : 1;
    const gauges = {
      idles: this.#connection !== undefined && this.#waiting.size === 0 ? 1 : 0,
      applets,
      nbSending: this.#queue.size,
      nbWaiting: this.#waiting.size,
      nbError: this.#nbError,
      nbProcessed: this.#nbProcessed,
    };
    this.#log.write(formatSpoeLine(Date.now(), { ...event, st, pT: nowMs - event.beganMs }, gauges));
    if (event.isAnswerWanted) this.#begin(event.stream, FRAMES.answer, 'on-http-response');
    else this.#finish(event.stream);
  }

  /** The client has production's answer. */
  #finish({ sid, uniqueId, request, acceptedMs }: Stream): void {
    const { status, body } = answerOf(request, false);
    const { method, path } = request;
    const nowMs = Date.now();
    const line = { method, path, status, bytes: body.length, uniqueId, sid, acceptedMs, totalMs: nowMs - acceptedMs };
    this.#log.write(formatAccessLine(nowMs, line));
    this.#answered++;
  }

  /** Resolves when each request has its lines. */
  async settle(): Promise<void> {
    await this.#ending.untilTrue(() => this.#answered === this.#nextSid);
    this.#connection?.disconnect();
  }

  /** There is no production behind this one, only what it would answer. */
  describeClients(): string[] {
    return [];
  }
}

/** In the order of frames. */
function numberOf({ sid, frameId }: Pick<Event, 'sid' | 'frameId'>): number {
  return sid * Object.keys(FRAMES).length + frameId;
}

interface EncodedMessage {
  readonly name: string;
  readonly args: [name: string, value: TypedData][];
}

/** `spoe-message mirror` of docs/agent.md, with arg_uid. */
function requestMessage({ request: { method, path, headers, body }, uniqueId }: Stream): EncodedMessage {
  return {
    name: 'mirror',
    args: [
      ['arg_method', stringData(method)],
      ['arg_path', stringData(path)],
      ['arg_ver', stringData('1.1')],
      ['arg_hdrs', binaryData(encodeHeaders(headers))],
      ['arg_body', binaryData(Buffer.from(body))],
      ['arg_uid', stringData(uniqueId)],
    ],
  };
}

/** `spoe-message answer-body` and `answer-head` of docs/responses.md. */
function answerMessage({ request, uniqueId }: Stream): EncodedMessage {
  const answer = answerOf(request, false);
  const hasBody = isJson(answer) && request.method !== 'HEAD';
  return {
    name: hasBody ? 'answer-body' : 'answer-head',
    args: [
      ['arg_uid', stringData(uniqueId)],
      ['arg_method', stringData(request.method)],
      ['arg_status', int64Data(answer.status)],
      ['arg_hdrs', binaryData(encodeHeaders(headersOf(answer)))],
      ...(hasBody ? [['arg_body', binaryData(Buffer.from(answer.body))] as [string, TypedData]] : []),
      ['arg_body_size', int64Data(Buffer.byteLength(answer.body))],
    ],
  };
}

function isJson({ type }: ShopAnswer): boolean {
  return type.includes('json');
}

/** `req.hdrs_bin`: names and values in turn, two empty ones at the end. */
function encodeHeaders(headers: readonly Header[]): Uint8Array {
  const writer = new ByteWriter();
  for (const text of [...headers.flat(), '', '']) writeShortString(writer, text);
  return writer.take();
}

/** `%{+X}o %Ts_%rt:%pid` */
function uniqueId(sid: number): string {
  return `${toHex(Date.now() / 1000)}_${toHex(sid).padStart(4, '0')}:${toHex(process.pid).padStart(4, '0')}`;
}

function toHex(value: number): string {
  return Math.floor(value).toString(16).toUpperCase();
}
