/** All charts over time of a page: they share one window of time, and one step that is looked at. */
import { timeTicks } from '../time-ticks.ts';
import { Chart } from './chart.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** The window that a reader chose stays when a new summary comes, as long as its steps are the same ones. */
let kept: { readonly fromMs: number; readonly toMs: number } | undefined;

/** Brings the charts below a node to life. */
export function makeCharts(root: ParentNode): void {
  const found = root.querySelector<HTMLElement>('.charts');
  if (found !== null && found.dataset.ready === undefined) new Charts(found);
}

class Charts {
  readonly #element: HTMLElement;
  readonly #fromMs: number;
  readonly #stepMs: number;
  readonly #steps: number;
  readonly #charts: readonly Chart[];
  readonly #rows: readonly HTMLTableRowElement[];
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #span: HTMLElement;
  readonly #said: HTMLElement;
  /** The steps in sight: the first, and the one after the last. */
  #window: readonly [first: number, end: number];
  #cursor: number | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
    element.dataset.ready = '';
    const number = (name: string) => Number(element.dataset[name]);
    this.#fromMs = number('from');
    this.#stepMs = number('step');
    this.#steps = number('steps');
    this.#window = [0, this.#steps];
    this.#rows = [...document.querySelectorAll<HTMLTableRowElement>('#figures-over-time tbody tr')];
    const heads = [...document.querySelectorAll('#figures-over-time thead th')].map((head) => head.textContent ?? '');
    this.#charts = [...element.querySelectorAll<HTMLElement>('.chart')].map(
      (figure) =>
        new Chart(figure, heads, {
          look: (at) => this.#look(at),
          zoom: (from, to) => this.#zoom(this.#stepAt(from), this.#stepAt(to) + 1),
          reset: () => this.#zoom(0, this.#steps),
          press: (key) => this.#press(key),
          step: (by) => this.#move(by),
        }),
    );
    const bar = document.createElement('div');
    bar.className = 'bar';
    bar.setAttribute('role', 'toolbar');
    bar.setAttribute('aria-label', 'Window of time of all charts');
    for (const [key, sign, name] of BUTTONS) bar.append(this.#button(key, sign, name));
    this.#span = document.createElement('span');
    this.#span.className = 'muted small';
    this.#said = document.createElement('span');
    this.#said.className = 'unseen';
    this.#said.setAttribute('aria-live', 'polite');
    bar.append(this.#span, this.#said);
    element.before(bar);
    if (kept !== undefined) this.#keep(kept.fromMs, kept.toMs);
    this.#draw();
  }

  #button(key: string, sign: string, name: string): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.id = `charts-${key}`;
    button.textContent = sign;
    button.title = name;
    button.setAttribute('aria-label', name);
    button.addEventListener('click', () => this.#press(key));
    this.#buttons.set(key, button);
    return button;
  }

  /** The step at a place of the plot, 0–1 of what is in sight. */
  #stepAt(share: number): number {
    const [first, end] = this.#window;
    return Math.min(end - 1, Math.max(first, first + Math.floor(share * (end - first))));
  }

  #keep(fromMs: number, toMs: number): void {
    const at = (ms: number) => Math.round((ms - this.#fromMs) / this.#stepMs);
    const [first, end] = [at(fromMs), at(toMs)];
    if (first >= 0 && end <= this.#steps && end - first >= LEAST) this.#window = [first, end];
    else kept = undefined;
  }

  #press(key: string): void {
    const [first, end] = this.#window;
    const width = end - first;
    const middle = this.#cursor !== undefined ? this.#cursor + 0.5 : (first + end) / 2;
    const around = (wide: number) => this.#zoom(Math.round(middle - wide / 2), Math.round(middle - wide / 2) + wide);
    if (key === 'in') around(Math.max(LEAST, Math.round(width / 2)));
    else if (key === 'out') around(Math.min(this.#steps, width * 2));
    else if (key === 'earlier') this.#zoom(first - Math.ceil(width / 4), end - Math.ceil(width / 4));
    else if (key === 'later') this.#zoom(first + Math.ceil(width / 4), end + Math.ceil(width / 4));
    else if (key === 'all') this.#zoom(0, this.#steps);
    else if (key === 'none') this.#look(undefined);
  }

  /** Shows the steps from `from` to before `to`, moved to where there are some. */
  #zoom(from: number, to: number): void {
    const wide = Math.min(this.#steps, Math.max(LEAST, to - from));
    const first = Math.min(this.#steps - wide, Math.max(0, from));
    this.#window = [first, first + wide];
    const isAll = wide === this.#steps;
    const ms = (step: number) => this.#fromMs + step * this.#stepMs;
    kept = isAll ? undefined : { fromMs: ms(first), toMs: ms(first + wide) };
    this.#draw();
    this.#said.textContent = this.#span.textContent;
  }

  #move(by: number): void {
    const [first, end] = this.#window;
    const at = this.#cursor === undefined ? (by > 0 ? first : end - 1) : this.#cursor + by;
    const step = Math.min(this.#steps - 1, Math.max(0, at));
    if (step < first) this.#zoom(step, step + end - first);
    if (step >= end) this.#zoom(step + 1 - (end - first), step + 1);
    this.#show(step, true);
  }

  #look(share: number | undefined): void {
    this.#show(share === undefined ? undefined : this.#stepAt(share), false);
  }

  #show(step: number | undefined, say: boolean): void {
    if (step === this.#cursor) return;
    this.#cursor = step;
    const row = step === undefined ? undefined : this.#rows[step];
    const cells = row === undefined ? [] : [...row.cells].map((cell) => cell.textContent ?? '');
    const [first, end] = this.#window;
    for (const chart of this.#charts) {
      const words = chart.point(step === undefined ? undefined : (step + 0.5 - first) / (end - first), cells);
      if (say && chart.isFocused && words !== '') this.#said.textContent = words;
    }
  }

  #draw(): void {
    const [first, end] = this.#window;
    const steps = end - first;
    const fromMs = this.#fromMs + first * this.#stepMs;
    const ticks = timeTicks({ fromMs, stepMs: this.#stepMs, steps });
    for (const chart of this.#charts) {
      chart.window(first, end);
      const below = chart.below.cloneNode(false) as SVGElement;
      for (const { at, label, isMinor } of ticks) {
        const text = document.createElementNS(SVG, 'text');
        text.setAttribute('x', `${at * 100}%`);
        text.setAttribute('y', '14');
        if (isMinor) text.setAttribute('class', 'minor');
        text.textContent = label;
        below.append(text);
      }
      chart.below.replaceWith(below);
      chart.below = below;
    }
    const time = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
    const isAll = steps === this.#steps;
    this.#span.textContent = isAll
      ? 'Drag over a chart to zoom'
      : `${time(fromMs)} to ${time(fromMs + steps * this.#stepMs)} UTC`;
    for (const key of ['out', 'all']) this.#disable(key, isAll);
    this.#disable('in', steps <= Math.min(LEAST, this.#steps));
    this.#disable('earlier', first === 0);
    this.#disable('later', end === this.#steps);
    this.#element.classList.toggle('zoomed', !isAll);
    this.#show(undefined, false);
  }

  /** A button that has the focus keeps it: it says that it does nothing now, but is not taken away. */
  #disable(key: string, isSo: boolean): void {
    this.#buttons.get(key)?.setAttribute('aria-disabled', String(isSo));
  }
}

/** Fewer steps than this are a wall of one colour. */
const LEAST = 4;

const BUTTONS = [
  ['in', '+', 'Zoom in'],
  ['out', '−', 'Zoom out'],
  ['earlier', '←', 'Earlier'],
  ['later', '→', 'Later'],
  ['all', 'Reset', 'Reset: show all of the time'],
] as const;
