/** Answers as tests write them, and their prints. */
import { Fingerprinter, type PrintOptions, type RawAnswer } from '../../src/answers/fingerprint.ts';

export const KEY: Uint8Array = Buffer.alloc(32, 7);

/** An answer with a body of JSON and its length; `value` is a text, bytes, or what JSON is made of. */
export function jsonAnswer(value: unknown, about: Partial<RawAnswer> = {}): RawAnswer {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const body = value instanceof Uint8Array ? value : Buffer.from(text);
  const headers = [
    ['content-type', 'application/json'],
    ['content-length', String(body.length)],
  ] as const;
  return { status: 200, headers, body, ...about };
}

export function fingerprinter(options: PrintOptions = {}): Fingerprinter {
  return new Fingerprinter(KEY, options);
}
