/** Prints of answers, as a record has them. */
import type { AnswerPrint } from '../../../src/answers/answer.ts';

/** The JSON of a print with these fields of its body. */
export function print(
  fields: { readonly [path: string]: string } = {},
  { key = 'KEYONE--', status = 200, headers = {} }: Partial<AnswerPrint> = {},
): string {
  const hash = Buffer.from(JSON.stringify(fields)).toString('base64url').padEnd(20, '-').slice(12, 20);
  const body = { state: 'whole', bytes: 9, length: 9, encoding: null, type: 'application/json', hash, fields } as const;
  return JSON.stringify({ key, status, headers, body } satisfies AnswerPrint);
}
