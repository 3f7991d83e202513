/** Answers of servers that are known: of production, of a second one of the same version, and of a candidate. */
import type { Random } from '../../random.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export interface SimulatedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Of an answer that is no JSON: its text. */
  readonly body: Json;
}

export type Server = 'production' | 'secondary' | 'candidate';

/** What is different about the candidate: names of plants, with the share of answers that they are in. */
export type Plants = Readonly<Record<string, number>>;

export interface Site {
  readonly name: string;
  /** Places that differ because of each plant; what follows from them is in none of them. */
  readonly places: Readonly<Record<string, readonly string[]>>;
  /**
   * The answer to one request.
   * @param data what is the same on all servers @param chance what is not
   */
  answer(server: Server, data: Random, chance: Random, plants: Plants): { readonly route: string } & SimulatedAnswer;
}

/** Version 4 by its form. */
export function uuid(random: Random): string {
  const hex = (length: number) => random.text(length, '0123456789abcdef');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
}

export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}

/** A hash that stands for an ETag: FNV-1a. */
export function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}
