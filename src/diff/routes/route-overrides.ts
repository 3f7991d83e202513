/** Routes the operator knows: `/users/{id}`, or the paths of an OpenAPI file. They win over what is found. */
import { DiffError } from '../errors.ts';

interface Template {
  readonly text: string;
  /** Undefined is a parameter. */
  readonly segments: readonly (string | undefined)[];
}

const PARAMETER = /\{[^{}/]*\}/;
const MAX_TEMPLATES = 10_000;

export class RouteOverrides {
  /** By number of segments, those with the fewest parameters first, then by text. */
  readonly #byLength = new Map<number, Template[]>();

  /** @throws DiffError `bad-route` for a template that does not begin with a slash */
  constructor(templates: readonly string[]) {
    if (templates.length > MAX_TEMPLATES)
      throw new DiffError('bad-route', `more than ${MAX_TEMPLATES} routes are given`);
    for (const text of new Set(templates)) {
      const template = compile(text);
      const list = this.#byLength.get(template.segments.length);
      if (list === undefined) this.#byLength.set(template.segments.length, [template]);
      else list.push(template);
    }
    for (const list of this.#byLength.values()) list.sort(bySpecificity);
  }

  /** The template that fits a path best; undefined when none does. */
  find(path: string): string | undefined {
    const parts = split(path);
    return this.#byLength.get(parts.length)?.find(({ segments }) => fits(segments, parts))?.text;
  }
}

function compile(text: string): Template {
  if (!text.startsWith('/')) {
    throw new DiffError('bad-route', `a route begins with /, not ${JSON.stringify(text)}`, "write '/users/{id}'");
  }
  return { text, segments: split(text).map((part) => (PARAMETER.test(part) ? undefined : part)) };
}

function split(path: string): string[] {
  return path.slice(1).split('/');
}

function fits(segments: Template['segments'], parts: readonly string[]): boolean {
  return segments.every((segment, i) => (segment === undefined ? parts[i] !== '' : segment === parts[i]));
}

function bySpecificity(a: Template, b: Template): number {
  return parameters(a) - parameters(b) || (a.text < b.text ? -1 : 1);
}

function parameters({ segments }: Template): number {
  return segments.filter((segment) => segment === undefined).length;
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
