/** Everything that was read, of both sides, without the lines that were there already. */
import type { AccessRecord } from '../logs/access/access-record.ts';
import type { LineHeader, SpoeEvent } from '../logs/record.ts';
import { Identities } from './identity.ts';
import { MirrorAnswers } from './mirror-answers.ts';
import { NumberSet } from './number-table.ts';
import { ProductionRequests } from './production.ts';
import { SpoeOutcomes } from './spoe-outcomes.ts';
import { TextTable } from './text-table.ts';

export const DEFAULT_MAX_REQUESTS = 10_000_000;

export interface CollectionOptions {
  /** The spoe-agent that mirrors. */
  readonly agent: string;
  /** Of each side. */
  readonly maxRequests?: number;
  /** Which requests of production are compared; all without it. */
  readonly accepts?: (record: AccessRecord) => boolean;
}

export type Added = 'added' | 'duplicate' | 'filtered';

export class Collection {
  readonly texts = { targets: new TextTable(), methods: new TextTable() };
  readonly production: ProductionRequests;
  readonly mirror: MirrorAnswers;
  readonly spoe: SpoeOutcomes;
  /** Requests of production that were not accepted. */
  filtered = 0;
  readonly #accepts: CollectionOptions['accepts'];
  #productionLines = new NumberSet();
  #spoeLines = new NumberSet();
  #mirrorLines = new NumberSet();

  constructor({ agent, maxRequests = DEFAULT_MAX_REQUESTS, accepts }: CollectionOptions) {
    const identities = new Identities();
    this.production = new ProductionRequests(identities, this.texts, maxRequests);
    this.mirror = new MirrorAnswers(identities, this.texts, maxRequests);
    this.spoe = new SpoeOutcomes(agent, identities);
    this.#accepts = accepts;
  }

  /** @param lineHash of the whole line. @throws DiffError `too-many-requests` */
  addProduction(record: AccessRecord, lineHash: number): Added {
    if (!this.#productionLines.add(lineHash)) return 'duplicate';
    if (this.#accepts?.(record) === false) {
      this.filtered++;
      return 'filtered';
    }
    this.production.add(record);
    return 'added';
  }

  addSpoe(event: SpoeEvent, header: LineHeader, lineHash: number): Added {
    if (!this.#spoeLines.add(lineHash)) return 'duplicate';
    this.spoe.add(event, header);
    return 'added';
  }

  addMirror(record: AccessRecord, lineHash: number): Added {
    if (!this.#mirrorLines.add(lineHash)) return 'duplicate';
    this.mirror.add(record, lineHash);
    return 'added';
  }

  /** All lines are in: gives up the memory that knows them again. */
  close(): void {
    this.#productionLines = new NumberSet();
    this.#spoeLines = new NumberSet();
    this.#mirrorLines = new NumberSet();
  }
}
