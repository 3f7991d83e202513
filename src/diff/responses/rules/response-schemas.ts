/**
 * What an OpenAPI description (3.0, 3.1) or Swagger 2 says about answers. It is a file of the operator's that may be of any
 * size and refer to itself: how much of it is followed is bounded, and what is behind the bound is as if it were not said.
 */
import { ELEMENT } from '../../../answers/paths.ts';
import { mediaTypeOf } from '../../../text/media-type.ts';
import { openApiPaths, RouteOverrides } from '../../route-overrides.ts';
import { pathOf } from '../../routes/path-segments.ts';
import { ID_MEMBER, type Step } from './place-steps.ts';

/** A schema, or any other object of the description. */
type Fields = { readonly [key: string]: unknown };
/** What holds at once: a schema with those of its allOf and behind its $ref. */
type Conjunction = readonly Fields[];

/** Whether a member may be there: said by name or by a schema for all, left open, or excluded. */
export type Permission = 'declared' | 'open' | 'excluded';

/** Alternatives of one schema, schemas of one alternative, references in a row. */
const MAX_ALTERNATIVES = 32;
const MAX_PARTS = 64;
const MAX_DEPTH = 32;
/** Schemas that are looked at for one place. */
const MAX_SCHEMAS = 500;
const MAX_REFERENCES = 16;
/** Answers that were asked for, and targets whose operation is known. */
const MAX_KNOWN = 4_096;
const MAX_PATTERN = 200;

/** The answer that is declared for an operation and a status. */
export class DeclaredAnswer {
  readonly #description: Fields;
  readonly #answer: Fields;
  readonly #places = new Map<string, PlaceSchema>();

  constructor(description: Fields, answer: Fields) {
    this.#description = description;
    this.#answer = answer;
  }

  /** Whether a header is declared, and has to be there; undefined where it is not. */
  header(name: string): { readonly isRequired: boolean } | undefined {
    const headers = fieldsOf(this.#answer.headers);
    const key = Object.keys(headers).find((each) => each.toLowerCase() === name);
    if (key === undefined) return undefined;
    return { isRequired: resolve(this.#description, headers[key]).required === true };
  }

  /** Whether a media type is among those declared; undefined where none is. */
  hasType(type: string): boolean | undefined {
    const types = Object.keys(fieldsOf(this.#answer.content)).map(mediaTypeOf);
    if (types.length === 0) return undefined;
    return types.some((each) => each === '*/*' || each === type || isRange(each, type));
  }

  /** What is declared for a document of JSON, and stands at a place of it; undefined where nothing is. */
  schemaAt(steps: readonly Step[]): PlaceSchema | undefined {
    const schemas = this.#schemas();
    if (schemas.length === 0) return undefined;
    const key = JSON.stringify(steps);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const above = steps.length === 0 ? undefined : this.schemaAt(steps.slice(0, -1));
    const schema = above?.below(steps.at(-1) as Step) ?? new PlaceSchema(this.#description, { anyOf: schemas });
    if (this.#places.size >= MAX_KNOWN) this.#places.clear();
    this.#places.set(key, schema);
    return schema;
  }

  #schemas(): unknown[] {
    // Swagger 2 has one for all media types.
    if (this.#answer.schema !== undefined) return [this.#answer.schema];
    return Object.entries(fieldsOf(this.#answer.content))
      .filter(([type]) => /(?:^|[/+])json$|^(?:\*|application)\/\*$/.test(mediaTypeOf(type)))
      .map(([, media]) => fieldsOf(media).schema)
      .filter((schema) => schema !== undefined);
  }
}

/** `application/*` */
function isRange(range: string, type: string): boolean {
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1));
}

/** What a description says about one place. */
export class PlaceSchema {
  readonly #description: Fields;
  readonly #alternatives: readonly Conjunction[];

  constructor(description: Fields, schema: unknown) {
    this.#description = description;
    this.#alternatives = alternativesOf(schema, { description, left: MAX_SCHEMAS }, 0);
  }

  /** False where it is not in the description. */
  get isKnown(): boolean {
    return this.#alternatives.length > 0;
  }

  /** The member or the element of that name. */
  below(step: Step): PlaceSchema {
    const schemas = this.#alternatives.flatMap((parts) => {
      const found = new Set(parts.flatMap((part) => this.#children(part, step)));
      return found.size === 0 ? [] : [{ allOf: [...found] }];
    });
    return new PlaceSchema(this.#description, { anyOf: schemas });
  }

  permits(step: Step): Permission {
    const said = this.#alternatives.map((parts) => this.#permission(parts, step));
    if (said.includes('declared')) return 'declared';
    return said.length > 0 && said.every((each) => each === 'excluded') ? 'excluded' : 'open';
  }

  /** Whether the member has to be there in each of the alternatives. */
  requires(step: Step): boolean {
    const name = step.slice(1);
    const isRequired = ({ required }: Fields) => Array.isArray(required) && required.includes(name);
    return this.isKnown && step.startsWith('.') && this.#alternatives.every((parts) => parts.some(isRequired));
  }

  /** Undefined for any. */
  get types(): ReadonlySet<string> | undefined {
    const all = new Set<string>();
    for (const parts of this.#alternatives) {
      const types = typesOf(parts);
      if (types === undefined) return undefined;
      for (const type of types) all.add(type);
    }
    return this.isKnown ? all : undefined;
  }

  #children(schema: Fields, step: Step): unknown[] {
    if (step === ELEMENT) {
      const { items, prefixItems } = schema;
      // Swagger 2 and JSON Schema before 2020-12 have lists of items, too.
      return [items, prefixItems].flatMap((each) => (Array.isArray(each) ? [{ anyOf: each }] : schemaIn(each)));
    }
    const { additionalProperties } = schema;
    // Which member is meant is not known: it is one of those without a name of their own.
    if (step === ID_MEMBER)
      return [...Object.values(fieldsOf(schema.patternProperties)), ...schemaIn(additionalProperties)];
    const name = step.slice(1);
    const named = ownField(schema.properties, name);
    const patterned = Object.entries(fieldsOf(schema.patternProperties))
      .filter(([pattern]) => mayMatch(pattern, name))
      .map(([, each]) => each);
    const found = named === undefined ? patterned : [named, ...patterned];
    return found.length > 0 ? found : schemaIn(additionalProperties);
  }

  #permission(parts: Conjunction, step: Step): Permission {
    if (parts.some((part) => this.#children(part, step).length > 0)) return 'declared';
    const isClosed = ({ additionalProperties, unevaluatedProperties }: Fields) =>
      additionalProperties === false || unevaluatedProperties === false;
    return step !== ELEMENT && parts.some(isClosed) ? 'excluded' : 'open';
  }
}

function schemaIn(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? [value] : [];
}

/** A pattern of the description on a name of an answer: only one that cannot take long is tried, any other may match. */
function mayMatch(pattern: string, name: string): boolean {
  if (pattern.length > MAX_PATTERN || /[*+{(|]/.test(pattern.slice(0, -1))) return true;
  try {
    return new RegExp(pattern, 'su').test(name);
  } catch {
    return true;
  }
}

interface Walk {
  readonly description: Fields;
  /** How many schemas may still be looked at. */
  left: number;
}

/** What a schema comes to: each way to be valid, as all the schemas that hold then. */
function alternativesOf(schema: unknown, walk: Walk, depth: number): Conjunction[] {
  if (typeof schema !== 'object' || schema === null || depth > MAX_DEPTH || walk.left-- <= 0) return [[]];
  const own = schema as Fields;
  let all: Conjunction[] = [[own]];
  const combine = (others: readonly Conjunction[]) => {
    all = all
      .flatMap((parts) => others.map((more) => [...new Set([...parts, ...more])].slice(0, MAX_PARTS)))
      .slice(0, MAX_ALTERNATIVES);
  };
  if (typeof own.$ref === 'string') combine(alternativesOf(referred(walk.description, own.$ref), walk, depth + 1));
  for (const part of listOf(own.allOf)) combine(alternativesOf(part, walk, depth + 1));
  for (const choice of [own.oneOf, own.anyOf]) {
    if (!Array.isArray(choice)) continue;
    const ways: Conjunction[] = [];
    for (const each of choice) {
      if (ways.length < MAX_ALTERNATIVES) ways.push(...alternativesOf(each, walk, depth + 1));
    }
    combine(ways);
  }
  return all;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The types that all of them allow; undefined for any. `nullable` (3.0) beside a reference is meant for what is behind it. */
function typesOf(parts: Conjunction): Set<string> | undefined {
  let types: Set<string> | undefined;
  for (const part of parts) {
    const own = ownTypes(part);
    if (own === undefined) continue;
    const before: Set<string> | undefined = types;
    types = before === undefined ? own : new Set([...own].filter((type) => before.has(type)));
  }
  if (parts.some((part) => part.nullable === true || part['x-nullable'] === true)) types?.add('null');
  return types;
}

function ownTypes({ type, properties, items, enum: values, const: value }: Fields): Set<string> | undefined {
  const named = typeof type === 'string' ? [type] : listOf(type).filter((each) => typeof each === 'string');
  if (named.length > 0) return new Set(named.map((each) => (each === 'integer' ? 'number' : String(each))));
  if (Array.isArray(values)) return new Set(values.map(typeOf));
  if (value !== undefined) return new Set([typeOf(value)]);
  if (properties !== undefined) return new Set(['object']);
  return items === undefined ? undefined : new Set(['array']);
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

/** The operations of a description and what they answer. */
export class ResponseSchemas {
  readonly #description: Fields;
  readonly #routes: RouteOverrides;
  /** By template, as routes are called. */
  readonly #items = new Map<string, Fields>();
  readonly #known = new Map<string, Fields | undefined>();
  /** By what the file says of it: no more than there are in it. */
  readonly #answers = new Map<unknown, DeclaredAnswer>();

  /** @throws DiffError `bad-openapi`, `bad-route` */
  constructor(description: unknown) {
    this.#description = fieldsOf(description);
    const paths = fieldsOf(this.#description.paths);
    const templates = openApiPaths(description);
    this.#routes = new RouteOverrides(templates);
    const own = Object.keys(paths).filter((path) => path.startsWith('/'));
    // openApiPaths lists them again below each prefix, in their order.
    templates.forEach((template, i) => {
      const item = resolve(this.#description, paths[own[i % own.length] as string]);
      if (!this.#items.has(template)) this.#items.set(template, item);
    });
  }

  /** The statuses an operation declares; undefined where there is no such operation. */
  #responsesOf(method: string, target: string): Fields | undefined {
    const key = `${method} ${target}`;
    if (this.#known.has(key)) return this.#known.get(key);
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const item = this.#items.get(this.#routes.find(pathOf(target)) ?? '');
    const operation = ownField(item, method.toLowerCase());
    const responses = operation === undefined ? undefined : fieldsOf(fieldsOf(operation).responses);
    this.#known.set(key, responses);
    return responses;
  }

  /** @returns undefined where the operation or the status is not declared */
  answer(method: string, target: string, status: number): DeclaredAnswer | undefined {
    const responses = this.#responsesOf(method, target);
    const found =
      ownField(responses, String(status)) ??
      ownField(responses, `${Math.floor(status / 100)}XX`) ??
      ownField(responses, 'default');
    if (found === undefined) return undefined;
    let answer = this.#answers.get(found);
    if (answer === undefined) {
      answer = new DeclaredAnswer(this.#description, resolve(this.#description, found));
      this.#answers.set(found, answer);
    }
    return answer;
  }

  /** Whether the operation declares any answer. */
  knows(method: string, target: string): boolean {
    return Object.keys(this.#responsesOf(method, target) ?? {}).length > 0;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** A member that is its own: names come from answers. */
function ownField(value: unknown, name: string): unknown {
  const fields = fieldsOf(value);
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** What a reference says, and the reference behind that. */
function resolve(description: Fields, value: unknown): Fields {
  let found = fieldsOf(value);
  for (let i = 0; i < MAX_REFERENCES && typeof found.$ref === 'string'; i++) {
    const behind = referred(description, found.$ref);
    if (behind === undefined) break;
    found = fieldsOf(behind);
  }
  return found;
}

/** `#/components/schemas/Item`; undefined for what is not in the file. */
function referred(description: Fields, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let found: unknown = description;
  for (const part of reference.slice(2).split('/')) found = ownField(found, decodePointer(part));
  return found;
}

/** RFC 6901, sections 4 and 6. */
function decodePointer(part: string): string {
  let text = part;
  try {
    text = decodeURIComponent(part);
  } catch {
    // A % that encodes nothing stands for itself.
  }
  return text.replaceAll('~1', '/').replaceAll('~0', '~');
}
