/**
 * Spans as protobuf: the field order and the defaults written are those of @opentelemetry/otlp-transformer, so that
 * tests can hold one against the other byte by byte. Its own serializer wants an object for each span and attribute,
 * and those alone cost more than a collector may be kept waiting for (docs/PERFORMANCE.md).
 */
import { ProtobufBuffer } from './protobuf.ts';
import type { Attribute, AttributeBlock, AttributeName, SpanIds, SpanKind, SpanWriter, Term } from './span-writer.ts';

/** Tags: field number × 8 + wire type (0 varint, 1 fixed64, 2 length-delimited, 5 fixed32). trace.proto and common.proto. */
const SPAN_IN_SCOPE = 0x12;
const TRACE_ID = 0x0a;
const SPAN_ID = 0x12;
const PARENT_ID = 0x22;
const NAME = 0x2a;
const KIND = 0x30;
const START = 0x39;
const END = 0x41;
const ATTRIBUTE = 0x4a;
const DROPPED_ATTRIBUTES = 0x50;
const DROPPED_EVENTS = 0x60;
const DROPPED_LINKS = 0x70;
const STATUS = 0x7a;
const STATUS_MESSAGE = 0x12;
const STATUS_CODE = 0x18;
/** Field 16 takes two bytes. */
const FLAGS = [0x85, 0x01] as const;
const KEY = 0x0a;
const VALUE = 0x12;
const TEXT_VALUE = 0x0a;
const INTEGER_VALUE = 0x18;
const DOUBLE_VALUE = 0x21;

const UNSET = 0;
const ERROR = 2;
/** Sampled, and that it is known whether the parent is remote (it is not). */
const SPAN_FLAGS = 0x101;
/** All of a span but its name, its blocks and its description: there may be no more than 16 numbers in it. */
const FIXED_BYTES = 2048;
/** Names of numbers are shorter, so that a KeyValue has one byte of length. */
const MAX_NAME_BYTES = 100;

export class ProtobufSpanWriter implements SpanWriter {
  /** The buffer that spans are written to. */
  out: ProtobufBuffer;
  #start = 0;

  constructor(out: ProtobufBuffer) {
    this.out = out;
  }

  term(text: string): Term {
    return { text, encoded: Buffer.from(text, 'utf8') };
  }

  block(attributes: readonly Attribute[]): AttributeBlock {
    const out = new ProtobufBuffer(256);
    for (const attribute of attributes) writeAttribute(out, ATTRIBUTE, attribute);
    return { attributes, encoded: Buffer.from(out.bytes.subarray(0, out.length)) };
  }

  /** `4a ? 0a length name 12`: all of a KeyValue but its length and its value. */
  name(name: string): AttributeName {
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw new RangeError(`${name} is too long for an attribute`);
    const out = new ProtobufBuffer(MAX_NAME_BYTES + 8);
    out.byte(ATTRIBUTE);
    out.byte(0);
    out.text(KEY, name);
    out.byte(VALUE);
    return { name, encoded: Buffer.from(out.bytes.subarray(0, out.length)) };
  }

  begin(ids: SpanIds, name: Term, kind: SpanKind, startMs: number, endMs: number): void {
    const { out } = this;
    const encoded = name.encoded as Uint8Array;
    out.reserve(FIXED_BYTES + encoded.length);
    this.#start = out.openDelimited(SPAN_IN_SCOPE);
    out.byte(TRACE_ID);
    out.byte(16);
    for (let i = 0; i < 4; i++) out.bigEndian(ids.trace[i] as number);
    writeSpanId(out, SPAN_ID, ids.span);
    if (!ids.isRoot) writeSpanId(out, PARENT_ID, ids.parent);
    out.byte(NAME);
    out.varint(encoded.length);
    out.raw(encoded);
    out.byte(KIND);
    out.byte(kind);
    out.byte(START);
    out.nanoseconds(startMs);
    out.byte(END);
    out.nanoseconds(endMs);
  }

  addBlock(block: AttributeBlock): void {
    const encoded = block.encoded as Uint8Array;
    this.out.reserve(FIXED_BYTES + encoded.length);
    this.out.raw(encoded);
  }

  addInteger(name: AttributeName, value: number): void {
    const { out } = this;
    const start = out.length + 2;
    out.raw(name.encoded as Uint8Array);
    const valueStart = out.length + 1;
    out.length = valueStart;
    out.byte(INTEGER_VALUE);
    out.varint(value);
    out.bytes[valueStart - 1] = out.length - valueStart;
    out.bytes[start - 1] = out.length - start;
  }

  addDouble(name: AttributeName, value: number): void {
    const { out } = this;
    const start = out.length + 2;
    out.raw(name.encoded as Uint8Array);
    out.byte(9);
    out.byte(DOUBLE_VALUE);
    out.double(value);
    out.bytes[start - 1] = out.length - start;
  }

  end(description: Term | undefined): void {
    const { out } = this;
    const message = description?.encoded as Uint8Array | undefined;
    out.reserve(FIXED_BYTES + (message?.length ?? 0));
    out.byte(DROPPED_ATTRIBUTES);
    out.byte(0);
    out.byte(DROPPED_EVENTS);
    out.byte(0);
    out.byte(DROPPED_LINKS);
    out.byte(0);
    const status = out.openDelimited(STATUS);
    if (message !== undefined && message.length > 0) {
      out.byte(STATUS_MESSAGE);
      out.varint(message.length);
      out.raw(message);
    }
    out.byte(STATUS_CODE);
    out.byte(message === undefined ? UNSET : ERROR);
    out.closeDelimited(status);
    out.byte(FLAGS[0]);
    out.byte(FLAGS[1]);
    out.fixed32(SPAN_FLAGS);
    out.closeDelimited(this.#start);
  }
}

function writeSpanId(out: ProtobufBuffer, tag: number, words: Int32Array): void {
  out.byte(tag);
  out.byte(8);
  out.bigEndian(words[0] as number);
  out.bigEndian(words[1] as number);
}

/** One KeyValue as field `tag` of whatever has attributes. */
export function writeAttribute(out: ProtobufBuffer, tag: number, [name, value]: Attribute): void {
  const size = name.length * 4 + ('text' in value ? value.text.length * 4 : 0) + 64;
  out.reserve(size);
  const start = out.openDelimited(tag);
  out.text(KEY, name);
  const valueStart = out.openDelimited(VALUE);
  if ('text' in value) out.text(TEXT_VALUE, value.text);
  else if ('integer' in value) {
    out.byte(INTEGER_VALUE);
    out.varint(value.integer);
  } else {
    out.byte(DOUBLE_VALUE);
    out.double(value.double);
  }
  out.closeDelimited(valueStart);
  out.closeDelimited(start);
}
