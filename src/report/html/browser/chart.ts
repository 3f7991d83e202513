/** One chart: its window, its cursor, and what a pointer or a key does to it. */
import { axisLabel, roundUp } from '../axis-labels.ts';

export interface ChartHandlers {
  /** A place of the plot is looked at, 0–1 of its width; none any more. */
  readonly look: (share: number | undefined) => void;
  /** A part of the plot was chosen, 0–1 of its width. */
  readonly zoom: (from: number, to: number) => void;
  readonly reset: () => void;
  /** A key that a button has too. */
  readonly press: (key: string) => void;
  /** The cursor moves by steps. */
  readonly step: (by: number) => void;
}

const KEYS: { readonly [key: string]: string } = { '+': 'in', '=': 'in', '-': 'out', '0': 'all', Escape: 'none' };
/** A drag over less than this many pixels is a click. */
const LEAST_DRAG = 6;

export class Chart {
  readonly #pane: HTMLElement;
  readonly #plot: SVGSVGElement;
  readonly #sides: readonly SVGTextElement[];
  below: SVGElement;
  readonly #line: HTMLElement;
  readonly #chosen: HTMLElement;
  readonly #tip: HTMLElement;
  readonly #columns: readonly number[];
  readonly #heads: readonly string[];
  readonly #handlers: ChartHandlers;
  /** The height of each step, 0–100; empty where the scale stays as it is. */
  readonly #peaks: readonly number[];
  readonly #top: number;
  readonly #unit: string;
  #dragFrom: number | undefined;

  constructor(figure: HTMLElement, heads: readonly string[], handlers: ChartHandlers) {
    this.#handlers = handlers;
    this.#heads = heads;
    this.#pane = figure.querySelector('.pane') as HTMLElement;
    this.#plot = figure.querySelector('.plot') as SVGSVGElement;
    this.below = figure.querySelector('.below') as SVGElement;
    this.#sides = [...figure.querySelectorAll<SVGTextElement>('.side text')];
    this.#columns = numbers(figure.dataset.columns);
    this.#peaks = numbers(figure.dataset.peaks);
    this.#top = Number(figure.dataset.top);
    this.#unit = figure.dataset.unit ?? '';
    const add = (name: string) => {
      const element = document.createElement('div');
      element.className = name;
      element.hidden = true;
      this.#pane.append(element);
      return element;
    };
    this.#line = add('cursor');
    this.#chosen = add('chosen');
    this.#tip = add('tip');
    // A pane of a page without script is no place to go to.
    this.#pane.tabIndex = 0;
    this.#pane.setAttribute('role', 'group');
    const title = figure.querySelector('h3')?.textContent ?? '';
    this.#pane.setAttribute('aria-label', `${title}: left and right read the figures, + and - zoom, 0 shows all`);
    this.#listen();
  }

  get isFocused(): boolean {
    return document.activeElement === this.#pane;
  }

  #listen(): void {
    const pane = this.#pane;
    const share = (event: PointerEvent | MouseEvent) => {
      const { left, width } = pane.getBoundingClientRect();
      return Math.min(1, Math.max(0, (event.clientX - left) / width));
    };
    pane.addEventListener('pointermove', (event) => {
      const at = share(event);
      this.#handlers.look(at);
      if (this.#dragFrom !== undefined) this.#choose(this.#dragFrom, at);
    });
    pane.addEventListener('pointerleave', () => {
      if (this.#dragFrom === undefined) this.#handlers.look(undefined);
    });
    pane.addEventListener('pointerdown', (event) => {
      // A finger scrolls the page; it reads a figure by a tap.
      if (event.button !== 0 || event.pointerType === 'touch') return;
      this.#dragFrom = share(event);
      pane.setPointerCapture(event.pointerId);
    });
    pane.addEventListener('pointerup', (event) => {
      const [from, to] = [this.#dragFrom, share(event)];
      this.#endDrag();
      if (from === undefined || Math.abs(to - from) * pane.clientWidth < LEAST_DRAG) return;
      this.#handlers.zoom(Math.min(from, to), Math.max(from, to));
    });
    pane.addEventListener('pointercancel', () => this.#endDrag());
    pane.addEventListener('dblclick', () => this.#handlers.reset());
    pane.addEventListener('blur', () => this.#handlers.look(undefined));
    pane.addEventListener('keydown', (event) => this.#key(event));
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const pressed = KEYS[event.key];
    if (by !== 0) this.#handlers.step(event.shiftKey ? by * 10 : by);
    else if (pressed !== undefined) this.#handlers.press(pressed);
    else return;
    event.preventDefault();
  }

  #choose(from: number, to: number): void {
    this.#chosen.hidden = false;
    this.#chosen.style.left = `${Math.min(from, to) * 100}%`;
    this.#chosen.style.width = `${Math.abs(to - from) * 100}%`;
  }

  #endDrag(): void {
    this.#dragFrom = undefined;
    this.#chosen.hidden = true;
  }

  /** Shows the steps from `first` to before `end`, as tall as they need. */
  window(first: number, end: number): void {
    const highest = Math.max(0, ...this.#peaks.slice(first, end));
    const top = this.#peaks.length === 0 || highest === 0 ? this.#top : roundUp((this.#top * highest) / 100);
    const height = this.#peaks.length === 0 ? 100 : Math.min(100, (top / this.#top) * 100);
    this.#plot.setAttribute('viewBox', `${first} ${100 - height} ${end - first} ${height}`);
    if (this.#peaks.length === 0) return;
    for (const [i, text] of this.#sides.entries())
      text.textContent = axisLabel(((this.#top * height) / 100) * (i / (this.#sides.length - 1)), this.#unit);
  }

  /** Marks a place, with the figures of its step; gives them as words. */
  point(share: number | undefined, cells: readonly string[]): string {
    const isIn = share !== undefined && share >= 0 && share <= 1;
    this.#line.hidden = !isIn;
    this.#tip.hidden = !isIn || !(this.isFocused || this.#pane.matches(':hover'));
    if (!isIn) return '';
    this.#line.style.left = `${share * 100}%`;
    this.#tip.style.left = share > 0.5 ? 'auto' : `calc(${share * 100}% + 10px)`;
    this.#tip.style.right = share > 0.5 ? `calc(${(1 - share) * 100}% + 10px)` : 'auto';
    const figures = this.#columns
      .filter((column) => !EMPTY.has(cells[column] ?? '') || this.#columns.length < 5)
      .map((column) => `${this.#heads[column]} ${cells[column] ?? '-'}`);
    const lines = [cells[0] ?? '', ...(figures.length === 0 ? ['none'] : figures)];
    this.#tip.replaceChildren(
      ...lines.map((line) => {
        const element = document.createElement('div');
        element.textContent = line;
        return element;
      }),
    );
    return lines.join(', ');
  }
}

/** Of many codes, those that did not come say nothing. */
const EMPTY: ReadonlySet<string> = new Set(['', '0', '-']);

function numbers(text: string | undefined): number[] {
  return text === undefined || text === '' ? [] : text.split(' ').map(Number);
}
