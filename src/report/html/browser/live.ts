/**
 * A page that a server keeps up to date: its events only say which pages are new, and the page fetches itself again and takes
 * over the sections that changed. What the reader does stays: the place that is read, what is unfolded, focus and selection.
 */

/** @param path of the server's events; a page that is a file has none. @param renew makes a section work that is new */
export function listenLive(path: string | undefined, renew: (part: Element) => void): void {
  if (path === undefined) return;
  const state = document.getElementById('live-state') as HTMLElement;
  new LivePage(path, state, renew).listen();
}

/** The time after which a page that was turned away asks again, ms. */
const AGAIN_MS = 5_000;

class LivePage {
  readonly #path: string;
  readonly #state: HTMLElement;
  readonly #renew: (part: Element) => void;
  readonly #name = document.body.dataset.page ?? '';
  #version = document.body.dataset.version ?? '';
  /** The sections as the server wrote them, which the browser has changed since. */
  readonly #seen: Map<string, string>;
  #isBusy = false;
  #isWanted = false;

  constructor(path: string, state: HTMLElement, renew: (part: Element) => void) {
    this.#path = path;
    this.#state = state;
    this.#renew = renew;
    this.#seen = new Map(partsOf(document).map((part) => [part.id, part.outerHTML]));
    document.addEventListener('visibilitychange', () => this.#resume());
    // What somebody drags over, or is about to copy, is not taken away from under the pointer.
    document.addEventListener('pointerup', () => setTimeout(() => this.#resume()));
  }

  listen(): void {
    const source = new EventSource(this.#path);
    source.addEventListener('open', () => this.#say('Live', false));
    source.addEventListener('changed', (event) => {
      const versions = JSON.parse(String(event.data)) as { readonly [page: string]: unknown };
      const version = String(versions[this.#name]);
      if (version === this.#version) return;
      this.#version = version;
      void this.#update();
    });
    source.addEventListener('error', () => {
      this.#say(`The server does not answer since ${clock()}; trying again. This page is as it was.`, true);
      // It was turned away: the browser does not ask again by itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.listen(), AGAIN_MS);
    });
  }

  #resume(): void {
    if (this.#isWanted) void this.#update();
  }

  async #update(): Promise<void> {
    this.#isWanted = true;
    const isDragging = document.querySelector('.chosen:not([hidden])') !== null;
    if (this.#isBusy || document.hidden || isDragging) return;
    this.#isBusy = true;
    this.#isWanted = false;
    try {
      const response = await fetch(location.pathname, { cache: 'no-store' });
      if (!response.ok) throw new Error(String(response.status));
      // The server's own rendering, whose values are escaped; the policy lets no other script run.
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      this.#take(page);
      this.#say(`Live: as of ${clock()}`, false);
    } catch {
      this.#say(`The server did not answer at ${clock()}. This page is as it was.`, true);
    } finally {
      this.#isBusy = false;
    }
    if (this.#isWanted) void this.#update();
  }

  #take(page: Document): void {
    document.title = page.title;
    const first = partsOf(document).find((part) => part.getBoundingClientRect().bottom > 0);
    const top = first?.getBoundingClientRect().top ?? 0;
    for (const part of partsOf(page)) {
      const html = part.outerHTML;
      const old = document.getElementById(part.id);
      if (old === null || this.#seen.get(part.id) === html) continue;
      if (isSelected(old)) {
        this.#isWanted = true;
        continue;
      }
      this.#seen.set(part.id, html);
      this.#replace(old, document.importNode(part, true));
    }
    const moved =
      first === undefined ? 0 : (document.getElementById(first.id)?.getBoundingClientRect().top ?? top) - top;
    if (moved !== 0) scrollBy(0, moved);
  }

  /** A section anew, with what was unfolded, scrolled and focused in it. */
  #replace(old: Element, part: Element): void {
    const open = [...old.querySelectorAll('details')].map((details) => details.open);
    const focused = old.contains(document.activeElement) ? pathTo(old, document.activeElement) : undefined;
    const scrolled = [...old.querySelectorAll('.scroll')].map(
      ({ scrollLeft, scrollTop }) => [scrollLeft, scrollTop] as const,
    );
    old.replaceWith(part);
    for (const [i, details] of [...part.querySelectorAll('details')].entries()) details.open = open[i] ?? details.open;
    this.#renew(part);
    for (const [i, element] of [...part.querySelectorAll('.scroll')].entries()) {
      const [left, above] = scrolled[i] ?? [0, 0];
      element.scrollLeft = left;
      element.scrollTop = above;
    }
    if (focused !== undefined) focused(part)?.focus({ preventScroll: true });
  }

  #say(text: string, isLost: boolean): void {
    this.#state.classList.toggle('lost', isLost);
    if (this.#state.textContent !== text) this.#state.textContent = text;
  }
}

function partsOf(root: ParentNode): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>('main > .part')];
}

function isSelected(part: Element): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(part, true);
}

/** How the same element is found in the section that comes in the place of this one: by its id, or by where it stands. */
function pathTo(root: Element, element: Element | null): ((part: Element) => HTMLElement | undefined) | undefined {
  if (element === null) return undefined;
  const { id } = element;
  if (id !== '') return () => document.getElementById(id) ?? undefined;
  const path: number[] = [];
  for (let at = element; at !== root; at = at.parentElement as Element)
    path.unshift([...(at.parentElement as Element).children].indexOf(at));
  return (part) =>
    path.reduce<Element | undefined>((at, index) => at?.children[index], part) as HTMLElement | undefined;
}

function clock(): string {
  return `${new Date().toISOString().slice(11, 19)} UTC`;
}
