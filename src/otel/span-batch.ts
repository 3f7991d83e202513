/**
 * Encoded spans, bounded in number and bytes, and the requests made of them. Spans are kept one after the other as they
 * came, so that a request can hold any range of them: a batch that is too large is halved, one that is refused is
 * searched for the span that is the reason.
 */

import type { Batch } from './batch.ts';
import { renderAttribute } from './json-span-writer.ts';
import { ProtobufBuffer, varintBytes } from './protobuf.ts';
import { writeAttribute } from './protobuf-span-writer.ts';
import type { Attribute } from './span-writer.ts';

export interface BatchBounds {
  readonly spans: number;
  /** Bytes of the request. */
  readonly bytes: number;
}

export const BATCH_BOUNDS: BatchBounds = { spans: 2048, bytes: 2 * 1024 * 1024 };

export type Encoding = 'protobuf' | 'json';

/** The bytes before and after the spans of one resource. */
export interface SpanResource {
  readonly attributes: readonly Attribute[];
  /** Protobuf: the fields Resource of ResourceSpans and InstrumentationScope of ScopeSpans. */
  readonly resource: Buffer;
  readonly scope: Buffer;
  /** JSON: up to the first span, and from the last one on. */
  readonly head: Buffer;
  readonly tail: Buffer;
}

/** Lengths and tags around a resource's spans. */
const ENVELOPE_BYTES = 32;
const RESOURCE_SPANS = 0x0a;
const RESOURCE = 0x0a;
const SCOPE_SPANS = 0x12;
const SCOPE = 0x0a;
const SCOPE_NAME = 0x0a;
const SCOPE_VERSION = 0x12;
const RESOURCE_ATTRIBUTE = 0x0a;
const REQUEST_HEAD = Buffer.from('{"resourceSpans":[');
const REQUEST_TAIL = Buffer.from(']}');
const COMMA = 0x2c;

export interface Scope {
  readonly name: string;
  readonly version: string;
}

export function makeSpanResource(attributes: readonly Attribute[], scope: Scope): SpanResource {
  const resource = new ProtobufBuffer(256);
  const resourceStart = resource.openDelimited(RESOURCE);
  for (const attribute of attributes) writeAttribute(resource, RESOURCE_ATTRIBUTE, attribute);
  resource.reserve(16);
  // The field dropped_attributes_count, as the stock serializer writes it.
  resource.byte(0x10);
  resource.byte(0);
  resource.closeDelimited(resourceStart);
  const scopeBytes = new ProtobufBuffer(64);
  const scopeStart = scopeBytes.openDelimited(SCOPE);
  scopeBytes.text(SCOPE_NAME, scope.name);
  scopeBytes.text(SCOPE_VERSION, scope.version);
  scopeBytes.closeDelimited(scopeStart);
  const scopeJson = `{"name":${JSON.stringify(scope.name)},"version":${JSON.stringify(scope.version)}}`;
  return {
    attributes,
    resource: Buffer.from(resource.bytes.subarray(0, resource.length)),
    scope: Buffer.from(scopeBytes.bytes.subarray(0, scopeBytes.length)),
    head: Buffer.from(
      `{"resource":{"attributes":[${attributes.map(renderAttribute).join(',')}]},"scopeSpans":[{"scope":${scopeJson},"spans":[`,
    ),
    tail: Buffer.from(']}]}'),
  };
}

export class SpanBatch implements Batch {
  readonly signal = 'traces';
  /** The buffer for the next span; `commit` takes it. */
  readonly spans: ProtobufBuffer;
  readonly #encoding: Encoding;
  readonly #bounds: BatchBounds;
  readonly #ends: Uint32Array;
  readonly #owners: Uint32Array;
  readonly #resources: SpanResource[] = [];
  readonly #request: ProtobufBuffer;
  readonly #onRelease: (batch: SpanBatch) => void;
  #envelopes = 0;
  #size = 0;

  constructor(encoding: Encoding, bounds: BatchBounds, onRelease: (batch: SpanBatch) => void = () => {}) {
    this.#encoding = encoding;
    this.#bounds = bounds;
    this.#onRelease = onRelease;
    this.#ends = new Uint32Array(bounds.spans);
    this.#owners = new Uint32Array(bounds.spans);
    this.spans = new ProtobufBuffer(64 * 1024);
    this.#request = new ProtobufBuffer(64 * 1024);
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes of spans and of the envelopes of their resources. */
  get bytes(): number {
    return this.#endOf(this.#size) + this.#envelopes;
  }

  /**
   * Takes the span that was just written, if the bounds allow it; false when it belongs into another batch. The first
   * span always fits: there is no smaller request.
   */
  commit(resource: SpanResource): boolean {
    const isNew = !this.#resources.includes(resource);
    const envelope = isNew ? envelopeBytes(resource, this.#encoding) : 0;
    const wouldBe = this.spans.length + this.#envelopes + envelope + this.#size;
    if (this.#size > 0 && (this.#size >= this.#bounds.spans || wouldBe > this.#bounds.bytes)) {
      this.spans.length = this.#endOf(this.#size);
      return false;
    }
    if (isNew) this.#resources.push(resource);
    this.#envelopes += envelope;
    this.#ends[this.#size] = this.spans.length;
    this.#owners[this.#size] = this.#resources.indexOf(resource);
    this.#size += 1;
    return true;
  }

  encode(from: number, to: number): Uint8Array {
    const out = this.#request;
    out.length = 0;
    out.reserve(this.#endOf(to) - this.#endOf(from) + this.#envelopes + (to - from) + ENVELOPE_BYTES);
    if (this.#encoding === 'json') out.raw(REQUEST_HEAD);
    let isFirst = true;
    for (let owner = 0; owner < this.#resources.length; owner++) {
      const bytes = this.#bytesOf(owner, from, to);
      if (bytes === 0) continue;
      if (this.#encoding === 'protobuf') this.#writeProtobuf(owner, from, to, bytes);
      else {
        if (!isFirst) out.byte(COMMA);
        this.#writeJson(owner, from, to);
      }
      isFirst = false;
    }
    if (this.#encoding === 'json') out.raw(REQUEST_TAIL);
    return out.bytes.subarray(0, out.length);
  }

  release(): void {
    this.#size = 0;
    this.#envelopes = 0;
    this.#resources.length = 0;
    this.spans.length = 0;
    this.#onRelease(this);
  }

  #endOf(count: number): number {
    return count === 0 ? 0 : (this.#ends[count - 1] as number);
  }

  #bytesOf(owner: number, from: number, to: number): number {
    if (this.#resources.length === 1) return this.#endOf(to) - this.#endOf(from);
    let bytes = 0;
    for (let i = from; i < to; i++) if (this.#owners[i] === owner) bytes += this.#endOf(i + 1) - this.#endOf(i);
    return bytes;
  }

  #writeProtobuf(owner: number, from: number, to: number, spanBytes: number): void {
    const out = this.#request;
    const { resource, scope } = this.#resources[owner] as SpanResource;
    const scopeSpans = scope.length + spanBytes;
    out.byte(RESOURCE_SPANS);
    out.varint(resource.length + 1 + varintBytes(scopeSpans) + scopeSpans);
    out.raw(resource);
    out.byte(SCOPE_SPANS);
    out.varint(scopeSpans);
    out.raw(scope);
    this.#copySpans(owner, from, to, undefined);
  }

  #writeJson(owner: number, from: number, to: number): void {
    const { head, tail } = this.#resources[owner] as SpanResource;
    this.#request.raw(head);
    this.#copySpans(owner, from, to, COMMA);
    this.#request.raw(tail);
  }

  #copySpans(owner: number, from: number, to: number, separator: number | undefined): void {
    const out = this.#request;
    if (separator === undefined && this.#resources.length === 1) {
      out.raw(this.spans.bytes.subarray(this.#endOf(from), this.#endOf(to)));
      return;
    }
    let isFirst = true;
    for (let i = from; i < to; i++) {
      if (this.#owners[i] !== owner) continue;
      if (!isFirst && separator !== undefined) out.byte(separator);
      out.raw(this.spans.bytes.subarray(this.#endOf(i), this.#endOf(i + 1)));
      isFirst = false;
    }
  }
}

function envelopeBytes({ resource, scope, head, tail }: SpanResource, encoding: Encoding): number {
  return ENVELOPE_BYTES + (encoding === 'protobuf' ? resource.length + scope.length : head.length + tail.length);
}
