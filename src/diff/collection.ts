/** Everything that was read, of both sides, without the lines that were there already. */
import type { AccessRecord } from '../logs/access-record.ts';
import type { LineHeader, SpoeEvent } from '../logs/record.ts';
import { DestinationNames } from './join/destination-names.ts';
import { KnownLines } from './join/whole/known-lines.ts';
import { MirrorAnswers, ProductionRequests, RequestLimit } from './join/whole/request-columns.ts';
import { RequestIds } from './join/whole/request-ids.ts';
import { SpoeOutcomes } from './join/whole/spoe-outcomes.ts';
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
  readonly lines = { production: new KnownLines(), mirror: new KnownLines(), spoe: new KnownLines() };
  readonly requestIds = new RequestIds();
  /** By number of the destination. */
  readonly #mirrors: MirrorAnswers[] = [];
  readonly #mirrorLimit: RequestLimit;
  readonly #accepts: CollectionOptions['accepts'];

  constructor({ agent, maxRequests = DEFAULT_MAX_REQUESTS, accepts }: CollectionOptions) {
    this.production = new ProductionRequests(this.requestIds, this.texts, new RequestLimit('production', maxRequests));
    this.#mirrorLimit = new RequestLimit('the mirror', maxRequests);
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

  addSpoe(event: SpoeEvent, header: LineHeader, lineHash: number): Added {
    if (!this.lines.spoe.add(lineHash)) return 'duplicate';
    this.spoe.add(event, header);
    return 'added';
  }

  /** Lines of one file come in their order. @throws DiffError `too-many-requests` */
  addMirror(record: AccessRecord, lineHash: number, input: number): Added {
    if (!this.lines.mirror.addRequest(record, lineHash, input)) return 'duplicate';
    this.#mirrorOf(record.destination).add(record, lineHash, input);
    return 'added';
  }

  /** What each destination answered, by number in `destinations`; at least one, perhaps without a line. */
  get mirrors(): readonly MirrorAnswers[] {
    if (this.#mirrors.length === 0) this.#mirrorOf(undefined);
    return this.#mirrors;
  }

  /** All lines are in: gives up the memory that knows them again. */
  close(): void {
    for (const lines of Object.values(this.lines)) lines.close();
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
