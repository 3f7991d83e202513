/**
 * Spans as OTLP JSON (the protobuf JSON mapping; ids as hexadecimal text, 64-bit integers as strings), for http/json and
 * for files.
 */
import { escapeJson } from '../text/json.ts';
import type { Attribute, AttributeBlock, AttributeName, SpanIds, SpanKind, SpanWriter, Term } from './span-writer.ts';

const ERROR = 2;
const SPAN_FLAGS = 0x101;

export class JsonSpanWriter implements SpanWriter {
  readonly #take: (span: string) => void;
  #text = '';
  #isFirst = true;

  /** `take` gets the text of each span. */
  constructor(take: (span: string) => void) {
    this.#take = take;
  }

  term(text: string): Term {
    return { text, encoded: quote(text) };
  }

  block(attributes: readonly Attribute[]): AttributeBlock {
    return { attributes, encoded: attributes.map(renderAttribute).join(',') };
  }

  name(name: string): AttributeName {
    return { name, encoded: `{"key":${quote(name)},"value":` };
  }

  begin(ids: SpanIds, name: Term, kind: SpanKind, startMs: number, endMs: number): void {
    const { trace, span, parent, isRoot } = ids;
    this.#isFirst = true;
    this.#text =
      `{"traceId":"${hex(trace[0] as number)}${hex(trace[1] as number)}${hex(trace[2] as number)}${hex(trace[3] as number)}",` +
      `"spanId":"${hex(span[0] as number)}${hex(span[1] as number)}",` +
      (isRoot ? '' : `"parentSpanId":"${hex(parent[0] as number)}${hex(parent[1] as number)}",`) +
      `"flags":${SPAN_FLAGS},"name":${name.encoded as string},"kind":${kind},` +
      `"startTimeUnixNano":"${nanoseconds(startMs)}","endTimeUnixNano":"${nanoseconds(endMs)}","attributes":[`;
  }

  addBlock(block: AttributeBlock): void {
    if (block.encoded !== '') this.#add(block.encoded as string);
  }

  addInteger(name: AttributeName, value: number): void {
    this.#add(`${name.encoded as string}{"intValue":"${value}"}}`);
  }

  addDouble(name: AttributeName, value: number): void {
    this.#add(`${name.encoded as string}{"doubleValue":${value}}}`);
  }

  end(description: Term | undefined): void {
    const status = description === undefined ? '{}' : `{"message":${description.encoded as string},"code":${ERROR}}`;
    this.#take(`${this.#text}],"status":${status}}`);
  }

  #add(attribute: string): void {
    this.#text += this.#isFirst ? attribute : `,${attribute}`;
    this.#isFirst = false;
  }
}

export function renderAttribute([name, value]: Attribute): string {
  return `{"key":${quote(name)},"value":${renderValue(value)}}`;
}

function renderValue(value: Attribute[1]): string {
  if ('text' in value) return `{"stringValue":${quote(value.text)}}`;
  if ('integer' in value) return `{"intValue":"${value.integer}"}`;
  return `{"doubleValue":${value.double}}`;
}

/** Names are of the log, and the file may be read in a terminal. */
function quote(text: string): string {
  return escapeJson(JSON.stringify(text));
}

/** A word as eight hexadecimal digits. */
function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

/** Epoch ms as nanoseconds in decimal. */
function nanoseconds(epochMs: number): string {
  const ms = Math.floor(epochMs);
  return `${ms === 0 ? '' : ms}${String(Math.round((epochMs - ms) * 1e6)).padStart(6, '0')}`;
}
