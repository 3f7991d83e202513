/**
 * Conditions of `.if` and `.elif` (configuration manual, 2.4). Only what can be known without HAProxy is decided: texts, numbers,
 * variables of the environment, its version where one is named. Anything else, as `feature(..)`, is not known.
 */

import { isAtLeast, type Version } from '../version.ts';
import type { Environment } from './environment.ts';

/** Undefined: not known. */
export type Truth = boolean | undefined;

export interface Circumstances {
  readonly environment: Environment;
  readonly version?: Version | undefined;
}

export function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

/** Deeper parentheses are not known, nor are longer conditions. */
const DEEPEST = 50;
const LONGEST = 10_000;

/** The words of the condition, with a space between them. */
export function evaluate(text: string, circumstances: Circumstances): Truth {
  if (text === '') return false;
  if (text.length > LONGEST) return undefined;
  const reader = new Reader(text, circumstances);
  const truth = reader.or(0);
  return reader.isAtEnd ? truth : undefined;
}

class Reader {
  readonly #text: string;
  readonly #circumstances: Circumstances;
  #at = 0;

  constructor(text: string, circumstances: Circumstances) {
    this.#text = text;
    this.#circumstances = circumstances;
  }

  get isAtEnd(): boolean {
    return this.#text.slice(this.#at).trim() === '';
  }

  or(depth: number): Truth {
    let truth = this.#and(depth);
    while (this.#take(/^\s*\|\|/) !== undefined) {
      const right = this.#and(depth);
      truth = truth === true || right === true ? true : truth === false && right === false ? false : undefined;
    }
    return truth;
  }

  #and(depth: number): Truth {
    let truth = this.#term(depth);
    while (this.#take(/^\s*&&/) !== undefined) {
      const right = this.#term(depth);
      truth = truth === false || right === false ? false : truth === true && right === true ? true : undefined;
    }
    return truth;
  }

  #term(depth: number): Truth {
    let isNegated = false;
    while (this.#take(/^\s*!/) !== undefined) isNegated = !isNegated;
    const truth = this.#value(depth);
    return isNegated ? not(truth) : truth;
  }

  #value(depth: number): Truth {
    if (this.#take(/^\s*\(/) !== undefined) {
      if (depth >= DEEPEST) return this.#giveUp();
      const truth = this.or(depth + 1);
      return this.#take(/^\s*\)/) === undefined ? this.#giveUp() : truth;
    }
    const number = this.#take(/^\s*-?\d+(?=\s|\)|&&|\|\||$)/);
    if (number !== undefined) return Number(number) !== 0;
    const call = /^\s*([a-z_]+)\(([^()"'\\]*)\)/.exec(this.#text.slice(this.#at));
    if (call === null) return this.#giveUp();
    this.#at += call[0].length;
    return this.#predicate(call[1] as string, (call[2] as string).split(','));
  }

  #predicate(name: string, values: readonly string[]): Truth {
    const { environment, version } = this.#circumstances;
    const [first = '', second = ''] = values;
    if (values.length === 2 && name === 'streq') return first === second;
    if (values.length === 2 && name === 'strneq') return first !== second;
    if (values.length === 2 && name === 'strstr') return first.includes(second);
    if (name === 'defined') return environment.isDefined(first);
    if (version === undefined) return undefined;
    if (name === 'version_atleast') return isAtLeast(version, first);
    return name === 'version_before' ? not(isAtLeast(version, first)) : undefined;
  }

  /** What is left is not understood, so nothing of it may decide. */
  #giveUp(): undefined {
    this.#at = this.#text.length;
    return undefined;
  }

  #take(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.#text.slice(this.#at))?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
