/** Rows → batches of encoded spans. */
import type { Names } from '../logs/names.ts';
import { Int, type Rows } from '../logs/row.ts';
import { JsonSpanWriter } from './json-span-writer.ts';
import type { ProtobufBuffer } from './protobuf.ts';
import { ProtobufSpanWriter } from './protobuf-span-writer.ts';
import { type ResourceOptions, resourceAttributes } from './resource.ts';
import {
  type BatchBounds,
  type Encoding,
  makeSpanResource,
  type Scope,
  SpanBatch,
  type SpanResource,
} from './span-batch.ts';
import { type SpanDetail, SpanLayout } from './span-layout.ts';
import type { SpanWriter } from './span-writer.ts';

export interface EncoderOptions {
  readonly encoding: Encoding;
  readonly detail: SpanDetail;
  readonly resource: ResourceOptions;
  readonly scope: Scope;
  readonly bounds: BatchBounds;
}

/** Distinct resources remembered; what was prepared for them is forgotten when there are more. */
const MAX_RESOURCES = 4096;

/** Fills one batch after the other. Which spans a batch holds depends on the rows alone. */
export class SpanEncoder {
  readonly #options: EncoderOptions;
  readonly #onFull: (batch: SpanBatch) => void;
  readonly #spare: SpanBatch[] = [];
  readonly #layout: SpanLayout;
  readonly #resources = new Map<string, SpanResource>();
  #names: Names | undefined;
  #origins: SpanResource[] = [];
  #resource: SpanResource | undefined;
  #batch: SpanBatch;
  readonly #writer: SpanWriter;

  /** `onFull` gets each batch that has no room for the next span. */
  constructor(options: EncoderOptions, onFull: (batch: SpanBatch) => void) {
    this.#options = options;
    this.#onFull = onFull;
    this.#batch = this.#newBatch();
    this.#writer = this.#makeWriter();
    this.#layout = new SpanLayout(this.#writer, options.detail, () => this.#commit());
  }

  /** Writes the spans of one event; returns how many. */
  write(rows: Rows, int: number, identity: number, occurrence: number, endMs: number): number {
    const { ints, names } = rows;
    if (names !== this.#names) {
      this.#names = names;
      this.#origins = [];
    }
    this.#resource = this.#resourceOf(ints[int + Int.origin] as number, names);
    this.#layout.write(rows, int, identity, occurrence, endMs);
    return this.#layout.count(ints, int);
  }

  /** How many spans the row at word `int` becomes. */
  count(ints: Int32Array, int: number): number {
    return this.#layout.count(ints, int);
  }

  /** Returns the batch that is not full yet; undefined when it is empty. */
  takeRest(): SpanBatch | undefined {
    if (this.#batch.size === 0) return undefined;
    const batch = this.#batch;
    this.#batch = this.#newBatch();
    this.#retarget();
    return batch;
  }

  get pending(): number {
    return this.#batch.size;
  }

  #commit(): void {
    const resource = this.#resource as SpanResource;
    const { spans } = this.#batch;
    const start = this.#start;
    const end = spans.length;
    if (!this.#batch.commit(resource)) {
      const full = this.#batch;
      this.#batch = this.#newBatch();
      this.#batch.spans.reserve(end - start);
      this.#batch.spans.raw(full.spans.bytes.subarray(start, end));
      this.#retarget();
      this.#batch.commit(resource);
      this.#onFull(full);
    }
    this.#start = this.#batch.spans.length;
  }

  /** Where the span that is being written begins. */
  #start = 0;

  #newBatch(): SpanBatch {
    const { encoding, bounds } = this.#options;
    this.#start = 0;
    return this.#spare.pop() ?? new SpanBatch(encoding, bounds, (batch) => this.#spare.push(batch));
  }

  #makeWriter(): SpanWriter {
    if (this.#options.encoding === 'protobuf') return new ProtobufSpanWriter(this.#batch.spans);
    return new JsonSpanWriter((text) => appendText(this.#batch.spans, text));
  }

  #retarget(): void {
    if (this.#writer instanceof ProtobufSpanWriter) this.#writer.out = this.#batch.spans;
  }

  #resourceOf(origin: number, names: Names): SpanResource {
    const known = this.#origins[origin];
    if (known !== undefined) return known;
    const attributes = resourceAttributes(names.origins[origin], this.#options.resource);
    const text = JSON.stringify(attributes);
    if (this.#resources.size >= MAX_RESOURCES) this.#resources.clear();
    const made = this.#resources.get(text) ?? makeSpanResource(attributes, this.#options.scope);
    this.#resources.set(text, made);
    this.#origins[origin] = made;
    return made;
  }
}

function appendText(out: ProtobufBuffer, text: string): void {
  out.reserve(text.length * 3);
  out.length += out.bytes.write(text, out.length, 'utf8');
}
