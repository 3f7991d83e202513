/**
 * Plays the part of an HAProxy up to 3.0 where there is none: what it does with `filter spoe`, `timeout processing`
 * and `option spop-check`, and the log line it writes about each request. Every time in a line is measured.
 */
import { HealthCheck } from './health-check.mjs';
import { formatSpoeLine, NEVER } from './spoe-line.mjs';
import { ByteWriter, binaryData, KvList, stringData, writeNotify, writeShortString } from './spop-codec.mjs';
import { SpopConnection } from './spop-connection.mjs';
import { HELLO_MS, PROCESSING_MS } from './timeouts.mjs';

/** docs/STATUS-CODES.md: what HAProxy writes. */
const St = { normal: 0, processingTimeout: 1, noServer: 2, spop: 256 };
/** How soon a refused connection is tried again. */
const RETRY_MS = 100;

/** HAProxy counts in whole milliseconds, and so do these phases: their sum is the whole. */
const clock = () => Math.floor(performance.now());

export class BuiltInHaproxy {
  #agentAddress;
  #log;
  #ending;
  #check;
  #connection;
  #isConnecting = false;
  #writer = new ByteWriter();
  /** Events that are not sent yet, and those whose ACK has not come; each by its sid. */
  #queue = new Map();
  #waiting = new Map();
  #nextSid = 0;
  #nbError = 0;
  #nbProcessed = 0;

  constructor({ agentAddress, checkMs, log, cleanup, ending }) {
    this.#agentAddress = agentAddress;
    this.#log = log;
    this.#ending = ending;
    this.#check = new HealthCheck(agentAddress, checkMs, cleanup);
    cleanup.add(() => this.#connection?.close());
  }

  /** A request of a client has come. */
  handle(request) {
    const event = { sid: this.#nextSid++, reqT: NEVER, qT: NEVER, wT: NEVER, resT: NEVER, beganMs: clock() };
    if (this.#connection === undefined && !this.#check.isUp) {
      this.#end(event, St.noServer);
      return;
    }
    event.frame = this.#encode(event.sid, request);
    event.encodedMs = clock();
    event.reqT = event.encodedMs - event.beganMs;
    event.timer = setTimeout(() => this.#end(event, St.processingTimeout), PROCESSING_MS);
    this.#queue.set(event.sid, event);
    this.#pump();
  }

  /** `spoe-message mirror` of docs/agent.md, with arg_uid. */
  #encode(sid, { method, path, headers, body }) {
    const args = KvList.of([
      ['arg_method', stringData(method)],
      ['arg_path', stringData(path)],
      ['arg_ver', stringData('1.1')],
      ['arg_hdrs', binaryData(encodeHeaders(headers))],
      ['arg_body', binaryData(Buffer.from(body))],
      ['arg_uid', stringData(uniqueId(sid))],
    ]);
    writeNotify(this.#writer, sid, 1, [{ name: 'mirror', args }]);
    return this.#writer.take();
  }

  #pump() {
    if (this.#connection === undefined) {
      void this.#connect();
      return;
    }
    for (const event of this.#queue.values()) {
      this.#connection.send(event.frame);
      event.sentMs = clock();
      event.qT = event.sentMs - event.encodedMs;
      this.#waiting.set(event.sid, event);
    }
    this.#queue.clear();
  }

  /** With pipelining, which the agent offers, one connection is enough for all. */
  async #connect() {
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

  #connected(connection) {
    this.#connection = connection;
    connection.onAck = (sid) => this.#acknowledged(sid);
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

  #acknowledged(sid) {
    const event = this.#waiting.get(sid);
    if (event === undefined) return; // Too late: it has timed out.
    const nowMs = clock();
    event.wT = nowMs - event.sentMs;
    event.resT = 0; // A mirror's ACK carries no actions to take.
    this.#end(event, St.normal, nowMs);
  }

  /** The request goes on to production; the log has its line. */
  #end(event, st, nowMs = clock()) {
    clearTimeout(event.timer);
    this.#queue.delete(event.sid);
    this.#waiting.delete(event.sid);
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
  }

  /** Resolves when each request has its line. */
  async settle() {
    await this.#ending.untilTrue(() => this.#nbProcessed === this.#nextSid);
    this.#connection?.disconnect();
  }

  /** There is no production behind this one. */
  describeClients() {
    return [];
  }
}

/** `req.hdrs_bin`: names and values in turn, two empty ones at the end. */
function encodeHeaders(headers) {
  const writer = new ByteWriter();
  for (const text of [...headers.flat(), '', '']) writeShortString(writer, text);
  return writer.take();
}

/** `%{+X}o %Ts_%rt:%pid` */
function uniqueId(sid) {
  const [seconds, number, pid] = [Date.now() / 1000, sid, process.pid].map(toHex);
  return `${seconds}_${number.padStart(4, '0')}:${pid.padStart(4, '0')}`;
}

function toHex(value) {
  return Math.floor(value).toString(16).toUpperCase();
}
