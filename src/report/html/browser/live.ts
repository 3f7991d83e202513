/** A page that a server keeps up to date: each message brings the sections that have changed. */

interface Update {
  readonly title?: string;
  readonly sections: readonly { readonly id: string; readonly html: string }[];
}

/** @param path of the server's events; a page that is a file has none */
export function listenLive(path: string | undefined, renew: (part: Element) => void): void {
  if (path === undefined) return;
  const state = document.createElement('p');
  state.id = 'live-state';
  state.setAttribute('role', 'status');
  document.querySelector('main')?.prepend(state);
  const seen = new Map<string, string>();
  let waiting: Update | undefined;
  const apply = (update: Update) => {
    if (update.title !== undefined) document.title = update.title;
    for (const { id, html } of update.sections) {
      if (seen.get(id) === html) continue;
      seen.set(id, html);
      replace(id, html, renew);
    }
  };
  const source = new EventSource(path);
  source.addEventListener('message', (event) => {
    state.textContent = '';
    const update = JSON.parse(String(event.data)) as Update;
    // What somebody is dragging over is not taken away from under the pointer.
    if (document.querySelector('.chosen:not([hidden])') === null) apply(update);
    else waiting = update;
  });
  document.addEventListener('pointerup', () => {
    if (waiting !== undefined) apply(waiting);
    waiting = undefined;
  });
  source.addEventListener('error', () => {
    state.textContent =
      source.readyState === EventSource.CLOSED
        ? 'The server no longer tells what is new: this page is as it was. Load it again.'
        : 'The server does not answer; trying again. This page is as it was.';
  });
}

/** A section anew, with what was unfolded and what had the focus. */
function replace(id: string, html: string, renew: (part: Element) => void): void {
  const old = document.getElementById(id);
  if (old === null) return;
  const open = [...old.querySelectorAll('details')].map((details) => details.open);
  const focused = old.contains(document.activeElement) ? document.activeElement?.id : undefined;
  const scrolled = [...old.querySelectorAll('.scroll')].map((element) => element.scrollLeft);
  // The server's own rendering, whose values are escaped; the policy lets no other script run.
  old.outerHTML = html;
  const part = document.getElementById(id);
  if (part === null) return;
  for (const [i, details] of [...part.querySelectorAll('details')].entries()) details.open = open[i] ?? details.open;
  for (const [i, element] of [...part.querySelectorAll('.scroll')].entries()) element.scrollLeft = scrolled[i] ?? 0;
  renew(part);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}
