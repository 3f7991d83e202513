/**
 * What the pairs of a route say about size and media type of the answers, where both logs tell: of answers of one status,
 * because another answer is another page. What is kept does not grow with the traffic.
 */
import { type Example, keepExample } from './examples.ts';
import type { JoinedRequest, LoggedByMirror, LoggedRequest } from './join/joined-request.ts';
import type { Suppression } from './responses/difference-rules.ts';
import type { Rules } from './rules.ts';
import { Transitions } from './transitions.ts';

/** Which bytes two sizes are of. */
export const SIZE_MEANINGS = ['body', 'head-and-body'] as const;
export type SizeMeaning = (typeof SIZE_MEANINGS)[number];

export interface ContentPair extends Pick<JoinedRequest, 'request' | 'id' | 'rank' | 'responses'> {
  readonly answer: LoggedByMirror;
}

/** What a log has for an answer without a media type. */
const NO_TYPE = 'none';

export class ContentTally {
  /** Pairs of which both sides tell the media type, without those whose change a rule takes out. */
  typed = 0;
  changed = 0;
  readonly sizes: { readonly [meaning in SizeMeaning]: RatioTally } = {
    body: new RatioTally(),
    'head-and-body': new RatioTally(),
  };
  /** Pairs of which a side tells which size. */
  readonly known = { production: { body: 0, 'head-and-body': 0 }, mirror: { body: 0, 'head-and-body': 0 } };
  /** By media types. */
  readonly changes: Transitions;
  /** Changes that rules take out. */
  readonly suppressed = new Map<Suppression, number>();
  readonly #examples: Example[] = [];

  /** @param maxChanges that are told apart */
  constructor(maxChanges?: number) {
    this.changes = new Transitions(maxChanges);
  }

  /** Ids of pairs whose media type changed. */
  get examples(): readonly string[] {
    return this.#examples.map(({ id }) => id);
  }

  add(pair: ContentPair, { responses }: Rules): void {
    const { request, answer } = pair;
    if (request.status !== answer.status || request.status < 0 || answer.error !== '') return;
    this.#addSizes(pair);
    this.#noteKnown('production', request);
    this.#noteKnown('mirror', answer);
    const [before, after] = [request.contentType, answer.contentType];
    // Where answers themselves are compared their media types are, too.
    if (before === undefined || after === undefined || pair.responses !== undefined) return;
    if (before !== after) {
      const [production, mirror] = [before || NO_TYPE, after || NO_TYPE];
      const difference = { place: 'content-type', kind: 'content-type', shape: `${production} → ${mirror}` } as const;
      const { method, target, status } = request;
      const rule = responses?.classify(difference, { method, target, status });
      if (rule !== undefined) {
        this.#suppress(rule, 1);
        return;
      }
      this.changed++;
      this.changes.add(production, mirror);
      this.#keep({ id: pair.id, rank: pair.rank });
    }
    this.typed++;
  }

  merge(other: ContentTally): void {
    this.typed += other.typed;
    this.changed += other.changed;
    this.changes.merge(other.changes);
    for (const meaning of SIZE_MEANINGS) {
      this.sizes[meaning].merge(other.sizes[meaning]);
      for (const side of ['production', 'mirror'] as const) this.known[side][meaning] += other.known[side][meaning];
    }
    for (const [rule, times] of other.suppressed) this.#suppress(rule, times);
    for (const example of other.#examples) this.#keep(example);
  }

  #addSizes({ request, answer }: ContentPair): void {
    // A log may say of HEAD what it would have been.
    if (request.method === 'HEAD') return;
    // The agent reads no more of an answer, and the mirror's may have been as long as production's.
    const isCut = answer.bodyBytes >= MOST_READ && answer.bodyBytes < request.bodyBytes;
    if (!isCut) this.sizes.body.add(request.bodyBytes, answer.bodyBytes);
    this.sizes['head-and-body'].add(request.sentBytes, answer.sentBytes);
  }

  #noteKnown(side: 'production' | 'mirror', { bodyBytes, sentBytes }: LoggedRequest): void {
    if (bodyBytes >= 0) this.known[side].body++;
    if (sentBytes >= 0) this.known[side]['head-and-body']++;
  }

  #suppress(rule: Suppression, times: number): void {
    this.suppressed.set(rule, (this.suppressed.get(rule) ?? 0) + times);
  }

  #keep(example: Example): void {
    keepExample(this.#examples, example, () => example);
  }
}

export function addContents(tallies: readonly ContentTally[]): ContentTally {
  const sum = new ContentTally();
  for (const tally of tallies) sum.merge(tally);
  return sum;
}

/** What the agent reads of an answer at most (docs/ARCHITECTURE.md, Bounds). */
const MOST_READ = 1024 * 1024;

/** Ratios in steps of 1 %: few hundred of them are ever seen, and a few thousand are all there can be. */
const STEP = Math.log(1.01);
/** 1.96 standard deviations of the rank of a median, of which the variance is n / 4. */
const RANK_SPREAD = 0.98;

/** The ratios of pairs of sizes, mirror / production, as a histogram. */
export class RatioTally {
  n = 0;
  readonly #counts = new Map<number, number>();

  /** @param production,mirror bytes; -1 for what is not known */
  add(production: number, mirror: number): void {
    if (production < 0 || mirror < 0) return;
    // With a byte more on both sides what is empty has a ratio, too.
    this.#count(Math.round(Math.log((mirror + 1) / (production + 1)) / STEP), 1);
  }

  merge(other: RatioTally): void {
    for (const [step, times] of other.#counts) this.#count(step, times);
  }

  /** The median, to 1 %, and its 95 % interval, which supposes nothing about the distribution; undefined without pairs. */
  median(): { readonly ratio: number; readonly interval: readonly [low: number, high: number] } | undefined {
    const { n } = this;
    if (n === 0) return undefined;
    const steps = [...this.#counts].sort(([a], [b]) => a - b);
    const spread = RANK_SPREAD * Math.sqrt(n);
    const at = (rank: number) => ratioOf(stepAt(steps, Math.min(n, Math.max(1, rank))));
    return {
      ratio: at(Math.ceil(n / 2)),
      interval: [at(Math.floor(n / 2 - spread)), at(Math.ceil(n / 2 + 1 + spread))],
    };
  }

  #count(step: number, times: number): void {
    this.n += times;
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + times);
  }
}

function ratioOf(step: number): number {
  return Number(Math.exp(step * STEP).toPrecision(3));
}

/** @param rank from 1 */
function stepAt(steps: readonly (readonly [step: number, times: number])[], rank: number): number {
  let seen = 0;
  for (const [step, times] of steps) {
    seen += times;
    if (seen >= rank) return step;
  }
  return steps.at(-1)?.[0] ?? 0;
}
