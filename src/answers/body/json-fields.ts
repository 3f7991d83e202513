/** The fields of a JSON document: by path, what stands there, in document order. */
import { ELEMENT, ID_MEMBER, isIdName, memberPiece, ROOT_PATH } from '../paths.ts';

/** One path of a document with all that stands there. */
export interface Field {
  readonly path: string;
  readonly depth: number;
  /** Bits of TYPE. */
  types: number;
  /** What stands there, in document order: each a letter of its type and its value. */
  readonly values: string[];
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

interface Node extends Field {
  members: Map<string, Node | undefined> | undefined;
  element: Node | undefined | null;
}

/** Decimals by path. */
export type Decimals = ReadonlyMap<string, number>;

/** The fields of a document; undefined when the text is no JSON. */
export function jsonFields(text: string, bounds: FieldBounds, decimals: Decimals): JsonFields | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  return new Walk(bounds, decimals).walk(document);
}

/** A zero byte stands between values, and half a character has no bytes of its own. */
const NEEDS_ESCAPE = /[\0\p{Cs}]/u;

class Walk {
  readonly #bounds: FieldBounds;
  readonly #decimals: Decimals;
  readonly #fields: Node[] = [];
  #dropped = 0;

  constructor(bounds: FieldBounds, decimals: Decimals) {
    this.#bounds = bounds;
    this.#decimals = decimals;
  }

  walk(document: unknown): JsonFields {
    const root = this.#make(ROOT_PATH, 0);
    if (root !== undefined) this.#value(root, document);
    return { fields: this.#fields, dropped: this.#dropped };
  }

  #make(path: string, depth: number): Node | undefined {
    const { maxFields, maxDepth, maxPath } = this.#bounds;
    if (depth > maxDepth || path.length > maxPath || this.#fields.length >= maxFields) {
      this.#dropped++;
      return undefined;
    }
    const node: Node = { path, depth, types: 0, values: [], members: undefined, element: null };
    this.#fields.push(node);
    return node;
  }

  #value(node: Node, value: unknown): void {
    if (value === null) {
      node.types |= TYPE.null;
      node.values.push('z');
    } else if (typeof value === 'string') {
      node.types |= TYPE.string;
      node.values.push(NEEDS_ESCAPE.test(value) ? `j${JSON.stringify(value)}` : `s${value}`);
    } else if (typeof value === 'number') {
      node.types |= TYPE.number;
      const places = this.#decimals.size === 0 ? undefined : this.#decimals.get(node.path);
      node.values.push(`n${places === undefined ? value : Number(value.toFixed(places))}`);
    } else if (typeof value === 'boolean') {
      node.types |= TYPE.boolean;
      node.values.push(value ? 't' : 'f');
    } else if (Array.isArray(value)) {
      this.#array(node, value);
    } else {
      node.types |= TYPE.object;
      node.values.push('o');
      this.#object(node, value as { readonly [name: string]: unknown });
    }
  }

  #array(node: Node, elements: readonly unknown[]): void {
    node.types |= TYPE.array;
    node.values.push(`a${elements.length}`);
    if (elements.length === 0) return;
    if (node.element === null) node.element = this.#make(node.path + ELEMENT, node.depth + 1);
    const { element } = node;
    if (element === undefined) return;
    for (const value of elements) this.#value(element, value);
  }

  #object(node: Node, object: { readonly [name: string]: unknown }): void {
    node.members ??= new Map();
    const ids: string[] = [];
    for (const name of Object.keys(object)) {
      if (!node.members.has(name)) {
        if (isIdName(name)) {
          ids.push(name);
          continue;
        }
        node.members.set(name, this.#make(node.path + memberPiece(name), node.depth + 1));
      }
      const member = node.members.get(name);
      if (member !== undefined) this.#value(member, object[name]);
    }
    if (ids.length === 0) return;
    // The members of an object have no order: that of their names is the same on both sides.
    ids.sort();
    if (!node.members.has(ID_MEMBER)) node.members.set(ID_MEMBER, this.#make(node.path + ID_MEMBER, node.depth + 1));
    const member = node.members.get(ID_MEMBER);
    if (member !== undefined) for (const id of ids) this.#value(member, object[id]);
  }
}
