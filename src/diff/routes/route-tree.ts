/**
 * Paths as a tree of segments. A node with too many children stands for one place where a name goes: its children
 * become one, `{…}`. The outcome does not depend on the order of the paths.
 */
import { WILDCARD } from './path-segments.ts';

/** Children of one node, not counting the wildcard. */
const MAX_CHILDREN = 50;
/** Scanners ask for thousands of paths that do not exist: below the root, what so many ask for stays a name of its own. */
const ROOT_SHARE = 0.01;

const NO_CHILDREN = new Map<string, Node>();

class Node {
  readonly parent: Node | undefined;
  readonly segment: string;
  /** Most places have none: a map of their own for each of a million would take most of the memory. */
  children = NO_CHILDREN;
  /** Only the wildcard is left. */
  collapsed = false;
  mergedInto: Node | undefined;
  /** Of this node and all below. */
  count = 0;

  constructor(parent: Node | undefined, segment: string) {
    this.parent = parent;
    this.segment = segment;
  }
}

/** A place in the tree, which may move while paths are added. */
export type RouteNode = Node;

export class RouteTree {
  readonly #root = new Node(undefined, '');

  /** @param count how many requests have this path */
  add(segments: readonly string[], count: number): RouteNode {
    let node = this.#root;
    node.count += count;
    for (const segment of segments) {
      node = resolve(childOf(node, node.collapsed ? WILDCARD : segment));
      node.count += count;
      const parent = node.parent as Node;
      if (parent !== this.#root && isTooWide(parent)) {
        collapse(parent, () => false);
        node = resolve(node);
      }
    }
    return node;
  }

  /** The place of a path if adding it would make no new one. */
  find(segments: readonly string[]): RouteNode | undefined {
    let node: Node | undefined = this.#root;
    for (const segment of segments) {
      node = node.children.get(node.collapsed ? WILDCARD : segment);
      if (node === undefined) return undefined;
    }
    return node;
  }

  /** Nodes there are. Walks over all of them. */
  get size(): number {
    return sizeOf(this.#root);
  }

  /** Another tree with the same paths, and where each place of this one is in it: to be finished while this one grows. */
  copy(): { readonly tree: RouteTree; readonly placeOf: (place: RouteNode) => RouteNode } {
    const tree = new RouteTree();
    const copies = new Map<Node, Node>();
    copyInto(this.#root, tree.#root, copies);
    return { tree, placeOf: (place) => copies.get(resolve(place)) as Node };
  }

  /** To be called once, when all paths are in. */
  finish(): void {
    const root = this.#root;
    if (isTooWide(root)) collapse(root, ({ count }) => count >= ROOT_SHARE * root.count);
  }

  /** `/orders/{…}`. Final only after `finish`. */
  pathOf(place: RouteNode): string {
    const segments: string[] = [];
    for (let node: Node | undefined = resolve(place); node?.parent !== undefined; node = resolve(node.parent)) {
      segments.push(node.segment);
    }
    const path = segments.reverse().join('/');
    return path === '*' ? path : `/${path}`;
  }
}

/** Where a place is now: the same one for all places that became one. */
export function resolve(node: Node): Node {
  let final = node;
  while (final.mergedInto !== undefined) final = final.mergedInto;
  return final;
}

function sizeOf({ children }: Node): number {
  let size = 1;
  for (const child of children.values()) size += sizeOf(child);
  return size;
}

function copyInto(from: Node, into: Node, copies: Map<Node, Node>): void {
  copies.set(from, into);
  into.collapsed = from.collapsed;
  into.count = from.count;
  for (const child of from.children.values()) copyInto(child, childOf(into, child.segment), copies);
}

function childOf(node: Node, segment: string): Node {
  let child = node.children.get(segment);
  if (child === undefined) {
    child = new Node(node, segment);
    if (node.children === NO_CHILDREN) node.children = new Map();
    node.children.set(segment, child);
  }
  return child;
}

function isTooWide({ children }: Node): boolean {
  return children.size - (children.has(WILDCARD) ? 1 : 0) > MAX_CHILDREN;
}

/** All children but those to keep become the wildcard, with all that is below them. */
function collapse(node: Node, keep: (child: Node) => boolean): void {
  const wildcard = childOf(node, WILDCARD);
  const all = [...node.children.values()];
  node.collapsed = !all.some((child) => child !== wildcard && keep(child));
  for (const child of all) {
    if (child === wildcard || keep(child)) continue;
    node.children.delete(child.segment);
    merge(child, wildcard);
  }
}

function merge(from: Node, into: Node): void {
  from.mergedInto = into;
  into.count += from.count;
  if (from.collapsed && !into.collapsed) collapse(into, () => false);
  for (const child of from.children.values()) {
    const target = resolve(childOf(into, into.collapsed ? WILDCARD : child.segment));
    merge(child, target);
  }
  from.children = NO_CHILDREN;
  if (isTooWide(into)) collapse(into, () => false);
}
