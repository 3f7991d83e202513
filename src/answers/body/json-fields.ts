/** The fields of a JSON document: by path, what stands there, in document order. */

import { ELEMENT, ID_MEMBER, isIdName, memberPiece, ROOT_PATH } from '../paths.ts';
import { markedNumber, markNumbers, mayNeedText, numberText, unmarked, unmarkedJson } from './exact-numbers.ts';

/** One path of a document with all that stands there. */
export interface Field {
  readonly path: string;
  readonly depth: number;
  /** Bits of TYPE. */
  types: number;
  /**
   * What stands there, in document order. Each has its own text: a number is itself, or its digits where it is too large; all others begin
   * with a letter of their type, as `s` before a string. Of an array it is the length.
   */
  readonly values: (string | number)[];
  /** Of each object that has such: the names of its members that are ids, sorted. */
  readonly idNames: string[];
}

export const TYPE = { number: 1, string: 2, boolean: 4, null: 8, object: 16, array: 32 } as const;
/** Letters of the types, in the order of their bits. */
export const TYPE_LETTERS = 'nsbzoa';
export const TYPE_NAMES: { readonly [letter: string]: string } = {
  n: 'number',
  s: 'string',
  b: 'boolean',
  z: 'null',
  o: 'object',
  a: 'array',
};

export interface FieldBounds {
  readonly maxFields: number;
  readonly maxDepth: number;
  readonly maxPath: number;
}

export interface JsonFields {
  readonly fields: readonly Field[];
  /** Paths beyond the bounds; one that is too deep or too long counts with all that is below it. */
  readonly dropped: number;
}

/** A field and what is below it. Undefined is beyond the bounds, null was not met yet. */
interface Node extends Field {
  members: Map<string, Node | undefined> | undefined;
  element: Node | undefined | null;
  id: Node | undefined | null;
  /** Members that found no room were counted once. */
  isCut: boolean;
}

type JsonObject = { readonly [name: string]: unknown };

/** Decimals by path. */
export type Decimals = ReadonlyMap<string, number>;

/**
 * The fields of a document; undefined when the text is no JSON. Of members with the same name the last counts, as for those who read
 * the answer.
 */
export function jsonFields(text: string, bounds: FieldBounds, decimals: Decimals): JsonFields | undefined {
  const parsed = parse(text);
  return parsed && new Walk(bounds, decimals, parsed.isMarked).walk(parsed.document);
}

/** What stands at a path, each as JSON, at most `most` of them in document order; undefined when the text is no JSON. */
export function jsonValues(text: string, bounds: FieldBounds, path: string, most: number): string[] | undefined {
  const parsed = parse(text);
  if (parsed === undefined) return undefined;
  const found: unknown[] = [];
  new Walk(bounds, new Map(), parsed.isMarked, { path, found }).walk(parsed.document);
  const texts = found.slice(0, most).map((value) => JSON.stringify(value));
  return parsed.isMarked ? texts.map(unmarkedJson) : texts;
}

function parse(text: string): { readonly document: unknown; readonly isMarked: boolean } | undefined {
  try {
    const document: unknown = JSON.parse(text);
    const isMarked = mayNeedText(text);
    return { document: isMarked ? JSON.parse(markNumbers(text)) : document, isMarked };
  } catch {
    return undefined;
  }
}

/** What stands at one path, gathered on the way. */
interface Wanted {
  readonly path: string;
  readonly found: unknown[];
}

/** A zero byte stands between values, and half a character has no bytes of its own. */
const NEEDS_ESCAPE = /[\0\p{Cs}]/u;

class Walk {
  readonly #bounds: FieldBounds;
  readonly #decimals: Decimals;
  /** Some numbers are strings. */
  readonly #isMarked: boolean;
  readonly #wanted: Wanted | undefined;
  readonly #fields: Node[] = [];
  #dropped = 0;

  constructor(bounds: FieldBounds, decimals: Decimals, isMarked: boolean, wanted?: Wanted) {
    this.#bounds = bounds;
    this.#decimals = decimals;
    this.#isMarked = isMarked;
    this.#wanted = wanted;
  }

  walk(document: unknown): JsonFields {
    const root = this.#make(undefined, () => ROOT_PATH);
    if (root !== undefined) this.#value(root, document);
    return { fields: this.#fields, dropped: this.#dropped };
  }

  /** What is below `above`, or undefined where that is beyond the bounds; `piece` is asked only where there is room. */
  #make(above: Node | undefined, piece: (name: string) => string, name = ''): Node | undefined {
    const { maxFields, maxDepth, maxPath } = this.#bounds;
    const depth = above === undefined ? 0 : above.depth + 1;
    const path = depth > maxDepth || this.#fields.length >= maxFields ? undefined : (above?.path ?? '') + piece(name);
    if (path === undefined || path.length > maxPath) {
      this.#dropped++;
      return undefined;
    }
    const node: Node = {
      path,
      depth,
      types: 0,
      values: [],
      idNames: [],
      members: undefined,
      element: null,
      id: null,
      isCut: false,
    };
    this.#fields.push(node);
    return node;
  }

  /** Not deeper than the bound: what has no node is not entered. */
  #value(node: Node, value: unknown): void {
    if (this.#wanted?.path === node.path) this.#wanted.found.push(value);
    if (value === null) {
      node.types |= TYPE.null;
      node.values.push('z');
    } else if (typeof value === 'string') {
      const number = this.#isMarked ? markedNumber(value) : undefined;
      if (number === undefined) this.#string(node, this.#isMarked ? unmarked(value) : value);
      else this.#number(node, Number(number), number);
    } else if (typeof value === 'number') {
      this.#number(node, value);
    } else if (typeof value === 'boolean') {
      node.types |= TYPE.boolean;
      node.values.push(value ? 't' : 'f');
    } else if (Array.isArray(value)) {
      this.#array(node, value);
    } else {
      this.#object(node, value as JsonObject);
    }
  }

  #string(node: Node, value: string): void {
    node.types |= TYPE.string;
    node.values.push(NEEDS_ESCAPE.test(value) ? `j${JSON.stringify(value)}` : `s${value}`);
  }

  #number(node: Node, value: number, source?: string): void {
    node.types |= TYPE.number;
    const decimals = this.#decimals.size === 0 ? undefined : this.#decimals.get(node.path);
    if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER) || source !== undefined)
      node.values.push(numberText(value, source));
    else node.values.push(decimals === undefined ? value : Number(value.toFixed(decimals)));
  }

  #array(node: Node, elements: readonly unknown[]): void {
    node.types |= TYPE.array;
    node.values.push(`a${elements.length}`);
    if (elements.length === 0) return;
    if (node.element === null) node.element = this.#make(node, () => ELEMENT);
    const { element } = node;
    if (element === undefined) return;
    for (const value of elements) this.#value(element, value);
  }

  #object(node: Node, object: JsonObject): void {
    node.types |= TYPE.object;
    node.values.push('o');
    node.members ??= new Map();
    const { members } = node;
    const ids: string[] = [];
    let left = 0;
    for (const key of Object.keys(object)) {
      let member = members.get(key);
      if (member === undefined && !members.has(key)) {
        // To ask whether a name is an id takes longer than to read it: not for thousands that nothing is kept of.
        const hasRoom = this.#hasRoomBelow(node);
        if (!hasRoom && (node.id ?? undefined) === undefined) {
          left++;
          continue;
        }
        const name = this.#isMarked ? unmarked(key) : key;
        if (isIdName(name)) {
          ids.push(key);
          continue;
        }
        if (!hasRoom) {
          left++;
          continue;
        }
        member = this.#make(node, memberPiece, name);
        members.set(key, member);
      }
      if (member !== undefined) this.#value(member, object[key]);
    }
    if (left > 0 && !node.isCut) this.#dropped += left;
    node.isCut ||= left > 0;
    if (ids.length > 0) this.#ids(node, object, ids);
  }

  /** Whether the shortest name would find some. */
  #hasRoomBelow({ depth, path }: Node): boolean {
    const { maxFields, maxDepth, maxPath } = this.#bounds;
    return this.#fields.length < maxFields && depth < maxDepth && path.length + '.x'.length <= maxPath;
  }

  /** The members of an object have no order: that of their names is the same on both sides. */
  #ids(node: Node, object: JsonObject, ids: string[]): void {
    if (node.id === null) node.id = this.#make(node, () => ID_MEMBER);
    const { id: member } = node;
    if (member === undefined) return;
    ids.sort();
    node.idNames.push(JSON.stringify(this.#isMarked ? ids.map(unmarked) : ids));
    for (const id of ids) this.#value(member, object[id]);
  }
}
