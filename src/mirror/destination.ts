import { isUtf8 } from 'node:buffer';
import { cutText } from '../text/cut.ts';
import { AnswerCapture, type CapturedAnswer, type Captures } from './answer-capture.ts';
import { Gathering } from './gathering.ts';
import { Http1Client } from './http1-client.ts';
import { Http2Client } from './http2-client.ts';
import { Job, type MirrorClient, type Work } from './job.ts';
import type { Settings } from './options.ts';
import { JobQueue } from './queue.ts';
import { formatTime, type MirrorRecord, type OutcomeCode, recordArguments } from './record.ts';
import type { MessageContext, MirroredRequest } from './request.ts';
import { joinPrefix } from './request-target.ts';
import { countAnswer, countError, type DestinationStats, emptyCounts } from './statistics.ts';
import type { Target } from './target.ts';
import { TEXT_BOUNDS } from './text-bounds.ts';
import { TlsBackoff, type TlsProblem } from './tls-backoff.ts';
import type { MessageTrace } from './tracing.ts';

/** Must not throw. `answer` is there when answers are kept and one came. */
export type OnOutcome = (record: MirrorRecord, answer?: CapturedAnswer) => void;

/** One mirror: its queue, its client, its counters. Every request given to it ends as exactly one outcome. */
export class Destination implements Work {
  readonly #target: Target;
  /** The destination's name in records and metrics. */
  readonly #name: string;
  readonly #settings: Settings;
  readonly #onOutcome: OnOutcome;
  readonly #captures: Captures | undefined;
  readonly #onMisbehaved: (destination: string) => void;
  readonly #queue = new JobQueue();
  readonly #client: MirrorClient;
  readonly #counts = emptyCounts();
  readonly #tickMs: number;
  #maxQueueRequests: number;
  #maxQueueBytes: number;
  #bytes = 0;
  #inFlight = 0;
  readonly #gathering: Gathering;
  #ticker: NodeJS.Timeout | undefined;
  #closed = false;
  #onDrained: (() => void) | undefined;

  constructor(
    target: Target,
    settings: Settings,
    onOutcome: OnOutcome,
    captures: Captures | undefined,
    onMisbehaved: (destination: string) => void,
    onTlsProblem: (destination: string, problem: TlsProblem) => void,
  ) {
    this.#target = { ...target, tlsBackoff: new TlsBackoff((problem) => onTlsProblem(this.#name, problem)) };
    this.#name = target.origin + target.prefix;
    this.#settings = settings;
    this.#onOutcome = onOutcome;
    this.#captures = captures;
    this.#onMisbehaved = onMisbehaved;
    this.#client =
      target.secure && settings.http2
        ? new Http2Client(this.#target, settings, this)
        : new Http1Client(this.#target, settings, this);
    this.#tickMs = tickOf(settings);
    this.#maxQueueRequests = settings.maxQueueRequests;
    this.#maxQueueBytes = settings.maxQueueBytes;
    this.#gathering = new Gathering(settings.gatherMs, () => this.#client.pump());
  }

  /** @returns whether the request waits now: it was neither rejected nor dropped */
  accept(
    message: string,
    context: MessageContext,
    request: MirroredRequest,
    rejection: OutcomeCode | undefined,
    trace: MessageTrace | undefined,
  ): boolean {
    const nowMs = performance.now();
    const job = new Job(message, context, request, nowMs, trace?.at(this.#target, nowMs));
    const refusal = rejection ?? (this.#closed ? 'shutdown' : this.#makeRoom(job) ? undefined : 'dropped-queue-full');
    if (refusal !== undefined) {
      this.#finish(job, null, refusal, job.queuedMs);
      return false;
    }
    this.#bytes += job.bytes;
    this.#queue.push(job);
    this.#gathering.add(this.#queue.length, job.queuedMs);
    this.#ticker ??= setInterval(() => this.#tick(), this.#tickMs);
    return true;
  }

  #makeRoom(job: Job): boolean {
    const { dropPolicy } = this.#settings;
    const maxQueueRequests = this.#maxQueueRequests;
    const maxQueueBytes = this.#maxQueueBytes;
    // Nothing can make room for more than there is.
    if (job.bytes > maxQueueBytes) return false;
    while (this.#queue.length >= maxQueueRequests || this.#bytes + job.bytes > maxQueueBytes) {
      // A request that is on its way cannot be taken back.
      const victim = this.#queue.giveUp(dropPolicy, job, maxQueueRequests, maxQueueBytes);
      if (victim === undefined) return false;
      this.#bytes -= victim.bytes;
      this.#finish(victim, null, 'dropped-queue-full', job.queuedMs);
    }
    return true;
  }

  /** Has other bounds of its queue from now on, where they are given. */
  resize(maxQueueRequests: number | undefined, maxQueueBytes: number | undefined): void {
    this.#maxQueueRequests = maxQueueRequests ?? this.#maxQueueRequests;
    this.#maxQueueBytes = maxQueueBytes ?? this.#maxQueueBytes;
  }

  get waiting(): number {
    return this.#gathering.isOver ? this.#queue.length : 0;
  }

  peek(): Job | undefined {
    return this.#gathering.isOver ? this.#queue.peek() : undefined;
  }

  take(): Job | undefined {
    const job = this.#queue.shift();
    if (job === undefined) return undefined;
    this.#inFlight++;
    // Without an id it could not be found again beside production's.
    if (this.#captures !== undefined && job.request.hasWholeId)
      job.answer = new AnswerCapture(this.#captures, job.request.method);
    return job;
  }

  answered(job: Job, status: number, nowMs: number): void {
    this.#leave(job);
    this.#finish(job, status, null, nowMs, job.answer?.finish());
  }

  failed(job: Job, code: OutcomeCode, nowMs: number): void {
    this.#leave(job);
    job.answer?.release();
    this.#finish(job, null, code, nowMs);
  }

  misbehaved(): void {
    this.#onMisbehaved(this.#name);
  }

  resent(): void {
    this.#counts.resent++;
  }

  #leave(job: Job): void {
    this.#inFlight--;
    this.#bytes -= job.bytes;
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#client.tick(nowMs);
    this.#expire(nowMs);
    this.#client.pump();
    if (this.#queue.length === 0 && this.#inFlight === 0 && this.#client.connections === 0) this.#stopTicking();
  }

  #expire(nowMs: number): void {
    const bornMs = nowMs - this.#settings.totalTimeoutMs;
    for (let job = this.#queue.shiftOlder(bornMs); job !== undefined; job = this.#queue.shiftOlder(bornMs)) {
      this.#bytes -= job.bytes;
      this.#finish(job, null, 'queue-timeout', nowMs);
    }
  }

  #stopTicking(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  #finish(
    job: Job,
    status: number | null,
    error: OutcomeCode | null,
    nowMs: number,
    answer?: CapturedAnswer | undefined,
  ): void {
    const { request } = job;
    const latencyMs = job.attempts === 0 ? null : rounded(nowMs - job.sentMs);
    if (error !== null) countError(this.#counts, error);
    else countAnswer(this.#counts, status as number, latencyMs as number);
    if (job.attempts > 0) this.#counts.requestBytes += request.body?.length ?? 0;
    this.#counts.responseBytes += job.responseBytes;
    this.#onOutcome(this.#record(job, status, error, latencyMs), answer);
    const { attempts, responseBytes } = job;
    job.trace?.ended({ status, error, attempts, responseBytes, nowMs });
    if (this.#inFlight === 0 && this.#queue.length === 0) this.#onDrained?.();
  }

  #record(job: Job, status: number | null, error: OutcomeCode | null, latencyMs: number | null): MirrorRecord {
    const { context, request } = job;
    const { uniqueId, sid, pid, others, traceparent } = request;
    return {
      ts: formatTime(context.receivedMs),
      message: job.message,
      ...(context.engineId !== undefined && { engine_id: context.engineId }),
      stream_id: context.streamId,
      frame_id: context.frameId,
      ...(uniqueId !== undefined && { unique_id: uniqueId }),
      ...(sid !== undefined && { sid }),
      ...(pid !== undefined && { pid }),
      ...(others !== undefined && { args: recordArguments(others) }),
      ...(traceparent !== undefined && { traceparent, trace_id: traceparent.slice(3, 35) }),
      method: cutText(request.method, TEXT_BOUNDS.method),
      path: cutText(this.#pathOf(request), TEXT_BOUNDS.path),
      ...(this.#settings.targets.length > 1 && { destination: this.#name }),
      status,
      ttfb_ms: job.firstByteMs === 0 ? null : rounded(job.firstByteMs - job.sentMs),
      latency_ms: latencyMs,
      request_bytes: request.body?.length ?? 0,
      response_bytes: job.responseBytes,
      truncated: request.truncated,
      attempts: job.attempts,
      error,
    };
  }

  #pathOf({ rejection, shownPath }: MirroredRequest): string {
    return readable(isUnusable(rejection) ? shownPath : joinPrefix(this.#target.prefix, shownPath));
  }

  stats(): DestinationStats {
    return {
      destination: this.#name,
      queued: this.#queue.length,
      queuedBytes: this.#bytes,
      inFlight: this.#inFlight,
      connections: this.#client.connections,
      ...structuredClone(this.#counts),
    };
  }

  /** Accepts no more requests. What waits has `graceMs` to finish, the rest fails with 'shutdown'. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    if (this.#inFlight > 0 || this.#queue.length > 0) await this.#drained(graceMs);
    this.#gathering.stop();
    const nowMs = performance.now();
    while (this.#queue.length > 0) this.failed(this.take() as Job, 'shutdown', nowMs);
    this.#client.destroy('shutdown');
    this.#stopTicking();
  }

  #drained(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#onDrained = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** The interval of the one timer for all limits: they are kept to an eighth of the shortest one. */
function tickOf({ connectTimeoutMs, headersTimeoutMs, totalTimeoutMs, idleTimeoutMs }: Settings): number {
  const shortest = Math.min(connectTimeoutMs, headersTimeoutMs, totalTimeoutMs, idleTimeoutMs);
  return Math.min(100, Math.max(5, shortest / 8));
}

/** Whether the path is the client's own text, whatever it is: such a request was rejected for it. */
function isUnusable(rejection: OutcomeCode | undefined): boolean {
  return rejection === 'invalid-path' || rejection === 'invalid-method';
}

/** The path for people: on the wire a byte is a character, here it is UTF-8 where it can be. */
function readable(path: string): string {
  if (/^[\x20-\x7e]*$/.test(path)) return path;
  const bytes = Buffer.from(path, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : path;
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
