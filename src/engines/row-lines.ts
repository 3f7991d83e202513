/**
 * Rows as ClickHouse writes them in the format JSONCompactEachRowWithNamesAndTypes: a line of JSON each, names and types first.
 * A value of a row cannot be taken for an exception behind the rows: it is inside a JSON text, and a line of rows begins with `[`.
 */
import type { EngineColumn, EngineRow, EngineValue } from './engine.ts';

type Convert = (value: EngineValue) => EngineValue;

const SAME: Convert = (value) => value;

/** What makes the values of a type of what JSON has of them; 64 bits come as texts. */
export function converterOf(type: string): Convert {
  const [, name = type, inner = ''] = /^(\w+)\((.*)\)$/s.exec(type) ?? [];
  if (/^U?Int(64|128|256)$/.test(name)) return (value) => (value === null ? null : wholeNumber(String(value)));
  if (/^(Float32|Float64|BFloat16)$/.test(name)) return (value) => (value === null ? null : floatingNumber(value));
  if (name === 'Nullable' || name === 'LowCardinality') return converterOf(inner);
  if (name === 'SimpleAggregateFunction') return converterOf(splitTypes(inner).slice(1).join(', '));
  if (name === 'Array') return eachOf(converterOf(inner));
  if (name === 'Tuple') return tupleOf(splitTypes(inner).map(withoutName).map(converterOf));
  if (name === 'Map') {
    const convert = converterOf(splitTypes(inner)[1] ?? '');
    return (value) =>
      isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, convert(each)])) : value;
  }
  return SAME;
}

/** A whole number as a number where that says it, else as a bigint. */
export function wholeNumber(digits: string): number | bigint {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}

function floatingNumber(value: EngineValue): number {
  if (typeof value !== 'string') return Number(value);
  if (/^[+-]?inf/i.test(value)) return value.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(value);
}

function eachOf(convert: Convert): Convert {
  return (value) => (Array.isArray(value) ? value.map(convert) : value);
}

function tupleOf(converters: readonly Convert[]): Convert {
  return (value) => (Array.isArray(value) ? value.map((each, i) => (converters[i] ?? SAME)(each)) : value);
}

function isObject(value: EngineValue): value is { readonly [name: string]: EngineValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The types of a list at its commas, but for those in parentheses. */
function splitTypes(list: string): string[] {
  const types: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < list.length; at++) {
    if (list[at] === '(') depth++;
    else if (list[at] === ')') depth--;
    else if (list[at] === ',' && depth === 0) {
      types.push(list.slice(from, at).trim());
      from = at + 1;
    }
  }
  types.push(list.slice(from).trim());
  return types;
}

/** Elements of a tuple may have names: `a UInt8`. */
function withoutName(type: string): string {
  return /^(?:`[^`]*`|\w+)\s+(\w.*)$/s.exec(type)?.[1] ?? type;
}

/** A line as values. Undefined where it is none. */
function parseValues(line: string): EngineValue[] | undefined {
  if (!line.startsWith('[')) return undefined;
  try {
    return JSON.parse(line) as EngineValue[];
  } catch {
    return undefined;
  }
}

/** The columns that the first two lines name. Undefined where they do not. */
export function parseColumns(names: string, types: string): EngineColumn[] | undefined {
  const [named, typed] = [parseValues(names), parseValues(types)];
  if (named === undefined || typed === undefined || named.length !== typed.length) return undefined;
  return named.map((name, i) => ({ name: String(name), type: String(typed[i]) }));
}

/** What reads the lines behind them. */
export function rowParser(columns: readonly EngineColumn[]): (line: string) => EngineRow | undefined {
  const converters = columns.map(({ type }) => converterOf(type));
  return (line) => {
    const values = parseValues(line);
    if (values?.length !== converters.length) return undefined;
    return values.map((value, i) => (converters[i] as Convert)(value));
  };
}

/** A moment with its milliseconds, as ClickHouse writes it, of one that is written without a fraction of 0. */
export function momentText(text: string): string {
  const [, seconds = text, fraction = ''] = /^([^.]*?)(?:\.(\d+))?$/.exec(text) ?? [];
  return `${seconds}.${fraction.padEnd(3, '0')}`;
}
