/** Leaves of the counting → rows of groups that open: host, process, code; and rows of codes. */

import type { ScreenStyle } from '../report/screen.ts';
import { WIDEST_KEY } from '../report/screen-groups.ts';
import { truncate } from '../report/width.ts';
import { Histogram } from '../sketch/histogram.ts';
import type { Dimension } from '../stats/grouping.ts';
import type { Leaf, LineChoice } from '../stats/live-detail.ts';
import { describeStatus } from '../status/describe.ts';
import { formatCount, formatMs, formatPercentNumber } from '../text/numbers.ts';
import { type NumberCells, numberHeads, numberLayout, pad } from './columns.ts';
import type { BodyRow } from './model.ts';
import type { Sort } from './state.ts';

/** What tells groups of one level apart. */
type Level = 'agent' | 'event' | 'host' | 'pid';

/** Codes are below the last level: they are counted, but their pT is not known apart. */
interface Node {
  readonly id: string;
  readonly name: string;
  readonly parent: string | undefined;
  readonly depth: number;
  readonly leaves: readonly Leaf[];
  /** Set where it is one code of these leaves. */
  readonly code?: number;
  readonly choice: LineChoice;
  /** Only a part of it has what is looked for, and that part is open to begin with. */
  readonly isPart?: true;
}

interface Numbers {
  readonly count: number;
  readonly errors: number;
  /** Null where successes are not logged, or may not be. */
  readonly rate: number | null;
}

export interface GroupOptions {
  readonly by: readonly Dimension[];
  readonly sort: Sort;
  readonly opened: ReadonlySet<string>;
  /** Only groups with this text, capitals aside; empty is all. */
  readonly filter: string;
  /** False where a group without a success says nothing about its rate. */
  readonly knowsSuccesses: boolean;
  readonly style: ScreenStyle;
  readonly width: number;
}

export interface GroupRows {
  readonly rows: readonly BodyRow[];
  /** Groups of the first level: how many the filter lets through, of how many. */
  readonly shown: number;
  readonly all: number;
  /** True where groups are counted only for the hosts and processes that the filter lets through. */
  readonly isPart: boolean;
}

const NO_NAME = '(none)';
const OTHER_NAME = '(other)';

/** Rows of groups, with those below what is open, and a heading. */
export function groupRows(leaves: readonly Leaf[], options: GroupOptions): GroupRows {
  const { width, filter, style, sort } = options;
  const { nameWidth, row } = numberLayout(width);
  const levels = levelsOf(options.by);
  const first = childrenOf(leaves, levels[0] as readonly Level[], undefined, 0, {});
  const wanted = filter.toLowerCase();
  const chosen = wanted === '' ? first : first.flatMap((node) => matching(node, wanted));
  const heading = truncate(`GROUPS by ${sort}`, nameWidth - 1, '');
  const rows: BodyRow[] = [
    {
      id: 'groups',
      heading: true,
      tone: 'heading',
      text: row(heading, numberHeads('events', 'pT p50')),
    },
  ];
  const visit = (nodes: readonly Node[]) => {
    for (const node of sorted(nodes, options)) {
      const isLast = node.code !== undefined;
      const isOpen = options.opened.has(node.id) !== (node.isPart === true);
      const { count, errors, rate } = numbersOf(node, options);
      const mark = isLast ? ' ' : isOpen ? '-' : '+';
      const indent = `${'  '.repeat(node.depth)}${mark} `;
      const name = truncate(style.safe(node.name), Math.max(1, nameWidth - indent.length - 1), style.ellipsis);
      const pT = isLast ? undefined : lazyPT(node);
      const cells: NumberCells = {
        count: () => formatCount(count),
        errors: () => formatCount(errors),
        rate: () => formatPercentNumber(rate),
        p50: () => formatMs(pT?.().quantile(0.5)),
        p95: () => formatMs(pT?.().quantile(0.95)),
        p99: () => formatMs(pT?.().quantile(0.99)),
        p999: () => formatMs(pT?.().quantile(0.999)),
        max: () => formatMs(pT === undefined ? null : pT().max),
      };
      rows.push(
        lazyRow(
          {
            id: node.id,
            parent: node.parent,
            ...(errors > 0 && { tone: 'bad' as const }),
            ...(!isLast && { branch: isOpen ? ('open' as const) : ('closed' as const) }),
            lines: {
              title: titleOf(node, nodesAbove, filter),
              choice: node.choice,
            },
          },
          () => row(indent + name, cells),
        ),
      );
      nodesAbove.set(node.id, node);
      if (!isLast && isOpen) visit(below(node, levels, wanted));
    }
  };
  const nodesAbove = new Map<string, Node>();
  visit(chosen);
  return { rows, shown: chosen.length, all: first.length, isPart: chosen.some(({ isPart }) => isPart === true) };
}

/** A row whose text is made when it is seen: the quantiles of a thousand groups are not asked for. */
function lazyRow(row: Omit<BodyRow, 'text'>, make: () => string): BodyRow {
  let made: string | undefined;
  return {
    ...row,
    get text() {
      made ??= make();
      return made;
    },
  };
}

function titleOf(node: Node, above: ReadonlyMap<string, Node>, wanted: string): string {
  const parts = [node.isPart === true ? `${node.name} (only "${wanted}")` : node.name];
  for (let at = node.parent; at !== undefined; ) {
    const parent = above.get(at);
    if (parent === undefined) break;
    parts.unshift(parent.name);
    at = parent.parent;
  }
  return parts.join(', ');
}

/** The levels: what --by names, then what it does not. Without any, everything is one group. */
function levelsOf(by: readonly Dimension[]): readonly (readonly Level[])[] {
  const first = by.filter((dimension): dimension is Level => dimension !== 'st');
  const later = (['host', 'pid'] as const).filter((level) => !first.includes(level));
  return [first, ...later.map((level) => [level])];
}

function below(node: Node, levels: readonly (readonly Level[])[], wanted: string): Node[] {
  const next = levels[node.depth + 1];
  if (next === undefined) return codesOf(node);
  const nodes = childrenOf(node.leaves, next, node.id, node.depth + 1, node.choice);
  // What is looked for may be the name of a process below a host.
  return node.isPart === true
    ? nodes.map((each) => (hasText(each.name, wanted) ? each : { ...each, isPart: true as const }))
    : nodes;
}

function childrenOf(
  leaves: readonly Leaf[],
  levels: readonly Level[],
  parent: string | undefined,
  depth: number,
  outer: LineChoice,
): Node[] {
  const groups = new Map<string, { names: string[]; leaves: Leaf[] }>();
  for (const leaf of leaves) {
    const names = levels.map((level) => nameOf(leaf, level));
    const id = JSON.stringify(names);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, { names, leaves: [leaf] });
    else group.leaves.push(leaf);
  }
  return [...groups].map(([id, { names, leaves: own }]) => {
    const name = names.length === 0 ? 'all events' : names.join(' ');
    const choice: LineChoice = {
      event: (event) =>
        levels.every((level, i) =>
          level === 'agent' || level === 'event' ? eventName(event, level) === names[i] : true,
        ) &&
        (outer.event?.(event) ?? true),
      origin: (origin) =>
        levels.every((level, i) =>
          level === 'host' || level === 'pid' ? originName(origin, level) === names[i] : true,
        ) &&
        (outer.origin?.(origin) ?? true),
    };
    return { id: `${parent ?? 'g'}/${id}`, name, parent, depth, leaves: own, choice };
  });
}

function codesOf({ id, depth, leaves, choice }: Node): Node[] {
  const codes = new Set(leaves.flatMap((leaf) => [...leaf.codes.keys()]));
  if (leaves.some(({ count, errors }) => count > errors)) codes.add(0);
  return [...codes].map((code) => ({
    id: `${id}/st=${code}`,
    name: codeName(code),
    parent: id,
    depth: depth + 1,
    leaves,
    code,
    choice: { ...choice, code },
  }));
}

function codeName(code: number): string {
  return `st=${code} ${describeStatus(code).meaning}`;
}

function nameOf(leaf: Leaf, level: Level): string {
  return level === 'agent' || level === 'event' ? eventName(leaf.event, level) : originName(leaf.origin, level);
}

function eventName(event: Leaf['event'], level: 'agent' | 'event'): string {
  if (event === undefined) return OTHER_NAME;
  return level === 'agent' ? event.agent : `${event.type}:${event.name}`;
}

function originName(origin: Leaf['origin'], level: 'host' | 'pid'): string {
  if (origin === undefined) return OTHER_NAME;
  if (level === 'host') return origin.host ?? NO_NAME;
  return origin.pid === undefined ? NO_NAME : `${origin.process ?? 'process'}[${origin.pid}]`;
}

/** The group, where its name has the text; else the part of it that is of hosts or processes that have; else nothing. */
function matching(node: Node, wanted: string): Node[] {
  if (hasText(node.name, wanted)) return [node];
  const isWanted = (origin: Leaf['origin']) =>
    hasText(originName(origin, 'host'), wanted) || hasText(originName(origin, 'pid'), wanted);
  const leaves = node.leaves.filter(({ origin }) => isWanted(origin));
  if (leaves.length === 0) return [];
  const { choice } = node;
  const origin = (each: Leaf['origin']) => isWanted(each) && (choice.origin?.(each) ?? true);
  // Its id is another one, for it is opened and closed apart from the whole group.
  return [
    { ...node, id: `f${JSON.stringify(wanted)}/${node.id}`, leaves, choice: { ...choice, origin }, isPart: true },
  ];
}

function hasText(name: string, wanted: string): boolean {
  return name.toLowerCase().includes(wanted);
}

function numbersOf({ leaves, code }: Node, { knowsSuccesses }: GroupOptions): Numbers {
  let [count, errors] = [0, 0];
  for (const leaf of leaves) {
    count += code === undefined ? leaf.count : code === 0 ? leaf.count - leaf.errors : (leaf.codes.get(code) ?? 0);
    errors += code === undefined ? leaf.errors : code === 0 ? 0 : (leaf.codes.get(code) ?? 0);
  }
  const isKnown = count > 0 && code === undefined && (knowsSuccesses || errors < count);
  return { count, errors, rate: isKnown ? errors / count : null };
}

function lazyPT({ leaves }: Node): () => Histogram {
  let made: Histogram | undefined;
  return () => {
    made ??= leaves.length === 1 ? (leaves[0] as Leaf).pT : mergedPT(leaves);
    return made;
  };
}

function mergedPT(leaves: readonly Leaf[]): Histogram {
  const merged = new Histogram();
  for (const { pT } of leaves) merged.merge(pT.toState());
  return merged;
}

function sorted(nodes: readonly Node[], options: GroupOptions): Node[] {
  const { sort } = options;
  const keyed = nodes.map((node) => {
    const numbers = numbersOf(node, options);
    return { node, value: sort === 'name' ? 0 : sortValue(node, numbers, sort), numbers };
  });
  keyed.sort(
    (a, b) =>
      b.value - a.value ||
      (sort === 'errors' ? b.numbers.count - a.numbers.count : 0) ||
      compare(a.node.name, b.node.name),
  );
  return keyed.map(({ node }) => node);
}

function sortValue(node: Node, { count, errors, rate }: Numbers, sort: Sort): number {
  if (sort === 'errors') return errors;
  if (sort === 'error rate') return rate ?? (errors > 0 ? 1 : 0);
  if (sort === 'p99' && node.code === undefined) return lazyPT(node)().quantile(0.99) ?? -1;
  return count;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A row for each code of all leaves, the most frequent first. */
export function codeRows(leaves: readonly Leaf[], style: ScreenStyle, width: number, title: string): BodyRow[] {
  const counts = new Map<number, number>();
  let all = 0;
  let well = 0;
  for (const leaf of leaves) {
    all += leaf.count;
    well += leaf.count - leaf.errors;
    for (const [code, count] of leaf.codes) counts.set(code, (counts.get(code) ?? 0) + count);
  }
  if (well > 0) counts.set(0, well);
  const nameWidth = Math.max(8, width - 18);
  const heading: BodyRow = {
    id: 'codes',
    heading: true,
    tone: 'heading',
    text: `${pad(title, nameWidth)}${pad('events', 9, 'right')}${pad('share %', 9, 'right')}`,
  };
  const rows = [...counts]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .map(([code, count]): BodyRow => {
      const name = truncate(style.safe(`  ${codeName(code)}`), Math.min(nameWidth - 1, 2 * WIDEST_KEY), style.ellipsis);
      return {
        id: `c/${code}`,
        ...(code !== 0 && { tone: 'bad' as const }),
        text: `${pad(name, nameWidth)}${pad(formatCount(count), 9, 'right')}${pad(formatPercentNumber(count / all), 9, 'right')}`,
        lines: { title: codeName(code), choice: { code } },
      };
    });
  return rows.length === 0 ? [] : [heading, ...rows];
}
