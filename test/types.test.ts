/**
 * The declarations as a project in TypeScript sees them: strict, with skipLibCheck off, in each way of resolving modules.
 * The repository's own compiler always; others where SPOE_LOGS_TYPESCRIPTS names a folder that has them, each with
 * node_modules/typescript and node_modules/@types/node (.ci/run installs them).
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TemporaryFolder } from './logs/reading.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const PROGRAM = `
import { pipeline } from 'node:stream/promises';
import {
  bigintReplacer, compare, createAgent, DiffError, type LineCounts, openExporter, parseLine, parseRecord, readRecord,
  setVarAction, type SpoeLine, spoeLines, stringData, type Summary, summarize, VariableScope,
} from 'spoe-logs';
import * as all from 'spoe-logs';

export async function main(input: NodeJS.ReadableStream): Promise<Summary> {
  const lines = spoeLines({ tz: 'UTC', year: 2026 });
  const counter = summarize({ by: ['agent'], failOn: ['error-rate>1%'] });
  for await (const line of input.pipe(lines)) {
    const { event, header, timeMs }: SpoeLine = line;
    const told: readonly [number, string | undefined, number | undefined] = [event.st, header.host, timeMs];
    counter.write(line);
    JSON.stringify(told, bigintReplacer);
    // @ts-expect-error a counter may be a bigint
    event.nbError.toFixed();
    // @ts-expect-error there is no such member
    line.nothing;
  }
  const counts: LineCounts = lines.counts;
  counts.lines.toFixed();
  await pipeline(input, spoeLines(), async (events: AsyncIterable<SpoeLine>) => {
    for await (const { event } of events) event.name.toUpperCase();
  });
  for await (const record of input.pipe(readRecord())) record.path.toUpperCase();
  parseRecord('')?.status?.toFixed();
  try {
    const report = await compare({ production: ['a'], mirror: [{ name: 'm', bytes: ['text'] }], margin: '1pp' });
    const code: 0 | 1 | 3 = report.verdict.exitCode;
    code.toFixed();
  } catch (error) {
    if (error instanceof DiffError) error.code.toUpperCase();
  }
  const exporter = await openExporter({ endpoint: 'http://127.0.0.1:4318', spans: 'compact' });
  exporter.end();
  exporter.report.spans.toFixed();
  const parsed = parseLine('');
  if (parsed.kind === 'event') parsed.event.pT.toFixed();
  const agent = createAgent({
    handlers: { '*': () => [setVarAction(VariableScope.transaction, 'x', stringData('y'))] },
  });
  await agent.listen({ port: 0 });
  await agent.close();
  Object.keys(all);
  return counter.summary();
}
`;

const WAYS = [
  ['node16', 'Node16'],
  ['bundler', 'ESNext'],
] as const;

interface Compiler {
  readonly name: string;
  /** Has node_modules/typescript and node_modules/@types/node. */
  readonly home: string;
}

function compilers(): Compiler[] {
  const folder = process.env.SPOE_LOGS_TYPESCRIPTS;
  const others = folder === undefined || !existsSync(folder) ? [] : readdirSync(folder);
  const homes = others.map((name) => ({ name: `TypeScript ${name}`, home: path.join(folder ?? '', name) }));
  return [{ name: "the repository's TypeScript", home: ROOT }, ...homes];
}

let folder: TemporaryFolder;
before(() => {
  folder = new TemporaryFolder();
});
after(() => folder.remove());

function check({ home }: Compiler, resolution: string, module: string): string {
  const project = path.join(folder.path, `${readdirSync(folder.path).length}`);
  const modules = path.join(project, 'node_modules');
  mkdirSync(path.join(modules, '@types'), { recursive: true });
  symlinkSync(ROOT, path.join(modules, 'spoe-logs'), 'junction');
  for (const name of ['@types/node', 'undici-types'])
    symlinkSync(path.join(home, 'node_modules', name), path.join(modules, name), 'junction');
  folder.write(path.join(path.basename(project), 'package.json'), '{"type":"module"}');
  const file = folder.write(path.join(path.basename(project), 'program.ts'), PROGRAM);
  const manifest = path.join(home, 'node_modules/typescript/package.json');
  const tsc = path.join(path.dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.tsc);
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', 'false'];
  const target = ['--noEmit', '--target', 'es2022', '--lib', 'es2022', '--types', 'node'];
  const args = [tsc, ...target, ...strict, '--moduleResolution', resolution, '--module', module, file];
  try {
    return execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
}

for (const compiler of compilers()) {
  for (const [resolution, module] of WAYS) {
    test(`${compiler.name}, moduleResolution ${resolution}: the declarations are clean`, () => {
      assert.equal(check(compiler, resolution, module), '');
    });
  }
}

test('other versions of TypeScript', (context) => {
  if (compilers().length === 1) context.skip('no other TypeScript: SPOE_LOGS_TYPESCRIPTS names no folder that has any');
});
