/** What spans are made of, and who writes them down: as protobuf, as JSON, or for people. */

/** SpanKind of opentelemetry/proto/trace/v1/trace.proto. */
export const SpanKind = { internal: 1, client: 3 } as const;
export type SpanKind = (typeof SpanKind)[keyof typeof SpanKind];

/** An integer is a whole number; anything measured is a double, also where it happens to be whole. */
export type AttributeValue = { readonly text: string } | { readonly integer: number } | { readonly double: number };
export type Attribute = readonly [name: string, value: AttributeValue];

/** Words of the ids of one span; `parent` is 0 words long in effect when `isRoot`. */
export interface SpanIds {
  /** Four words. */
  readonly trace: Int32Array;
  /** Two words. */
  readonly span: Int32Array;
  /** Two words; meaningless for a root. */
  readonly parent: Int32Array;
  isRoot: boolean;
}

/** Attributes that do not change from line to line, encoded once by the writer that will write them. */
export interface AttributeBlock {
  readonly attributes: readonly Attribute[];
  readonly encoded: Uint8Array | string;
}

/** The name of an attribute whose value does change, prepared by the writer. */
export interface AttributeName {
  readonly name: string;
  readonly encoded: Uint8Array | string;
}

/** A text that occurs again and again, prepared by the writer. */
export interface Term {
  readonly text: string;
  readonly encoded: Uint8Array | string;
}

/** Writes one span after the other. Prepared pieces belong to the writer that made them. */
export interface SpanWriter {
  term(text: string): Term;
  block(attributes: readonly Attribute[]): AttributeBlock;
  name(name: string): AttributeName;
  /** Begins a span; times are epoch ms. */
  begin(ids: SpanIds, name: Term, kind: SpanKind, startMs: number, endMs: number): void;
  addBlock(block: AttributeBlock): void;
  /** `value` is an integer below 2^53. */
  addInteger(name: AttributeName, value: number): void;
  addDouble(name: AttributeName, value: number): void;
  /** Ends the span. With a description its status is Error, without it is unset. */
  end(description: Term | undefined): void;
}
