/** HAProxy's own `log-format` string → a reader of such lines. */

import { AccessFormatError } from '../access-errors.ts';
import type { AccessReadOptions } from '../access-options.ts';
import type { AccessFormatName } from '../access-record.ts';
import { BACKSLASHED, HAPROXY_URL } from './characters.ts';
import type { AccessFormat } from './format.ts';
import { type HaproxyToken, readHaproxyFormat } from './haproxy-tokens.ts';
import { describeSample, isJsonSample, VARIABLES, type Variable } from './haproxy-variables.ts';
import { JsonFormat } from './json-format.ts';
import type { Notation } from './record-builder.ts';
import { Slot } from './slots.ts';
import { noStatus, TemplateFormat } from './template-format.ts';
import type { TemplatePart, Value } from './template-parts.ts';

export interface CompileOptions extends AccessReadOptions {
  readonly name?: AccessFormatName;
  readonly description?: string;
  /** True when the format was found, not given: it may lack the field of the id. */
  readonly isFound?: boolean;
}

/**
 * Compiles a `log-format` string, with or without the keyword, quotes and backslashes of the configuration file.
 * @throws AccessFormatError `bad-format`, `ambiguous-format`, `no-status`
 */
export function compileHaproxyFormat(text: string, options: CompileOptions = {}): AccessFormat {
  const { tokens, isJson } = readHaproxyFormat(text);
  const description = options.description ?? text.trim();
  const roles = new Roles(tokens);
  if (isJson) return compileJson(tokens, roles, description, options.idField);
  const parts = mergeSpaces(tokens.flatMap((token, index) => toParts(token, roles.of(index))));
  const capture = CAPTURE.exec(options.idField ?? '');
  const hasCaptures = tokens.some(
    (token) => token.kind === 'variable' && token.name === (capture?.[1] === 's' ? 'hs' : 'hr'),
  );
  const isCaptured = capture !== null && hasCaptures;
  const notation = {
    ...roles.notation(),
    ...(isCaptured && {
      idCapture: { slot: capture[1] === 's' ? Slot.answerCaptures : Slot.captures, index: Number(capture[2]) },
    }),
  };
  // An option is for all formats that may be found; a name that only JSON has is none of these.
  const idField = isCaptured || options.isFound === true ? undefined : options.idField;
  return new TemplateFormat(options.name ?? 'haproxy-log-format', description, parts, notation, idField);
}

/** One of HAProxy's captured headers, which `%hr` and `%hs` write between bars. */
const CAPTURE = /^%?\[?capture\.re([qs])\.hdr\((\d{1,3})\)\]?$/;

/** The text and the values of a `log-format` string. */
export function haproxyParts(text: string): TemplatePart[] {
  const { tokens } = readHaproxyFormat(text);
  const roles = new Roles(tokens);
  return mergeSpaces(tokens.flatMap((token, index) => toParts(token, roles.of(index))));
}

function compileJson(
  tokens: readonly HaproxyToken[],
  roles: Roles,
  description: string,
  idField: string | undefined,
): AccessFormat {
  const keys = new Map<string, Slot>();
  tokens.forEach((token, index) => {
    const own = roles.of(index).slot;
    const isId = token.kind !== 'text' && token.label === idField;
    const slot = isId ? Slot.id : idField !== undefined && own === Slot.id ? Slot.none : own;
    if (token.kind !== 'text' && token.label !== '' && slot !== Slot.none && !keys.has(token.label))
      keys.set(token.label, slot);
  });
  if (![...keys.values()].includes(Slot.status)) throw noStatus(description);
  return new JsonFormat('haproxy-json', description, keys, {
    ...roles.notation(),
    escape: 'json',
    innerEscape: 'haproxy',
  });
}

const TEXT: Variable = { slot: Slot.none, characters: HAPROXY_URL };

/** The roles of the parts of a format. */
class Roles {
  readonly #variables: readonly Variable[];
  readonly #tokens: readonly HaproxyToken[];

  constructor(tokens: readonly HaproxyToken[]) {
    this.#tokens = tokens;
    this.#variables = tokens.map((token, index) => variableOf(token, tokens[index - 1]));
  }

  of(index: number): Variable {
    return this.#variables[index] ?? TEXT;
  }

  notation(): Notation {
    const flagged = (slot: Slot, flag: 'hex' | 'escape') =>
      this.#tokens.some((token, i) => token.kind !== 'text' && token.flags[flag] && this.of(i).slot === slot);
    const texts = [Slot.request, Slot.target, Slot.path, Slot.query];
    const isEscaped = texts.some((slot) => flagged(slot, 'escape'));
    const isJson = this.#tokens.some((token) => token.kind === 'sample' && isJsonSample(token.expression));
    return {
      escape: isJson ? 'json' : isEscaped ? 'backslash' : 'haproxy',
      ...((isJson || isEscaped) && { innerEscape: 'haproxy' }),
      hexSid: flagged(Slot.sid, 'hex'),
      hexPid: flagged(Slot.pid, 'hex'),
      hexEpoch: flagged(Slot.epoch, 'hex'),
      hexMillis: flagged(Slot.millis, 'hex'),
    };
  }
}

function variableOf(token: HaproxyToken, previous: HaproxyToken | undefined): Variable {
  if (token.kind === 'text') return TEXT;
  if (token.kind === 'sample') {
    const before = previous?.kind === 'text' ? (/([\w.-]+)["']?[=:]\s*["']?$/.exec(previous.text)?.[1] ?? '') : '';
    return describeSample(token.expression, token.label || before);
  }
  const variable = Object.hasOwn(VARIABLES, token.name) ? VARIABLES[token.name] : undefined;
  if (variable !== undefined) return variable;
  throw new AccessFormatError(
    'bad-format',
    `HAProxy has no variable %${token.name}`,
    'names end where letters and digits do; see "Custom log format" in its configuration manual',
  );
}

function toParts(token: HaproxyToken, variable: Variable): TemplatePart[] {
  if (token.kind === 'text') return [token.text];
  const { flags } = token;
  const label = token.kind === 'variable' ? `%${token.name}` : `%[${token.expression}]`;
  const quote = flags.quote && variable.isText === true ? '"' : '';
  const { slot, kind } = variable;
  if (kind === 'captures') {
    return [{ slot, characters: variable.characters, label, open: `${quote}{`, close: `}${quote}` }];
  }
  if (kind === 'list' && quote !== '') {
    return [{ slot, characters: variable.characters, label, open: quote, close: quote }];
  }
  const characters = flags.escape && variable.isText === true ? BACKSLASHED : variable.characters;
  const value: Value = {
    slot,
    characters,
    label,
    rank: variable.rank ?? 0,
    ...(kind === 'list' && { isOptional: true }),
    ...(kind === 'address' && quote === '' && { isAddress: true }),
    // Captured cookies begin with the name that is configured: this is no text of a client.
    ...(kind === 'cookie' && { none: quote === '' ? '-' : '' }),
  };
  return [quote, value, quote];
}

/** HAProxy writes one space where several meet, and none at the beginning. A list of captures may be nothing. */
function mergeSpaces(parts: readonly TemplatePart[]): TemplatePart[] {
  const merged: TemplatePart[] = [];
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    merged.push(text.replace(/ +/g, ' '), part);
    text = '';
  }
  merged.push(text.replace(/ +/g, ' ').trimEnd());
  const lead = merged[0];
  if (typeof lead === 'string') merged[0] = lead.trimStart();
  return mergeLists(merged);
}

/** Lists of captures follow each other: one value for both. */
function mergeLists(parts: readonly TemplatePart[]): TemplatePart[] {
  const merged: TemplatePart[] = [];
  for (const part of parts) {
    const previous = merged.at(-2);
    if (isList(part) && isList(previous) && merged.at(-1) === ' ') merged.pop();
    else merged.push(part);
  }
  return merged;
}

function isList(part: TemplatePart | undefined): boolean {
  return typeof part === 'object' && (part.label === '%hrl' || part.label === '%hsl');
}
