/** The colours of the pictures: those of the pages (src/report/html/style.ts), so that all look alike. */
export const SCHEMES = ['dark', 'light'] as const;
export type Scheme = (typeof SCHEMES)[number];

export interface Palette {
  readonly back: string;
  readonly bar: string;
  readonly line: string;
  readonly ink: string;
  readonly faint: string;
  readonly bad: string;
  readonly warn: string;
  readonly good: string;
  /** Of series, one after the other: the worst is the third, as p99 and 5xx are. */
  readonly series: readonly string[];
  readonly heat: string;
}

export const PALETTES: { readonly [scheme in Scheme]: Palette } = {
  dark: {
    back: '#0d1117',
    bar: '#161b22',
    line: '#30363d',
    ink: '#e6edf3',
    faint: '#9da7b1',
    bad: '#ff8e86',
    warn: '#e3b341',
    good: '#56d364',
    series: ['#5b9bec', '#e0a03c', '#f2647b', '#43b78c', '#b28df5', '#9aa5b1', '#48b9d6'],
    heat: '#8cc4ff',
  },
  light: {
    back: '#ffffff',
    bar: '#f6f7f9',
    line: '#d8dee4',
    ink: '#1b1f24',
    faint: '#57606a',
    bad: '#a40e26',
    warn: '#7d4e00',
    good: '#116329',
    series: ['#3b76c4', '#b7690a', '#c4253f', '#1b7f5c', '#8250c4', '#5e6a75', '#0e7490'],
    heat: '#0b4fa8',
  },
};
