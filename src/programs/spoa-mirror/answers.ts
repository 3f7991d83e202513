/**
 * The answers of production and of the mirrors, for --answers: each becomes a fingerprint, later, as HAProxy waits for its ACK in the same
 * event loop, and a line of the record.
 */
import type { AnswerPrint } from '../../answers/answer.ts';
import { Fingerprinter } from '../../answers/fingerprint.ts';
import type { Rounding } from '../../answers/rounding.ts';
import type { AnswerParts, CapturedAnswer } from '../../mirror/answer-capture.ts';
import { copyProductionAnswer } from '../../mirror/production-answer.ts';
import {
  formatRecord,
  type MirrorRecord,
  type ProductionErrorCode,
  type ProductionRecord,
} from '../../mirror/record.ts';
import type { MessageContext } from '../../mirror/request.ts';
import type { Message } from '../../spop/messages.ts';
import type { AnswerValues, Side } from './answer-values.ts';
import type { Notice } from './notices.ts';

/** What became of the answers of one side. Each ends as one of the last three. */
export interface AnswerCounts {
  /** Answers that came. */
  heard: number;
  fingerprinted: number;
  /** Answers that found no room among those that wait, or that were left when the agent ended. */
  dropped: number;
  /** Answers whose id, status or headers are none. */
  unreadable: number;
}

export interface AnswersStats {
  readonly production: AnswerCounts;
  readonly mirror: AnswerCounts;
  /** Answers that wait for their fingerprints. */
  readonly queued: number;
  readonly queuedBytes: number;
}

export interface AnswersSettings {
  readonly parts: AnswerParts;
  readonly key: Uint8Array;
  /** Rules of --round. */
  readonly rounding: readonly Rounding[];
}

/** The bounds of what waits in a process. */
const MAX_QUEUED = 1_000;
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;
/** The objects of an answer, roughly. */
const OVERHEAD_BYTES = 1024;
/** How long fingerprints are made before the event loop looks at its sockets again; one that takes longer is alone. */
const SLICE_MS = 0.5;
/** The most characters of a line of the record. */
const LONGEST_LINE = 128 * 1024;

interface Waiting {
  readonly bytes: number;
  readonly print: () => void;
  readonly giveUp: (why: ProductionErrorCode) => void;
}

export class Answers {
  readonly #parts: AnswerParts;
  readonly #fingerprinter: Fingerprinter;
  readonly #write: (line: string) => void;
  readonly #notice: Notice;
  readonly #values: AnswerValues | undefined;
  readonly #counts: { readonly [side in Side]: AnswerCounts } = { production: newCounts(), mirror: newCounts() };
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isScheduled = false;
  #onEmpty: (() => void) | undefined;

  /**
   * @param write appends a line to the record
   * @param values is given what is fingerprinted, for debugging
   */
  constructor(
    { parts, key, rounding }: AnswersSettings,
    write: (line: string) => void,
    notice: Notice,
    values?: AnswerValues,
  ) {
    this.#parts = parts;
    this.#fingerprinter = new Fingerprinter(key, { rounding });
    this.#write = write;
    this.#notice = notice;
    this.#values = values;
  }

  /** Takes a message that is an answer of production; called before HAProxy has its ACK, so it is only copied. */
  hear(message: Message, context: MessageContext): void {
    const counts = this.#counts.production;
    counts.heard++;
    const answer = copyProductionAnswer(message, context, this.#parts);
    if (answer === undefined) {
      counts.unreadable++;
      return;
    }
    const { record } = answer;
    const write = (rest: Pick<ProductionRecord, 'answer' | 'error'>) =>
      this.#write(formatRecord({ ...record, ...rest }));
    this.#queue('production', {
      bytes: answer.bytes,
      print: () => {
        const print = this.#print('production', record.unique_id, answer);
        write(print === undefined ? { error: 'unreadable' } : { answer: print });
      },
      giveUp: (error) => write({ error }),
    });
  }

  /** Takes an answer of a mirror; the line of its request waits for it. */
  take(record: MirrorRecord, answer: CapturedAnswer): void {
    this.#counts.mirror.heard++;
    const write = () => this.#write(formatRecord(record));
    this.#queue('mirror', {
      bytes: answer.bytes,
      print: () => {
        const print = this.#print('mirror', record.unique_id ?? '', answer, record.destination);
        const line = print && formatRecord({ ...record, answer: print });
        if (line !== undefined && line.length <= LONGEST_LINE) this.#write(line);
        else write();
      },
      giveUp: write,
    });
  }

  #print(side: Side, uniqueId: string, captured: CapturedAnswer, destination?: string): AnswerPrint | undefined {
    const counts = this.#counts[side];
    try {
      const answer = captured.read();
      if (answer === undefined) {
        counts.unreadable++;
        return undefined;
      }
      const print = this.#fingerprinter.print(uniqueId, answer);
      counts.fingerprinted++;
      this.#values?.see(side, uniqueId, answer, print, destination);
      return print;
    } catch (error) {
      counts.unreadable++;
      // Not its message, which may have a piece of the answer.
      this.#notice(`internal error: an answer has no fingerprint (${(error as Error).name})`, 'internal');
      return undefined;
    }
  }

  #queue(side: Side, answer: Waiting): void {
    const counts = this.#counts[side];
    const bytes = answer.bytes + OVERHEAD_BYTES;
    if (this.#waiting.length >= MAX_QUEUED || this.#waitingBytes + bytes > MAX_QUEUED_BYTES) {
      counts.dropped++;
      this.#notice(DROPPING, 'answers');
      answer.giveUp('dropped-queue-full');
      return;
    }
    const giveUp = (why: ProductionErrorCode) => {
      counts.dropped++;
      answer.giveUp(why);
    };
    this.#waiting.push({ ...answer, bytes, giveUp });
    this.#waitingBytes += bytes;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#work());
  }

  #work(): void {
    this.#isScheduled = false;
    const untilMs = performance.now() + SLICE_MS;
    do {
      const answer = this.#next();
      if (answer === undefined) break;
      answer.print();
    } while (performance.now() < untilMs);
    if (this.#waiting.length > 0) this.#schedule();
    else this.#onEmpty?.();
  }

  #next(): Waiting | undefined {
    const answer = this.#waiting.shift();
    this.#waitingBytes -= answer?.bytes ?? 0;
    return answer;
  }

  stats(): AnswersStats {
    return {
      production: { ...this.#counts.production },
      mirror: { ...this.#counts.mirror },
      queued: this.#waiting.length,
      queuedBytes: this.#waitingBytes,
    };
  }

  /** Makes the fingerprints that are left, for at most `graceMs`; the rest is recorded without. */
  async close(graceMs: number): Promise<void> {
    if (this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#onEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (let answer = this.#next(); answer !== undefined; answer = this.#next()) answer.giveUp('shutdown');
  }
}

const DROPPING =
  'more answers come than there is time for fingerprints of: some are recorded without; --answers head costs less, and so ' +
  'does --sample';

function newCounts(): AnswerCounts {
  return { heard: 0, fingerprinted: 0, dropped: 0, unreadable: 0 };
}
