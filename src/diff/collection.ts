/** Everything that was read, of both sides, without the lines that were there already. */
import type { AccessRecord, LoggedAnswer } from '../logs/access-record.ts';
import type { LineHeader } from '../logs/record.ts';
import { AnswerComparisons, AnswerReader, type AnswersRead } from './answer-reader.ts';
import { DestinationNames } from './join/destination-names.ts';
import type { SpoeLine } from './join/spoe-events.ts';
import { MirrorAnswers, ProductionRequests, RequestLimit } from './join/whole/request-columns.ts';
import { RequestIds } from './join/whole/request-ids.ts';
import { SpoeOutcomes } from './join/whole/spoe-outcomes.ts';
import { KnownLines } from './known-lines.ts';
import { type RequestBatch, unpack } from './request-batch.ts';
import { TextTable } from './text-table.ts';

export const DEFAULT_MAX_REQUESTS = 10_000_000;

export interface CollectionOptions {
  /** The spoe-agent that mirrors. */
  readonly agent: string;
  /** The most that each side may have. */
  readonly maxRequests?: number;
  /** Which requests of production are compared; all without it. */
  readonly accepts?: (record: AccessRecord) => boolean;
}

export type Added = 'added' | 'duplicate' | 'filtered';

/** Both sides as one comparison sees them: of several destinations one. */
export interface Sides {
  readonly production: ProductionRequests;
  readonly mirror: MirrorAnswers;
}

export class Collection {
  readonly texts = { targets: new TextTable(), methods: new TextTable() };
  readonly production: ProductionRequests;
  readonly spoe: SpoeOutcomes;
  /** Requests of production that were not accepted. */
  filtered = 0;
  readonly destinations = new DestinationNames();
  readonly lines = {
    production: new KnownLines(),
    mirror: new KnownLines(),
    noise: new KnownLines(),
    spoe: new KnownLines(),
  };
  readonly requestIds = new RequestIds();
  /** What differs between answers, of the mirror and of production's own version. */
  readonly answers = { mirror: new SideAnswers(), noise: new SideAnswers() };
  /** What production's version answered once more, where that is a record of its own. */
  readonly noise: MirrorAnswers;
  /** By number of the destination. */
  readonly #mirrors: MirrorAnswers[] = [];
  readonly #mirrorLimit: RequestLimit;
  readonly #accepts: CollectionOptions['accepts'];

  constructor({ agent, maxRequests = DEFAULT_MAX_REQUESTS, accepts }: CollectionOptions) {
    this.production = new ProductionRequests(this.requestIds, this.texts, new RequestLimit('production', maxRequests));
    this.#mirrorLimit = new RequestLimit('the mirror', maxRequests);
    this.noise = new MirrorAnswers(this.requestIds, this.texts, new RequestLimit('the noise', maxRequests));
    this.spoe = new SpoeOutcomes(agent, this.requestIds);
    this.#accepts = accepts;
  }

  /** @param lineHash of the whole line @param input number of its file. @throws DiffError `too-many-requests` */
  addProduction(record: AccessRecord, lineHash: number, input: number): Added {
    if (!this.lines.production.addRequest(record, lineHash, input)) return 'duplicate';
    if (this.#accepts?.(record) === false) {
      this.filtered++;
      return 'filtered';
    }
    this.production.add(record);
    return 'added';
  }

  addSpoe(event: SpoeLine, header: LineHeader, lineHash: number): Added {
    if (!this.lines.spoe.add(lineHash)) return 'duplicate';
    this.spoe.add(event, header);
    return 'added';
  }

  /** What a line says that is counted elsewhere: in another part of the same comparison. */
  addSpoeAgain(event: SpoeLine, header: LineHeader): void {
    this.spoe.addAgain(event, header);
  }

  /** Lines of one file come in their order. @throws DiffError `too-many-requests` */
  addMirror(record: AccessRecord, lineHash: number, input: number): Added {
    return this.#add('mirror', record, lineHash, input);
  }

  /** The same for a line about production's own version. */
  addNoise(record: AccessRecord, lineHash: number, input: number): Added {
    return this.#add('noise', record, lineHash, input);
  }

  /** The same for lines of one file that were read elsewhere for the first time, and with them their answers, whose numbers they have. */
  addRead(side: 'mirror' | 'noise', requests: RequestBatch, input: number): void {
    const { uniqueIds, traceIds } = this.requestIds;
    unpack(
      requests,
      { uniqueIds, traceIds, targets: this.texts.targets },
      (request, texts, error, lineHash, answer) => {
        this.#answersOf(side, request).addRead(request, texts, error, lineHash, input, answer);
      },
    );
  }

  /** What the record of the mirror, or of the noise, keeps of an answer of production. */
  addAnswer(side: 'mirror' | 'noise', answer: LoggedAnswer): void {
    this.answers[side].reader.addProduction(answer);
  }

  /** What each destination answered, by number in `destinations`; at least one, perhaps without a line. */
  get mirrors(): readonly MirrorAnswers[] {
    if (this.#mirrors.length === 0) this.#mirrorOf(undefined);
    return this.#mirrors;
  }

  /** Numbers for all destinations of a comparison, of which a part may have no line. @param names in the order in which they came */
  expectDestinations(names: readonly string[]): void {
    for (const name of names) this.#mirrorOf(name);
  }

  /** All lines are in: gives up the memory that knows them again. */
  close(): void {
    for (const lines of Object.values(this.lines)) lines.close();
    for (const answers of Object.values(this.answers)) answers.close();
    this.requestIds.close();
    this.texts.targets.close();
  }

  #add(side: 'mirror' | 'noise', record: AccessRecord, lineHash: number, input: number): Added {
    if (!this.lines[side].addRequest(record, lineHash, input)) return 'duplicate';
    const answer = this.answers[side].reader.addMirror(record);
    this.#answersOf(side, record).add(record, lineHash, input, answer);
    return 'added';
  }

  #answersOf(side: 'mirror' | 'noise', { destination }: Pick<AccessRecord, 'destination'>): MirrorAnswers {
    return side === 'noise' ? this.noise : this.#mirrorOf(destination);
  }

  #mirrorOf(destination: string | undefined): MirrorAnswers {
    const number = this.destinations.numberOf(destination);
    let mirror = this.#mirrors[number];
    if (mirror === undefined) {
      mirror = new MirrorAnswers(this.requestIds, this.texts, this.#mirrorLimit);
      this.#mirrors[number] = mirror;
    }
    return mirror;
  }
}

/** The answers of one side's records. */
class SideAnswers {
  #reader: AnswerReader | undefined;
  #comparisons: AnswerComparisons | undefined;

  /** Until all is read. */
  get reader(): AnswerReader {
    this.#reader ??= new AnswerReader();
    return this.#reader;
  }

  /** They were read elsewhere. */
  set read(read: AnswersRead) {
    this.#comparisons = new AnswerComparisons(read);
  }

  get comparisons(): AnswerComparisons {
    this.#comparisons ??= new AnswerComparisons(this.reader.read);
    return this.#comparisons;
  }

  /** Gives up what waits for the other answer. */
  close(): void {
    this.#comparisons = this.comparisons;
    this.#reader = undefined;
  }
}
