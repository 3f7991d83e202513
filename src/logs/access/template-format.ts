import { AccessFormatError } from '../access-errors.ts';
import type { AccessFormatName, AccessRecord } from '../access-record.ts';
import type { LineHeader } from '../record.ts';
import { ANYTHING, type Characters, DATE, NAME, NUMBER, NUMBER_LIST, TOKEN, TOKEN_LIST } from './characters.ts';
import type { AccessClock } from './clock.ts';
import type { AccessFormat } from './format.ts';
import { type Notation, RecordBuilder } from './record-builder.ts';
import { Positions, SLOTS, Slot } from './slots.ts';
import { Template } from './template.ts';
import type { TemplatePart } from './template-parts.ts';

/** Lines that a template describes. */
export class TemplateFormat implements AccessFormat {
  readonly name: AccessFormatName;
  readonly description: string;
  readonly layout: string;
  readonly #template: Template;
  /** A template for the few lines whose unique id holds a space: unique-id-format may copy a header of the client. */
  readonly #loose: Template | undefined;
  readonly #builder: RecordBuilder;
  readonly #positions = new Positions();
  readonly #parts: readonly TemplatePart[];
  /** The probe, made on first use. */
  #probe: Probe | undefined;

  /** @throws AccessFormatError `ambiguous-format`, `no-status`, `no-field` */
  constructor(
    name: AccessFormatName,
    description: string,
    written: readonly TemplatePart[],
    notation: Notation,
    idField = '',
  ) {
    const parts = idField === '' ? written : nameId(written, idField);
    this.name = name;
    this.description = description;
    this.layout = parts.map((part) => (typeof part === 'string' ? part : part.label)).join('');
    this.#parts = parts;
    this.#template = new Template(parts);
    this.#loose = withLooseId(parts, name);
    this.#builder = new RecordBuilder(notation);
    if (!this.#template.has(Slot.status)) throw noStatus(description);
  }

  read(line: string, start: number, header: LineHeader, clock: AccessClock): AccessRecord | undefined {
    return (
      this.#readAs(this.#template, line, start, header, clock) ??
      (this.#loose && this.#readAs(this.#loose, line, start, header, clock))
    );
  }

  /** Values that nothing is made of, and captured headers one by one. */
  unread(line: string, start: number): Iterable<readonly [field: string, value: string]> {
    this.#probe ??= makeProbe(this.#parts);
    const { template, labels } = this.#probe;
    const positions = new Positions(SLOTS + labels.length);
    if (template.match(line, start, endOf(line), positions) === undefined) return [];
    const own = labels.map((label, index) => [label, positions.text(line, (SLOTS + index) as Slot)] as const);
    const captured = (slot: Slot, name: string) =>
      positions.has(slot)
        ? positions
            .text(line, slot)
            .split('|')
            .map((text, index) => [`capture.${name}.hdr(${index})`, text] as const)
        : [];
    return [...own, ...captured(Slot.captures, 'req'), ...captured(Slot.answerCaptures, 'res')];
  }

  #readAs(
    template: Template,
    line: string,
    start: number,
    header: LineHeader,
    clock: AccessClock,
  ): AccessRecord | undefined {
    const completeness = template.match(line, start, endOf(line), this.#positions);
    if (completeness === undefined) return undefined;
    if (completeness === 'whole') return this.#builder.build(line, this.#positions, header, clock);
    this.#forgetHalves(line);
    const record = this.#builder.build(line, this.#positions, header, clock);
    return record && { ...record, isCut: true };
  }

  /** Unsets values of a cut line that may have lost their end: half an id is no id, and `GET` no malformed request. */
  #forgetHalves(line: string): void {
    this.#positions.unset(Slot.id);
    const request = this.#positions.text(line, Slot.request);
    if (!request.includes(' ') && request !== '<BADREQ>') this.#positions.unset(Slot.request);
  }
}

interface Probe {
  readonly template: Template;
  readonly labels: readonly string[];
}

/** The same format with a slot for each value that has none, but for those that another one follows directly or precedes. */
function makeProbe(written: readonly TemplatePart[]): Probe {
  const labels: string[] = [];
  const parts = written.filter((part) => part !== '');
  const isAlone = (index: number) => [index - 1, index + 1].every((at) => typeof parts[at] !== 'object');
  const probed = parts.map((part, index) => {
    if (typeof part === 'string' || part.slot !== Slot.none || NO_TEXTS.has(part.characters)) return part;
    if (!isAlone(index)) return part;
    labels.push(part.label);
    return { ...part, slot: (SLOTS + labels.length - 1) as Slot };
  });
  return { template: new Template(probed), labels };
}

const NO_TEXTS: ReadonlySet<Characters> = new Set([NUMBER, NUMBER_LIST, DATE, TOKEN_LIST]);

/** Makes the value with the name `idField` the id, and no other. */
function nameId(parts: readonly TemplatePart[], idField: string): TemplatePart[] {
  const wanted = fieldNames(idField);
  let isFound = false;
  const named = parts.map((part) => {
    if (typeof part === 'string') return part;
    const isId = !isFound && fieldNames(part.label).some((name) => wanted.includes(name));
    if (!isId) return part.slot === Slot.id ? { ...part, slot: Slot.none } : part;
    isFound = true;
    const characters = part.characters === NAME ? TOKEN : part.characters;
    return { ...part, slot: Slot.id, characters, rank: -1 };
  });
  if (isFound) return named;
  const labels = parts.flatMap((part) => (typeof part === 'string' ? [] : [part.label]));
  throw new AccessFormatError('no-field', `the format has no field ${idField}`, `it has ${labels.join(' ')}`);
}

/** `%[var(txn.rid)]` is that, `var(txn.rid)` and `txn.rid`; `$http_x_rid` and `%{X-Rid}i` are likewise. */
function fieldNames(text: string): string[] {
  const plain = text.toLowerCase();
  const inner =
    /^%(?:\{[+-][^}]*\})?\[(.*)\]$/.exec(plain)?.[1] ?? /^%\{([^}]*)\}\^?[a-z]{1,2}$/.exec(plain)?.[1] ?? plain;
  const variable = /^(?:var|req\.hdr|hdr|res\.hdr|capture\.\w+\.hdr)\(([^,()]*)\)/.exec(inner)?.[1];
  return [plain, inner.replace(/^[%$]/, ''), ...(variable === undefined || /^\d+$/.test(variable) ? [] : [variable])];
}

/** A format that was guessed has nothing to say about a text at the end. */
function withLooseId(parts: readonly TemplatePart[], name: AccessFormatName): Template | undefined {
  const at = parts.findIndex((part) => typeof part === 'object' && part.slot === Slot.id && part.characters === TOKEN);
  const id = parts[at];
  if (typeof id !== 'object') return undefined;
  const isLast = parts.slice(at + 1).every((part) => part === '');
  if (isLast && name !== 'haproxy-log-format') return undefined;
  return new Template(parts.with(at, { ...id, characters: ANYTHING }));
}

export function noStatus(description: string): AccessFormatError {
  return new AccessFormatError(
    'no-status',
    `the format logs no status: ${description}`,
    'add %ST (HAProxy), $status (nginx) or %>s (Apache)',
  );
}

/** The end of the message: without spaces, CRs, and the `#012` and `#015` rsyslog makes of line ends. */
function endOf(line: string): number {
  let end = line.length;
  for (;;) {
    const code = line.charCodeAt(end - 1);
    if (code === 0x20 || code === 0x0d) end -= 1;
    else if ((code === 0x32 || code === 0x35) && line.startsWith('#01', end - 4)) end -= 4;
    else return end;
  }
}
