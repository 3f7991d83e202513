import type { AnswerCapture } from './answer-capture.ts';
import type { OutcomeCode } from './record.ts';
import type { MessageContext, MirroredRequest } from './request.ts';
import type { RequestTrace } from './tracing.ts';

/** One request on its way to one destination. Times are of the monotonic clock. */
export class Job {
  readonly message: string;
  readonly context: MessageContext;
  readonly request: MirroredRequest;
  /** Bytes that it holds in memory, approximately. */
  readonly bytes: number;
  readonly queuedMs: number;
  readonly trace: RequestTrace | undefined;
  sentMs = 0;
  firstByteMs = 0;
  attempts = 0;
  responseBytes = 0;
  /** What keeps the answer, from when it is sent; undefined where nobody asks for it. */
  answer: AnswerCapture | undefined;

  constructor(
    message: string,
    context: MessageContext,
    request: MirroredRequest,
    queuedMs: number,
    trace?: RequestTrace | undefined,
  ) {
    this.message = message;
    this.context = context;
    this.request = request;
    this.bytes = OVERHEAD_BYTES + message.length + sizeOf(request);
    this.queuedMs = queuedMs;
    this.trace = trace;
  }

  /** True when it is safe to send twice and to send behind another one: RFC 9110, section 9.2.2. */
  get repeatable(): boolean {
    const { method, body } = this.request;
    return body === undefined && (method === 'GET' || method === 'HEAD' || method === 'OPTIONS');
  }
}

/** The objects of a request and its record, roughly, and those of an argument that is only for the record. */
const OVERHEAD_BYTES = 1024;
const ARGUMENT_BYTES = 128;

/** The bytes of all its texts: a peer may make any of them as long as a frame. */
function sizeOf({ method, path, shownPath, headers, host, uniqueId, body, others }: MirroredRequest): number {
  let bytes = method.length + path.length + headers.length + (body?.length ?? 0);
  if (shownPath !== path) bytes += shownPath.length;
  bytes += (host?.length ?? 0) + (uniqueId?.length ?? 0);
  if (others === undefined) return bytes;
  for (const [name, value] of others) {
    bytes += ARGUMENT_BYTES + name.length + (typeof value === 'string' ? value.length : 0);
  }
  return bytes;
}

/** What a client works on: the queue of its destination, and where outcomes go. */
export interface Work {
  /** The number of jobs that wait. */
  readonly waiting: number;
  peek(): Job | undefined;
  take(): Job | undefined;
  answered(job: Job, status: number, nowMs: number): void;
  failed(job: Job, code: OutcomeCode, nowMs: number): void;
  /** Called when the mirror sent what is not HTTP, or an answer to no request: requests go one at a time from now on. */
  misbehaved(): void;
  /** Called when a request goes out a second time. */
  resent(): void;
}

/** Fails all jobs of the list and empties it. */
export function failAll(jobs: Job[], work: Work, code: OutcomeCode, nowMs: number): void {
  for (const job of jobs.splice(0)) work.failed(job, code, nowMs);
}

/** Fails all jobs that wait. */
export function failWaiting(work: Work, code: OutcomeCode, nowMs: number): void {
  for (let job = work.take(); job !== undefined; job = work.take()) work.failed(job, code, nowMs);
}

/** Sends requests to one destination. It takes from its Work whenever it can send more. */
export interface MirrorClient {
  /** The number of connections that are open or being opened. */
  readonly connections: number;
  /** Sends what waits, as far as it can. */
  pump(): void;
  /** Enforces the time limits; called every now and then while there is anything to watch. */
  tick(nowMs: number): void;
  /** Closes all connections at once: whatever is on its way fails with `code`. */
  destroy(code: OutcomeCode): void;
}
