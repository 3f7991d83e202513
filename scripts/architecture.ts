/**
 * npm run architecture: draws docs/architecture.svg from the imports of src/. An arrow is an import from one room into another, a
 * dashed one an import of types alone. What nearly every room imports is named in its box: arrows to it would hide all others.
 *
 * test/architecture-picture.test.ts fails when the file is not what this makes.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import { isMain, main, ROOT, ScriptError } from './project.mjs';

const PICTURE = join(ROOT, 'docs/architecture.svg');
const WIDTH = 980;
const HEIGHT = 640;
const BOX = { width: 200, height: 66 };

/** Where each room stands, and what it is in a few words. */
interface Place {
  readonly x: number;
  readonly y: number;
  /** In a few words. */
  readonly says: string;
}

/** Rooms that a room imports, and whether it is types alone. */
type Imports = ReadonlyMap<string, boolean>;
type Point = readonly [x: number, y: number];

const PLACES: Readonly<Record<string, Place>> = {
  cockpit: { x: 50, y: 228, says: 'keys, moments → full screen' },
  report: { x: 50, y: 118, says: 'model → text, tables, HTML' },
  tables: { x: 270, y: 118, says: 'lines → rows of tables' },
  engines: { x: 490, y: 118, says: 'ClickHouse, Parquet, DuckDB' },
  diff: { x: 270, y: 228, says: 'production against mirror' },
  otel: { x: 490, y: 228, says: 'rows, requests → OTLP' },
  operate: { x: 490, y: 338, says: 'what faces HAProxy' },
  stats: { x: 50, y: 338, says: 'counts, verdict, causes' },
  logs: { x: 270, y: 448, says: 'bytes → lines → rows' },
  spoa: { x: 730, y: 118, says: 'SPOP server' },
  mirror: { x: 730, y: 338, says: 'message → HTTP request' },
  spop: { x: 730, y: 448, says: "codec of HAProxy's protocol" },
};
/** At the bottom: they import nothing. */
const LEAVES: Readonly<Record<string, string>> = {
  status: 'st= and codes',
  sketch: 'histograms',
  text: 'JSON, numbers, cuts',
  options: 'grammars, entries',
  http2: 'client session',
  serving: 'who is let in, events',
  answers: 'prints, differences',
};
/** Lines that would run through a box go around it: control points of a curve, in front of both ends. */
interface Bend {
  readonly from: Point;
  readonly to: Point;
  /** How far to the right. */
  readonly by: number;
}

const BENT: Readonly<Record<string, Bend>> = {
  'spoa → spop': { from: [928, 184], to: [928, 448], by: 62 },
  'tables → logs': { from: [468, 184], to: [468, 448], by: 16 },
};

/** By room; `index` is src/index.ts. */
function readImports(): ReadonlyMap<string, Imports> {
  const imports = new Map<string, Map<string, boolean>>();
  for (const name of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).sort()) {
    const file = name.replaceAll('\\', '/');
    if (!file.endsWith('.ts') || file.startsWith('logs/scanner/assembly/')) continue;
    const from = file.includes('/') ? file.slice(0, file.indexOf('/')) : 'index';
    const found = imports.get(from) ?? new Map<string, boolean>();
    imports.set(from, found);
    for (const { specifier, typeOnly } of importsOf(file)) {
      const target = posix.join(posix.dirname(file), specifier);
      const to = target.slice(0, target.indexOf('/'));
      if (!specifier.startsWith('.') || to === from || to === '..') continue;
      found.set(to, typeOnly && (found.get(to) ?? true));
    }
  }
  return imports;
}

function importsOf(file: string): { readonly specifier: string; readonly typeOnly: boolean }[] {
  const { module } = parseSync(file, readFileSync(join(ROOT, 'src', file), 'utf8'));
  const statics = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    typeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
  }));
  const exports = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType }) =>
      moduleRequest ? [{ specifier: moduleRequest.value, typeOnly: isType }] : [],
    ),
  );
  const source = readFileSync(join(ROOT, 'src', file), 'utf8');
  const dynamics = module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
    specifier: source.slice(start + 1, end - 1),
    typeOnly: false,
  }));
  return [...statics, ...exports, ...dynamics];
}

/** @throws ScriptError for a room that has no place */
export function drawArchitecture(): string {
  const imports = readImports();
  const rooms = [...imports.keys()].filter((room) => room !== 'index' && room !== 'programs');
  for (const room of rooms) {
    if (PLACES[room] === undefined && LEAVES[room] === undefined)
      throw new ScriptError(`src/${room} has no place in the picture: give it one in scripts/architecture.ts`);
  }
  const drawn = rooms.flatMap((room) => {
    const place = PLACES[room];
    return place === undefined ? [] : [{ room, place, imports: imports.get(room) ?? NOTHING }];
  });
  const arrows = drawn.flatMap((from) =>
    [...from.imports].flatMap(([name, typeOnly]) => {
      const to = PLACES[name];
      return to === undefined ? [] : [arrow(from.room, from.place, name, to, typeOnly)];
    }),
  );
  const leaves = Object.keys(LEAVES).filter((leaf) => rooms.includes(leaf));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title">`,
    '<title id="title">The rooms of src/ and who imports whom</title>',
    STYLE,
    `<rect class="page" width="${WIDTH}" height="${HEIGHT}" rx="8"/>`,
    bar(50, 24, 430, 'programs', `imports ${names(imports.get('programs'))}`),
    bar(500, 24, 430, 'index.ts', `the library; exports of ${names(imports.get('index'))}`),
    label(50, 108, 'log half'),
    label(730, 108, 'agent half'),
    ...arrows,
    ...drawn.map(({ room, place, imports }) => box(room, place, imports)),
    ...leaves.map((leaf, i) => small(50 + i * 148, 556, leaf)),
    label(50, 546, 'leaves: they import nothing but text'),
    '</svg>',
    '',
  ].join('\n');
}

const NOTHING: Imports = new Map();

function names(imports: Imports = NOTHING): string {
  return [...imports.keys()].sort().join(', ');
}

/** The browser says which colours it prefers; the page has one of its own, so both are readable on any. */
const STYLE = `<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f } .name { font-weight: 600; font-size: 15px } .label, .uses { fill: #57606a }
  .page { fill: #ffffff; stroke: #d0d7de } .box { fill: #f6f8fa; stroke: #57606a } .leaf { fill: #ddf4ff; stroke: #0969da }
  .bar { fill: #fff8c5; stroke: #9a6700 } .arrow { fill: none; stroke: #57606a; stroke-width: 1.5 } .types { stroke-dasharray: 5 4 }
  .head { fill: #57606a }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .label, .uses { fill: #9198a1 } .page { fill: #0d1117; stroke: #3d444d } .box { fill: #161b22; stroke: #9198a1 }
    .leaf { fill: #0c2d6b; stroke: #58a6ff } .bar { fill: #3b2300; stroke: #d29922 } .arrow { stroke: #9198a1 } .head { fill: #9198a1 }
  }
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>`;

function box(room: string, { x, y, says }: Place, imports: Imports): string {
  const uses = [...imports.keys()].filter((name) => LEAVES[name] !== undefined).sort();
  return [
    `<rect class="box" x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6"/>`,
    `<text class="name" x="${x + 12}" y="${y + 21}">${room}</text>`,
    `<text x="${x + 12}" y="${y + 38}">${escapeXml(says)}</text>`,
    uses.length === 0 ? '' : `<text class="uses" x="${x + 12}" y="${y + 56}">+ ${uses.join(', ')}</text>`,
  ].join('');
}

function small(x: number, y: number, leaf: string): string {
  return (
    `<rect class="leaf" x="${x}" y="${y}" width="140" height="52" rx="6"/>` +
    `<text class="name" x="${x + 12}" y="${y + 21}">${leaf}</text><text x="${x + 12}" y="${y + 39}">${LEAVES[leaf]}</text>`
  );
}

function bar(x: number, y: number, width: number, name: string, says: string): string {
  const [first, second = ''] = twoLines(says, Math.floor(width / 6.4));
  return (
    `<rect class="bar" x="${x}" y="${y}" width="${width}" height="62" rx="6"/><text class="name" x="${x + 12}" y="${y + 20}">${name}</text>` +
    `<text x="${x + 12}" y="${y + 37}">${first}</text><text x="${x + 12}" y="${y + 53}">${second}</text>`
  );
}

function twoLines(text: string, most: number): string[] {
  if (text.length <= most) return [text];
  const end = text.lastIndexOf(' ', most);
  return [text.slice(0, end), text.slice(end + 1)];
}

function label(x: number, y: number, text: string): string {
  return `<text class="label" x="${x}" y="${y}">${text}</text>`;
}

/** From the edge of one box to the edge of another, on the line between their middles. */
function arrow(fromName: string, from: Place, toName: string, to: Place, typeOnly: boolean): string {
  const classes = typeOnly ? 'arrow types' : 'arrow';
  const title = `<title>${fromName} imports ${typeOnly ? 'types of ' : ''}${toName}</title>`;
  const bent = BENT[`${fromName} → ${toName}`];
  const path = bent === undefined ? straight(from, to) : curve(bent);
  return `<path class="${classes}" marker-end="url(#head)" d="${path}">${title}</path>`;
}

function straight(from: Place, to: Place): string {
  const [start, end] = [middle(from), middle(to)];
  const [x1, y1] = edge(start, end);
  const [x2, y2] = edge(end, start);
  return `M${x1} ${y1} ${x2} ${y2}`;
}

function curve({ from: [x1, y1], to: [x2, y2], by }: Bend): string {
  return `M${x1} ${y1}C${x1 + by} ${y1 + 60} ${x2 + by} ${y2 - 60} ${x2} ${y2}`;
}

function middle({ x, y }: Place): Point {
  return [x + BOX.width / 2, y + BOX.height / 2];
}

function edge([x, y]: Point, [towardsX, towardsY]: Point): Point {
  const [dx, dy] = [towardsX - x, towardsY - y];
  const scale = Math.min(BOX.width / 2 / Math.abs(dx || 1e-9), BOX.height / 2 / Math.abs(dy || 1e-9));
  return [Math.round(x + dx * scale), Math.round(y + dy * scale)];
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

// Of import.meta the url alone stays that of this file in the bundle of a test.
if (isMain({ url: import.meta.url })) {
  await main(async () => {
    writeFileSync(PICTURE, drawArchitecture());
    console.log('wrote docs/architecture.svg');
  });
}
