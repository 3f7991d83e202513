import type { OutcomeCode } from './record.ts';
import type { MirrorRequest } from './request.ts';
import type { RequestTrace } from './tracing.ts';

/** Where a message came from, for its record. */
export interface MessageContext {
  readonly streamId: number | bigint;
  readonly frameId: number | bigint;
  readonly engineId: string | undefined;
  /** Wall clock. */
  readonly receivedMs: number;
}

/** One request on its way to one destination. Times are of the monotonic clock. */
export class Job {
  readonly message: string;
  readonly context: MessageContext;
  readonly request: MirrorRequest;
  /** What it holds in memory, near enough. */
  readonly bytes: number;
  readonly queuedMs: number;
  readonly trace: RequestTrace | undefined;
  sentMs = 0;
  firstByteMs = 0;
  attempts = 0;
  responseBytes = 0;

  constructor(
    message: string,
    context: MessageContext,
    request: MirrorRequest,
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

  /** Safe to send twice and to send behind another one: RFC 9110, section 9.2.2. */
  get repeatable(): boolean {
    const { method, body } = this.request;
    return body === undefined && (method === 'GET' || method === 'HEAD' || method === 'OPTIONS');
  }
}

/** The objects of a request and its record, roughly, and those of an argument that is only for the record. */
const OVERHEAD_BYTES = 1024;
const ARGUMENT_BYTES = 128;

/** All texts are counted: a peer may make any of them as long as a frame. */
function sizeOf({ method, path, headers, host, uniqueId, body, others }: MirrorRequest): number {
  let bytes = method.length + path.length + headers.length + (body?.length ?? 0);
  bytes += (host?.length ?? 0) + (uniqueId?.length ?? 0);
  if (others === undefined) return bytes;
  for (const [name, value] of others) {
    bytes += ARGUMENT_BYTES + name.length + (typeof value === 'string' ? value.length : 0);
  }
  return bytes;
}

/** What a client works on: the queue of its destination, and where outcomes go. */
export interface Work {
  /** How many wait. */
  readonly waiting: number;
  peek(): Job | undefined;
  take(): Job | undefined;
  answered(job: Job, status: number, nowMs: number): void;
  failed(job: Job, code: OutcomeCode, nowMs: number): void;
  /** The mirror said what is not HTTP, or answered what nobody asked: requests go one at a time from now on. */
  misbehaved(): void;
  /** A request goes out a second time. */
  resent(): void;
}

/** Fails all of them; the list is empty then. */
export function failAll(jobs: Job[], work: Work, code: OutcomeCode, nowMs: number): void {
  for (const job of jobs.splice(0)) work.failed(job, code, nowMs);
}

/** The same of those that wait. */
export function failWaiting(work: Work, code: OutcomeCode, nowMs: number): void {
  for (let job = work.take(); job !== undefined; job = work.take()) work.failed(job, code, nowMs);
}

/** How requests get to one destination. It takes from its Work whenever it can send more. */
export interface MirrorClient {
  /** Open or being opened. */
  readonly connections: number;
  /** Looks whether something waits. */
  pump(): void;
  /** Enforces the time limits; called every now and then while there is anything to watch. */
  tick(nowMs: number): void;
  /** Ends all at once: whatever is on its way fails with `code`. */
  destroy(code: OutcomeCode): void;
}
