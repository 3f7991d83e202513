/** What stands at the place of a difference, for people who debug: no print has it, so it takes the answer itself. */
import type { AnswerPrint } from './answer.ts';
import { decode } from './body/decoding.ts';
import { readHead } from './body/head.ts';
import { jsonValues } from './body/json-fields.ts';
import { textOf } from './body/text.ts';
import type { Difference } from './differences.ts';
import { FIELD_BOUNDS, MAX_TEXT, type RawAnswer } from './fingerprint.ts';

/** At most `most` texts, of any length; of a body that cannot be shown its state in parentheses. */
export function valuesAt(
  answer: RawAnswer,
  print: AnswerPrint,
  { place }: Pick<Difference, 'place'>,
  most: number,
): readonly string[] {
  const header = /^header (.*)$/.exec(place)?.[1] ?? (place === 'content-type' ? place : undefined);
  if (header !== undefined) {
    const lines = answer.headers.filter(([name]) => name.toLowerCase() === header);
    return lines.slice(0, most).map(([, value]) => value);
  }
  if (place === 'status') return [String(answer.status)];
  if (place === 'length') return [String(print.body.length ?? print.body.bytes)];
  return bodyValues(answer, print, place, most);
}

function bodyValues(answer: RawAnswer, { body: { state } }: AnswerPrint, place: string, most: number): string[] {
  if (state !== 'whole' || answer.body === undefined) return [`(${state})`];
  const { encoding, charset } = readHead(answer.headers);
  const decoded = decode(answer.body, encoding ?? '', MAX_TEXT);
  if (typeof decoded === 'string') return [`(${decoded})`];
  const text = textOf(decoded, charset);
  if (place === 'body') return [text];
  return jsonValues(text, FIELD_BOUNDS, place, most) ?? [text];
}
