/** The files that say how to compare: an OpenAPI description, a report of an A/A run. */
import { readFileSync, statSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { DiffError } from '../../diff/errors.ts';
import { NoiseBaseline } from '../../diff/noise.ts';
import { openApiPaths, RouteOverrides } from '../../diff/route-overrides.ts';
import type { DiffArguments } from './diff-options.ts';
import { CliError } from './errors.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/** Reads the file of --openapi; undefined without it. Throws CliError, DiffError. */
export function readDescription({ openapi }: DiffArguments): unknown {
  // YAML's superset is JSON. Aliases are bounded by the parser.
  return openapi === undefined ? undefined : readParsed(openapi, parseYaml, 'bad-openapi');
}

/** Reads --route, and the paths of a description; undefined without them. Throws DiffError. */
export function readOverrides({ route = [], format }: DiffArguments, description: unknown): RouteOverrides | undefined {
  // `GET /orders/{…}` chooses requests: only the single ones, in ndjson, can be chosen.
  const templates = format === 'ndjson' ? route.filter((text) => text.startsWith('/')) : route;
  if (description === undefined) return templates.length === 0 ? undefined : new RouteOverrides(templates);
  return new RouteOverrides([...templates, ...openApiPaths(description)]);
}

/** Reads the report of --noise-baseline; undefined without it. Throws CliError, DiffError. */
export function readBaseline({ noiseBaseline }: DiffArguments): NoiseBaseline | undefined {
  return noiseBaseline === undefined
    ? undefined
    : new NoiseBaseline(readParsed(noiseBaseline, JSON.parse, 'bad-baseline'));
}

function readParsed(path: string, parse: (text: string) => unknown, code: 'bad-openapi' | 'bad-baseline'): unknown {
  let text: string;
  try {
    if (statSync(path).size > MAX_BYTES) throw new CliError(code, `${path} is larger than 64 MiB`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError('cannot-read', `cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
  try {
    return parse(text);
  } catch (error) {
    throw new DiffError(code, `cannot read ${path}: ${(error as Error).message.split('\n')[0]}`);
  }
}
