/** The joined requests of whole files, read from columns: one object for all of them, which a cursor moves over. */
import type { Analysis } from '../../analysis.ts';
import { PAIRED } from '../../buckets.ts';
import { kindOf, type NamedRoute } from '../../outcomes.ts';
import type { RequestKind } from '../../request-line.ts';
import { isMirrorError, type Rules } from '../../rules.ts';
import { NO_TEXT } from '../../text-table.ts';
import type {
  JoinedRequest,
  LoggedByMirror,
  LoggedByProduction,
  LoggedRequest,
  PairResponses,
} from '../joined-request.ts';
import { isOtherRequest } from '../same-request.ts';
import type { MirrorAnswers, ProductionRequests, RequestColumns } from './request-columns.ts';
import { noiseAt } from './whole-noise.ts';

/** A line of either side. Texts are decoded when they are asked for. */
class Row<C extends RequestColumns> {
  row = 0;
  protected readonly columns: C;

  constructor(columns: C) {
    this.columns = columns;
  }

  get time(): number {
    return this.columns.time.at(this.row);
  }

  get status(): number {
    return this.columns.status.at(this.row);
  }

  get firstByteMs(): number {
    return this.columns.firstByteMs.at(this.row);
  }

  get totalMs(): number {
    return this.columns.totalMs.at(this.row);
  }

  get bodyBytes(): number {
    return this.columns.bodyBytes.at(this.row);
  }

  get sentBytes(): number {
    return this.columns.sentBytes.at(this.row);
  }

  get contentType(): string | undefined {
    return this.columns.contentTypeOf(this.row);
  }

  get method(): string {
    return this.columns.methods.text(this.columns.method.at(this.row));
  }

  get target(): string {
    return this.columns.targets.text(this.columns.target.at(this.row));
  }
}

class ProductionRow extends Row<ProductionRequests> implements LoggedByProduction {
  get flags(): number {
    return this.columns.flags.at(this.row);
  }

  get termination(): string {
    return this.columns.terminations.text(this.columns.termination.at(this.row));
  }
}

export class MirrorRow extends Row<MirrorAnswers> implements LoggedByMirror {
  readonly #errorStatuses: Rules['errorStatuses'];

  constructor(columns: MirrorAnswers, { errorStatuses }: Rules) {
    super(columns);
    this.#errorStatuses = errorStatuses;
  }

  get error(): string {
    return this.columns.errorOf(this.row);
  }

  get isError(): boolean {
    const { columns, row } = this;
    return isMirrorError(columns.status.at(row), columns.error.at(row) !== NO_TEXT, this.#errorStatuses);
  }
}

export class JoinedRow implements JoinedRequest, NamedRoute {
  readonly request: ProductionRow;
  readonly #answer: MirrorRow;
  readonly #analysis: Analysis;
  readonly #seed: number;
  #responses: PairResponses | undefined;
  #responsesRow = -1;

  /** @param seed of the samples of pairs */
  constructor(analysis: Analysis, seed: number) {
    const { production, mirror } = analysis.collection;
    this.#analysis = analysis;
    this.#seed = seed;
    this.request = new ProductionRow(production);
    this.#answer = new MirrorRow(mirror, analysis.rules);
  }

  /** Moves to a row of production. */
  at(row: number): this {
    this.request.row = row;
    this.#answer.row = this.#analysis.pairing.answerOf[row] as number;
    return this;
  }

  /** The row of production. */
  get row(): number {
    return this.request.row;
  }

  get bucket(): number {
    return this.#analysis.buckets[this.request.row] as number;
  }

  get answer(): MirrorRow | undefined {
    return this.bucket === PAIRED ? this.#answer : undefined;
  }

  get kind(): RequestKind | undefined {
    return this.bucket === PAIRED ? kindOf(this.request, this.#answer, this.#analysis.rules, this) : undefined;
  }

  get routeName(): string {
    return this.#analysis.routeNameOf(this.request.row);
  }

  get attempts(): number {
    return this.#analysis.pairing.attempts.get(this.#answer.row) ?? 1;
  }

  get spoeStatus(): number | undefined {
    return this.#analysis.spoeStatusOf(this.request.row);
  }

  get dropped(): string {
    return this.#analysis.dropReasonOf(this.request.row);
  }

  get id(): string {
    return this.#analysis.collection.production.keys.describe(this.request.row);
  }

  get traceId(): string {
    return this.#analysis.collection.production.keys.traceOf(this.request.row);
  }

  /** Made once for a row: it is more than a look at a column. */
  get responses(): PairResponses | undefined {
    if (this.#responsesRow !== this.row) {
      this.#responsesRow = this.row;
      this.#responses = this.#responsesOf(this.row);
    }
    return this.#responses;
  }

  #responsesOf(row: number): PairResponses | undefined {
    if (this.bucket !== PAIRED) return undefined;
    const compared = this.#analysis.comparedAt(row);
    if (compared === undefined || compared.body === 'other-key') return undefined;
    const { noise } = this.#analysis;
    return { ...compared, noise: noise && noiseAt(noise, row) };
  }

  get rank(): number {
    return this.#analysis.rankOf(this.request.row, this.#seed);
  }

  /** Numbers of texts are the same on both sides: most pairs need no look at these. */
  get isOther(): boolean {
    const { production, mirror } = this.#analysis.collection;
    const [row, answer] = [this.request.row, this.#answer.row];
    const isAlike =
      production.target.at(row) === mirror.target.at(answer) && production.method.at(row) === mirror.method.at(answer);
    return !isAlike && isOtherRequest(this.request, this.#answer);
  }

  keep(): JoinedRequest {
    return this.#analysis.isPart ? copyOf(this) : new JoinedRow(this.#analysis, this.#seed).at(this.request.row);
  }
}

/** What is kept of a row whose columns are not. */
function copyOf(joined: JoinedRow): JoinedRequest {
  const { bucket, answer, kind, attempts, spoeStatus, dropped, id, traceId, routeName, responses, rank } = joined;
  const { flags, termination } = joined.request;
  const copy: JoinedRequest = {
    request: { ...lineOf(joined.request), flags, termination },
    answer: answer && { ...lineOf(answer), error: answer.error, isError: answer.isError },
    ...{ bucket, kind, attempts, spoeStatus, dropped, id, traceId, routeName, responses, rank },
    isOther: answer !== undefined && joined.isOther,
    keep: () => copy,
  };
  return copy;
}

function lineOf({
  time,
  status,
  firstByteMs,
  totalMs,
  bodyBytes,
  sentBytes,
  contentType,
  method,
  target,
}: LoggedRequest) {
  return { time, status, firstByteMs, totalMs, bodyBytes, sentBytes, contentType, method, target };
}
