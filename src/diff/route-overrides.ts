/** Routes the operator knows: `/users/{id}`, or the paths of an OpenAPI file. They win over what is found. */
import { DiffError } from './errors.ts';
import { compareTexts } from './transitions.ts';

/** The text itself, or undefined for a parameter, or a pattern for text with parameters in it: `{name}.json`. */
type Segment = string | RegExp | undefined;

interface Template {
  readonly text: string;
  readonly segments: readonly Segment[];
}

/** Templates that have their parameters in the same places. */
interface Shape {
  /** By segment: whether it is the text itself. */
  readonly isFixed: readonly boolean[];
  /** The templates by those texts, the most specific one first. */
  readonly templates: Map<string, Template[]>;
}

const PARAMETER = /\{[^{}/]*\}/;
const MAX_TEMPLATES = 10_000;

export class RouteOverrides {
  /** By number of segments. Few shapes have many templates, so that a path is not held against each of them. */
  readonly #shapes = new Map<number, Map<string, Shape>>();

  /** @throws DiffError `bad-route` for a template that does not begin with a slash */
  constructor(templates: readonly string[]) {
    if (templates.length > MAX_TEMPLATES)
      throw new DiffError('bad-route', `more than ${MAX_TEMPLATES} routes are given`);
    for (const template of [...new Set(templates)].map(compile).sort(bySpecificity)) this.#add(template);
  }

  /** The template that fits a path best: with the fewest parameters, of several the first by text; undefined without. */
  find(path: string): string | undefined {
    if (!path.startsWith('/')) return undefined;
    const parts = split(path).map(withoutMatrix);
    let best: Template | undefined;
    for (const { isFixed, templates } of this.#shapes.get(parts.length)?.values() ?? []) {
      const found = templates.get(fixedKey(parts, isFixed))?.find(({ segments }) => fits(segments, parts));
      if (found !== undefined && (best === undefined || bySpecificity(found, best) < 0)) best = found;
    }
    return best?.text;
  }

  #add(template: Template): void {
    const { segments } = template;
    const isFixed = segments.map((segment) => typeof segment === 'string');
    const shapes = getOrCreate(this.#shapes, segments.length, () => new Map<string, Shape>());
    const shape = getOrCreate(shapes, isFixed.join(), () => ({ isFixed, templates: new Map() }));
    getOrCreate(shape.templates, fixedKey(segments, isFixed), () => []).push(template);
  }
}

function getOrCreate<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}

function fixedKey(segments: readonly Segment[], isFixed: readonly boolean[]): string {
  return segments.filter((_, i) => isFixed[i]).join('/');
}

function compile(text: string): Template {
  if (!text.startsWith('/')) {
    throw new DiffError('bad-route', `a route begins with /, not ${JSON.stringify(text)}`, "write '/users/{id}'");
  }
  return { text, segments: split(text).map(compileSegment) };
}

function compileSegment(part: string): Segment {
  const texts = part.split(new RegExp(PARAMETER, 'g'));
  if (texts.length === 1) return part;
  if (texts.length === 2 && texts.every((text) => text === '')) return undefined;
  return new RegExp(`^${texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.+')}$`, 's');
}

function split(path: string): string[] {
  return path.slice(1).split('/');
}

/** As in routes that are found: `/orders;jsessionid=1/17` is `/orders/17`. */
function withoutMatrix(part: string): string {
  const parameters = part.indexOf(';');
  return parameters < 0 ? part : part.slice(0, parameters);
}

function fits(segments: readonly Segment[], parts: readonly string[]): boolean {
  return segments.every((segment, i) => {
    const part = parts[i] as string;
    if (segment === undefined) return part !== '';
    return typeof segment === 'string' ? segment === part : segment.test(part);
  });
}

function bySpecificity(a: Template, b: Template): number {
  return vagueness(a) - vagueness(b) || compareTexts(a.text, b.text);
}

/** A segment that is nothing but a parameter outweighs all that have text around theirs. */
function vagueness({ segments }: Template): number {
  const weights = segments.map((segment) => {
    if (segment === undefined) return segments.length + 1;
    return typeof segment === 'string' ? 0 : 1;
  });
  return weights.reduce((sum, weight) => sum + weight, 0);
}

/** The paths of an OpenAPI description, each also below the path of its servers (or the basePath of Swagger 2). */
export function openApiPaths(description: unknown): string[] {
  const { paths, servers, basePath } = fieldsOf(description);
  const prefixes = new Set(['', text(basePath)]);
  for (const server of Array.isArray(servers) ? servers : []) prefixes.add(prefixOf(text(fieldsOf(server).url)));
  const templates = Object.keys(fieldsOf(paths)).filter((path) => path.startsWith('/'));
  if (templates.length === 0) throw new DiffError('bad-openapi', 'it has no paths', 'name an OpenAPI or Swagger file');
  return [...prefixes].flatMap((prefix) => templates.map((path) => prefix.replace(/\/+$/, '') + path));
}

function fieldsOf(value: unknown): { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null ? (value as { [key: string]: unknown }) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function prefixOf(url: string): string {
  return url.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/]*/, '');
}
