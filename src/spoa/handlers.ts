/** Calls the handler of each message. */
import type { Action } from '../spop/actions.ts';
import type { Message } from '../spop/messages.ts';
import type { Uint64 } from '../spop/varint.ts';
import type { AgentStats } from './counters.ts';

/** The frame and the connection a message came from. One object serves all messages of a NOTIFY. */
export interface NotifyContext {
  readonly streamId: Uint64;
  readonly frameId: Uint64;
  /** The engine-id that HAPROXY-HELLO named, if any. */
  readonly engineId: string | undefined;
  /** The peer of the connection: an IPv4 address, the /64 of an IPv6 one, `unix` for unix sockets. */
  readonly peer: string;
  /** Milliseconds since 1970 when the bytes came. */
  readonly receivedMs: number;
}

type Answer = readonly Action[] | undefined;

/**
 * Answers one message. What it returns becomes the actions of the ACK; a handler without a promise is answered in the
 * same turn. Values of the message are views of received bytes: copy what is kept for long.
 */
export type MessageHandler = (
  message: Message,
  context: NotifyContext,
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is the usual one
) => readonly Action[] | void | Promise<readonly Action[] | void>;

/** Handlers by message name; `*` handles messages that are not named. */
export interface MessageHandlers {
  readonly [messageName: string]: MessageHandler;
}

/** Receives errors of handlers and of the agent itself; whatever it throws is ignored. */
export type OnError = (error: unknown, context: NotifyContext | undefined) => void;

const NO_ACTIONS: readonly Action[] = [];

export class Dispatcher {
  readonly #handlers: ReadonlyMap<string, MessageHandler>;
  readonly #fallback: MessageHandler | undefined;
  readonly #stats: AgentStats;
  readonly #onError: OnError | undefined;

  constructor(handlers: MessageHandlers, stats: AgentStats, onError: OnError | undefined) {
    // A map, so that a message named `constructor` finds nothing.
    this.#handlers = new Map(Object.entries(handlers));
    this.#fallback = this.#handlers.get('*');
    this.#stats = stats;
    this.#onError = onError;
  }

  /** The actions of all messages in their order, or a promise of them that never rejects. */
  dispatch(messages: readonly Message[], context: NotifyContext): readonly Action[] | Promise<readonly Action[]> {
    this.#stats.messages += messages.length;
    if (messages.length === 1) {
      const answer = this.#call(messages[0] as Message, context);
      return isPromise(answer) ? answer.then(orNone) : orNone(answer);
    }
    const answers = messages.map((message) => this.#call(message, context));
    if (answers.some(isPromise)) return Promise.all(answers).then(flatten);
    return flatten(answers as Answer[]);
  }

  fail(error: unknown, context: NotifyContext | undefined): void {
    this.#stats.handlerErrors++;
    this.report(error, context);
  }

  report(error: unknown, context: NotifyContext | undefined): void {
    try {
      this.#onError?.(error, context);
    } catch {
      // An error of the error handler has nowhere to go.
    }
  }

  #call(message: Message, context: NotifyContext): Answer | Promise<Answer> {
    const handler = this.#handlers.get(message.name) ?? this.#fallback;
    if (handler === undefined) {
      this.#stats.messagesUnhandled++;
      return undefined;
    }
    try {
      const answer = handler(message, context);
      return isPromise(answer) ? this.#guard(answer, context) : (answer as Answer);
    } catch (error) {
      this.fail(error, context);
      return undefined;
    }
  }

  #guard(answer: PromiseLike<unknown>, context: NotifyContext): Promise<Answer> {
    return Promise.resolve(answer).then(
      (actions) => actions as Answer,
      (error) => {
        this.fail(error, context);
        return undefined;
      },
    );
  }
}

function isPromise<Value>(answer: unknown): answer is Promise<Value> {
  return typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function';
}

function orNone(answer: Answer): readonly Action[] {
  return answer ?? NO_ACTIONS;
}

function flatten(answers: readonly Answer[]): readonly Action[] {
  return answers.flatMap((answer) => answer ?? NO_ACTIONS);
}
