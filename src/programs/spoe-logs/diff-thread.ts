/**
 * The mirror's logs read on a thread of their own, while production's are read on the main one: reading lines is most of the
 * work of a comparison. Answers are compared there, too: what is handed over is what differs.
 */
import { AnswerReader, type AnswersRead } from '../../diff/answer-reader.ts';
import { KnownLines } from '../../diff/known-lines.ts';
import { type RequestBatch, RequestBatcher } from '../../diff/request-batch.ts';
import {
  describeSide,
  type MirrorRole,
  openMirror,
  readSide,
  type SideFacts,
  type SideReading,
} from '../../diff/sides.ts';
import type { Problem } from '../../logs/input-errors.ts';
import type { ThreadJob } from '../../logs/reading-threads.ts';
import type { LogOptions } from './log-options.ts';

export interface MirrorThread {
  readonly task: {
    readonly role: MirrorRole;
    readonly paths: readonly string[];
    readonly reading: SideReading;
    readonly options: LogOptions;
    /** TEXT_SEED of the thread that takes the batches. */
    readonly textSeed: number;
  };
  /** The requests of one input. */
  readonly batch: { readonly path: string; readonly requests: RequestBatch };
  readonly result: {
    readonly facts: SideFacts;
    readonly problems: readonly Problem[];
    readonly answers: AnswersRead;
    /** KnownLines.inSeveralFiles */
    readonly inSeveralFiles: number;
  };
}

/** The job of such a thread. */
export const readMirror: ThreadJob<MirrorThread> = async (task, { signal, send }) => {
  const { role, paths, reading, options, textSeed } = task;
  let path = '';
  const batcher = new RequestBatcher(textSeed, (requests) =>
    send({ path, requests }, [requests.numbers.buffer, requests.words.buffer]),
  );
  const answers = new AnswerReader();
  const lines = new KnownLines();
  const side = openMirror(role, paths, reading, {
    onRequest: (record, lineHash, input) => {
      if (!lines.addRequest(record, lineHash, input)) return 'duplicate';
      batcher.add(record, lineHash, answers.addMirror(record));
      return 'added';
    },
    onAnswer: (answer) => answers.addProduction(answer),
  });
  const enter = (next: string) => {
    side.enter(next);
    batcher.flush();
    path = next;
  };
  const problems = await readSide({ ...side, enter }, options, signal);
  batcher.flush();
  const { read } = answers;
  const { inSeveralFiles } = lines;
  const result = { facts: describeSide(side), problems, answers: read, inSeveralFiles };
  return { result, handed: [read.starts.buffer, read.lists.buffer] };
};
