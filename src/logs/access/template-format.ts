import type { LineHeader } from '../record.ts';
import type { AccessFormatName, AccessRecord } from './access-record.ts';
import { ANYTHING, TOKEN } from './characters.ts';
import type { AccessClock } from './clock.ts';
import { AccessFormatError } from './errors.ts';
import type { AccessFormat, Completeness } from './format.ts';
import { type Notation, RecordBuilder } from './record-builder.ts';
import { Positions, Slot } from './slots.ts';
import { Template } from './template.ts';
import type { Part } from './template-parts.ts';

/** Lines that a template describes. */
export class TemplateFormat implements AccessFormat {
  readonly name: AccessFormatName;
  readonly description: string;
  completeness: Completeness = 'whole';
  readonly #template: Template;
  /** For the few lines whose unique id holds a space: unique-id-format may copy a header of the client. */
  readonly #loose: Template | undefined;
  readonly #builder: RecordBuilder;
  readonly #positions = new Positions();

  /** @throws AccessFormatError `ambiguous-format`, `no-status` */
  constructor(name: AccessFormatName, description: string, parts: readonly Part[], notation: Notation) {
    this.name = name;
    this.description = description;
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

  #readAs(
    template: Template,
    line: string,
    start: number,
    header: LineHeader,
    clock: AccessClock,
  ): AccessRecord | undefined {
    const completeness = template.match(line, start, endOf(line), this.#positions);
    if (completeness === undefined) return undefined;
    this.completeness = completeness;
    if (completeness === 'cut') this.#forgetHalves(line);
    return this.#builder.build(line, this.#positions, header, clock);
  }

  /** Whatever stands last may have lost its end: half an id is none, and `GET` no malformed request. */
  #forgetHalves(line: string): void {
    this.#positions.unset(Slot.id);
    const request = this.#positions.text(line, Slot.request);
    if (!request.includes(' ') && request !== '<BADREQ>') this.#positions.unset(Slot.request);
  }
}

/** A format that was guessed has nothing to say about a text at the end. */
function withLooseId(parts: readonly Part[], name: AccessFormatName): Template | undefined {
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

/** Where the message ends: without spaces, CRs, and the `#012` and `#015` rsyslog makes of line ends. */
function endOf(line: string): number {
  let end = line.length;
  for (;;) {
    const code = line.charCodeAt(end - 1);
    if (code === 0x20 || code === 0x0d) end -= 1;
    else if ((code === 0x32 || code === 0x35) && line.startsWith('#01', end - 4)) end -= 4;
    else return end;
  }
}
