/** Prints of answers, as a record has them. */
import { createHash } from 'node:crypto';
import type { AnswerPrint } from '../../../src/answers/answer.ts';

/** The JSON of a print with these fields of its body. */
export function print(
  fields: { readonly [path: string]: string } = {},
  { key = 'KEYONE--', status = 200, headers = {} }: Partial<AnswerPrint> = {},
): string {
  const hash = createHash('sha256').update(JSON.stringify(fields)).digest('base64url').slice(0, 8);
  const body = { state: 'whole', bytes: 9, length: 9, encoding: null, type: 'application/json', hash, fields } as const;
  return JSON.stringify({ key, status, headers, body } satisfies AnswerPrint);
}
