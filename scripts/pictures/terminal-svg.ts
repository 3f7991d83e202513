/**
 * Screens of a terminal as SVG: one is a still, several are played by CSS, round and round. A row is written once for the whole time in
 * which it stays as it is, which keeps a recording small. Whoever wants no motion, or cannot play it, sees the last screen.
 */
import { joinMarkup, type Markup, markup, NO_MARKUP } from '../../src/report/html/markup.ts';
import { displayWidth } from '../../src/report/width.ts';
import type { Run } from '../terminal/vt-screen.ts';
import { PALETTES, type Palette, type Scheme } from './palette.ts';

export interface Shot {
  readonly rows: readonly (readonly Run[])[];
  /** What happens, in a few words: in the title bar, beside the command. */
  readonly story: string;
  /** How long it is shown. */
  readonly seconds: number;
}

export interface Recording {
  readonly columns: number;
  readonly rows: number;
  /** As it was typed. */
  readonly command: string;
  readonly shots: readonly Shot[];
  /** For who does not see it. */
  readonly title: string;
}

/** A cell in pixels; letters are stretched to it, whatever font the reader has. */
const CELL = { width: 8, height: 17, size: 13.3 };
const PADDING = 14;
const BAR_HEIGHT = 30;
const FONT = 'ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace';

/** A row that looks the same from one shot on until another one. */
interface Stay {
  readonly markup: string;
  readonly from: number;
  readonly until: number;
}

export function drawTerminal({ columns, rows, command, shots, title }: Recording, scheme: Scheme): string {
  const palette = PALETTES[scheme];
  const width = columns * CELL.width + 2 * PADDING;
  const height = BAR_HEIGHT + rows * CELL.height + 2 * PADDING;
  const stays = Array.from({ length: rows }, (_, y) =>
    staysOf(shots.map((shot) => rowMarkup(shot.rows[y] ?? [], y).markup)),
  ).flat();
  stays.push(...staysOf(shots.map(({ story }) => storyMarkup(story, width).markup)));
  const groups = groupStays(stays);
  const body = groups.map(({ from, until, rows: own }) => {
    const always = from === 0 && until === shots.length;
    const name = always ? NO_MARKUP : markup` class="${stayName({ from, until })}"`;
    return markup`<g${name}>${raw(own.join(''))}</g>`;
  });
  const style = `${baseStyle(palette)}${motion(shots, groups)}`;
  return `${
    markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" xml:space="preserve" role="img"><title>${title}</title>
<style>${raw(style)}</style>
<rect class="back" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
<path class="bar" d="M1 ${BAR_HEIGHT}V8a7 7 0 0 1 7-7H${width - 8}a7 7 0 0 1 7 7V${BAR_HEIGHT}z"/>
<text class="command" x="${PADDING}" y="20">$ ${command}</text>
${joinMarkup(body)}
</svg>`.markup
  }\n`;
}

function raw(text: string): Markup {
  return { markup: text };
}

function rowMarkup(runs: readonly Run[], y: number): Markup {
  if (runs.length === 0) return NO_MARKUP;
  const columns = runs.reduce((sum, { text }) => sum + displayWidth(text), 0);
  const top = BAR_HEIGHT + PADDING + y * CELL.height;
  const backs: Markup[] = [];
  let x = PADDING;
  for (const { text, style } of runs) {
    const width = displayWidth(text) * CELL.width;
    if (style.split(';').includes('7'))
      backs.push(markup`<rect class="chosen" x="${x}" y="${top}" width="${width}" height="${CELL.height}"/>`);
    x += width;
  }
  const words = runs.map(({ text, style }) => {
    const name = classOf(style);
    return name === '' ? markup`${text}` : markup`<tspan class="${name}">${text}</tspan>`;
  });
  return markup`${backs}<text x="${PADDING}" y="${top + 13}" textLength="${columns * CELL.width}">${words}</text>`;
}

function storyMarkup(story: string, width: number): Markup {
  return story === '' ? NO_MARKUP : markup`<text class="story" x="${width - PADDING}" y="20">${story}</text>`;
}

const CLASSES: { readonly [code: string]: string } = { 1: 'b', 2: 'f', 31: 'r', 32: 'g', 33: 'y', 7: 'v' };

function classOf(style: string): string {
  return style
    .split(';')
    .map((code) => CLASSES[code] ?? '')
    .filter((name) => name !== '')
    .join(' ');
}

function baseStyle({ back, bar, line, ink, faint, bad, warn, good }: Palette): string {
  return [
    `text{font:${CELL.size}px ${FONT};fill:${ink};white-space:pre}`,
    `.back{fill:${back};stroke:${line}}.bar{fill:${bar}}.command{font-weight:600}.story{fill:${faint};text-anchor:end;font-family:system-ui,sans-serif}`,
    `.b{font-weight:700}.f{fill:${faint}}.r{fill:${bad}}.g{fill:${good}}.y{fill:${warn}}`,
    `.chosen{fill:${ink}}.v{fill:${back}}`,
  ].join('');
}

/** How long each look of a row stays; empty looks are nothing to draw. */
function staysOf(looks: readonly string[]): Stay[] {
  const stays: Stay[] = [];
  let from = 0;
  for (let until = 1; until <= looks.length; until++) {
    if (looks[until] === looks[from] && until < looks.length) continue;
    const look = looks[from] ?? '';
    if (look !== '') stays.push({ markup: look, from, until });
    from = until;
  }
  return stays;
}

interface StayGroup {
  readonly from: number;
  readonly until: number;
  readonly rows: string[];
}

function groupStays(stays: readonly Stay[]): StayGroup[] {
  const groups = new Map<string, StayGroup>();
  for (const { markup: row, from, until } of stays) {
    const name = stayName({ from, until });
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { from, until, rows: [row] });
    else group.rows.push(row);
  }
  return [...groups.values()];
}

function stayName({ from, until }: { readonly from: number; readonly until: number }): string {
  return `s${from}-${until}`;
}

/** Nothing but the last screen is seen where nothing moves; elsewhere each group at its time. */
function motion(shots: readonly Shot[], groups: readonly StayGroup[]): string {
  if (shots.length === 1) return '';
  const ends: number[] = [0];
  for (const { seconds } of shots) ends.push((ends.at(-1) ?? 0) + seconds);
  const total = ends.at(-1) ?? 1;
  const percent = (shot: number) => `${Math.round(((ends[shot] ?? 0) / total) * 10_000) / 100}%`;
  const moving = groups.filter(({ from, until }) => from > 0 || until < shots.length);
  const hidden = moving.filter(({ until }) => until < shots.length).map((group) => `.${stayName(group)}`);
  const rules = moving.map((group) => {
    const { from, until } = group;
    const name = stayName(group);
    const steps = [
      ...(from > 0 ? ['0%{visibility:hidden}'] : []),
      `${percent(from)}{visibility:visible}`,
      ...(until < shots.length ? [`${percent(until)}{visibility:hidden}`] : []),
      // A key frame of its own: without it the last one would be the look at rest.
      `to{visibility:${until < shots.length ? 'hidden' : 'visible'}}`,
    ];
    return `.${name}{animation-name:${name}}@keyframes ${name}{${steps.join('')}}`;
  });
  const rest = hidden.length === 0 ? '' : `${hidden.join()}{visibility:hidden}`;
  return `${rest}@media (prefers-reduced-motion:no-preference){g{animation:${total}s step-end infinite}${rules.join('')}}`;
}
