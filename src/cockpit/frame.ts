/** Rows of the screen → what a terminal is sent: only those that changed. */
import type { Tone } from '../report/screen.ts';
import { displayWidth, truncate } from '../report/width.ts';
import type { Span } from './model.ts';

/** A row of the screen. */
export type FrameRow = readonly Span[];

const SGR: { readonly [tone in Tone]: string } = {
  bad: '31',
  warn: '33',
  good: '32',
  heading: '1',
  faint: '2',
};

const REVERSE = '7';
const CLEAR_LINE = '\x1b[K';

/** A row as text with colours, at most `width` columns. */
export function paintRow(spans: FrameRow, width: number, color: boolean): string {
  let used = 0;
  let text = '';
  for (const { text: own, tone, chosen } of spans) {
    const cut = truncate(own, width - used, '');
    used += displayWidth(cut);
    // What is bold or reversed is no colour.
    const codes = [
      ...(chosen ? [REVERSE] : []),
      ...(tone !== undefined && (color || tone === 'heading') ? [SGR[tone]] : []),
    ];
    text += cut === '' || codes.length === 0 ? cut : `\x1b[${codes.join(';')}m${cut}\x1b[0m`;
  }
  return used < width ? text + CLEAR_LINE : text;
}

/** What is on the terminal. */
export class Frame {
  #rows: string[] = [];

  /** Forgets what is there: it is not known any more. */
  forget(): void {
    this.#rows = [];
  }

  /** The escapes that make the terminal show the rows; empty when it does. */
  draw(rows: readonly string[]): string {
    let text = '';
    for (const [i, row] of rows.entries()) if (this.#rows[i] !== row) text += `\x1b[${i + 1};1H${row}`;
    this.#rows = [...rows];
    return text;
  }
}
