import type { Message } from '../spop/messages.ts';
import { cutText } from '../text/cut.ts';
import { Captures } from './answer-capture.ts';
import { type MirrorArguments, readArguments } from './arguments.ts';
import { Destination, type OnOutcome } from './destination.ts';
import { type MirrorOptions, resolveOptions, type Settings, type Share } from './options.ts';
import { isProductionAnswer } from './production-answer.ts';
import { buildRequest, type MessageContext, type RequestRules, requestRules } from './request.ts';
import { select, TokenBucket } from './selection.ts';
import { addCounts, type MirrorStats } from './statistics.ts';
import { TEXT_BOUNDS } from './text-bounds.ts';
import type { TlsProblem } from './tls-backoff.ts';
import type { MirrorTracer } from './tracing.ts';

export interface MirrorObservers {
  readonly tracer?: MirrorTracer | undefined;
  readonly onUnusable?: ((messageName: string) => void) | undefined;
  /** Given each message that is an answer of production, in the turn of its NOTIFY; its values are views. */
  readonly onAnswer?: ((message: Message, context: MessageContext) => void) | undefined;
  /** Called each time a unique id is too long for the record. */
  readonly onCutId?: (() => void) | undefined;
  /** Called once for each destination that sent what is not HTTP: requests go to it one at a time from then on. */
  readonly onMisbehaved?: ((destination: string) => void) | undefined;
  /** Called once an episode, when TLS to a destination costs too much, so that the next handshake waits. */
  readonly onTlsProblem?: ((destination: string, problem: TlsProblem) => void) | undefined;
}

/**
 * What became of a message: it is no request to mirror; one that is left out, rejected or dropped; one that waits for a
 * destination; one of those whose answer is kept, so that production's is worth having.
 */
export type Acceptance = 'unusable' | 'left-out' | 'queued' | 'answer-wanted';

/**
 * Sends the requests that HAProxy reports to an agent to one or more mirrors, and reports their outcomes.
 *
 * Every message taken ends as one of these: filtered or sampled out, which is counted; or one outcome record at every
 * destination, an answer or an error.
 */
export class Mirror {
  readonly #settings: Settings;
  readonly #rules: RequestRules;
  readonly #destinations: readonly Destination[];
  readonly #bucket: TokenBucket | undefined;
  readonly #tracer: MirrorTracer | undefined;
  readonly #onUnusable: MirrorObservers['onUnusable'];
  readonly #onAnswer: MirrorObservers['onAnswer'];
  readonly #onCutId: MirrorObservers['onCutId'];
  #received = 0;
  #taken = 0;
  #lastTakenMs: number | undefined;
  #filtered = 0;
  #sampledOut = 0;
  #closing: Promise<void> | undefined;

  /**
   * @param onOutcome must not throw; called once per message and destination, sometimes before `accept` returns
   * @param observers follow every request that is not left out, and are told the name of a message that
   * cannot be mirrored, each time
   * @throws MirrorError for options that cannot be used
   */
  constructor(options: MirrorOptions, onOutcome: OnOutcome, observers: MirrorObservers = {}) {
    this.#settings = resolveOptions(options);
    this.#tracer = observers.tracer;
    this.#onUnusable = observers.onUnusable;
    this.#onAnswer = observers.onAnswer;
    this.#onCutId = observers.onCutId;
    this.#rules = requestRules(this.#settings, this.#tracer?.traceContext);
    const { onMisbehaved = () => {}, onTlsProblem = () => {} } = observers;
    const { maxRate, answers } = this.#settings;
    const captures = answers && new Captures(answers);
    this.#destinations = this.#settings.targets.map(
      (target) => new Destination(target, this.#settings, onOutcome, captures, onMisbehaved, onTlsProblem),
    );
    this.#bucket = maxRate === undefined ? undefined : new TokenBucket(maxRate, performance.now());
  }

  /**
   * Takes a message of a NOTIFY frame, at once: what it needs is copied, nothing is waited for.
   * One to mirror has arg_method and arg_path, and a name that is wanted; an answer may have any name.
   */
  accept(message: Message, context: MessageContext): Acceptance {
    this.#received++;
    const isWanted = this.#settings.messages?.has(message.name) !== false;
    const args = isWanted ? readArguments(message) : undefined;
    const name = cutText(message.name, TEXT_BOUNDS.message);
    if (args === undefined) {
      if (this.#onAnswer !== undefined && isProductionAnswer(message)) this.#onAnswer(message, context);
      else if (isWanted) this.#onUnusable?.(name);
      return 'unusable';
    }
    this.#taken++;
    this.#lastTakenMs = context.receivedMs;
    const selected = select(args, this.#settings);
    if (selected === 'filtered') this.#filtered++;
    else if (selected === 'sampled-out') this.#sampledOut++;
    else return this.#send(name, args, context);
    return 'left-out';
  }

  #send(name: string, args: MirrorArguments, context: MessageContext): Acceptance {
    const request = buildRequest(args, this.#rules);
    const rejection = request.rejection ?? (this.#mayPass() ? undefined : 'dropped-max-rate');
    const { streamId, frameId, receivedMs, peer = '' } = context;
    const engineId = context.engineId && cutText(context.engineId, TEXT_BOUNDS.engineId);
    const own = { streamId, frameId, engineId, receivedMs, peer };
    if (args.uniqueId !== undefined && args.uniqueId.end - args.uniqueId.start > TEXT_BOUNDS.uniqueId)
      this.#onCutId?.();
    const trace = this.#tracer?.follow(name, own, request);
    let isQueued = false;
    for (const destination of this.#destinations)
      if (destination.accept(name, own, request, rejection, trace)) isQueued = true;
    if (!isQueued) return 'left-out';
    return this.#settings.answers !== undefined && request.hasWholeId ? 'answer-wanted' : 'queued';
  }

  #mayPass(): boolean {
    return this.#bucket === undefined || this.#bucket.take(performance.now());
  }

  /** Has other bounds from now on, where they are given. What waits already stays. */
  resize({ maxRate, maxQueueRequests, maxQueueBytes }: Share): void {
    if (maxRate !== undefined) this.#bucket?.change(maxRate);
    for (const destination of this.#destinations) destination.resize(maxQueueRequests, maxQueueBytes);
  }

  stats(): MirrorStats {
    const destinations = this.#destinations.map((destination) => destination.stats());
    const sum = (key: 'queued' | 'queuedBytes' | 'inFlight' | 'connections') =>
      destinations.reduce((total, destination) => total + destination[key], 0);
    return {
      received: this.#received,
      taken: this.#taken,
      filtered: this.#filtered,
      sampledOut: this.#sampledOut,
      ...(this.#lastTakenMs !== undefined && { lastTakenMs: this.#lastTakenMs }),
      queued: sum('queued'),
      queuedBytes: sum('queuedBytes'),
      inFlight: sum('inFlight'),
      connections: sum('connections'),
      ...addCounts(destinations),
      destinations,
    };
  }

  /** What waits or is on its way has `graceMs` to finish; the rest, and whatever still comes, ends with 'shutdown'. */
  close(graceMs: number): Promise<void> {
    this.#closing ??= Promise.all(this.#destinations.map((destination) => destination.close(graceMs))).then(() => {});
    return this.#closing;
  }
}
