/** The outcomes of the pairs: the 2x2 of errors, the rates, and which status turned into which. */
import type { DiffReport, ErrorComparison } from '../../diff/model.ts';
import {
  formatExact,
  formatInterval,
  formatP,
  formatPointsNumber,
  formatShare,
  formatShareNumber,
} from '../../text/numbers.ts';
import type { Grid, GridColumn, Line, Row, ScreenStyle, Section, Tone } from '../screen.ts';
import { line } from '../screen.ts';
import { flow } from '../width.ts';
import { changeParts, isWeak, testWords, transitionWord } from './reading.ts';

const MOST_TRANSITIONS = 12;

export function outcomeSection(report: DiffReport, style: ScreenStyle): Section {
  const { errors } = report;
  const after = [...rateLines(errors, style), ...faintLines(changeParts(errors), style)];
  return isWeak(report) ? { grid: sides(errors), after } : { grid: cells(errors), after };
}

/** The words stay beside the numbers: NEW and FIXED are what everybody asks for. */
function cells({ n, bothOk, newError, fixedError, bothError }: ErrorComparison): Grid {
  const columns: GridColumn[] = [
    { head: `OUTCOMES of ${n} pairs`, align: 'left', shrinkTo: 16 },
    { head: 'mirror fine', align: 'right' },
    { head: '', align: 'left' },
    { head: 'mirror error', align: 'right' },
    { head: '', align: 'left' },
  ];
  const rows: Row[] = [
    {
      cells: ['  production fine', formatExact(bothOk), 'both fine', formatExact(newError), 'NEW'],
      ...(newError > 0 ? { tone: 'bad' as const } : {}),
    },
    { cells: ['  production error', formatExact(fixedError), 'FIXED', formatExact(bothError), 'both'] },
  ];
  return { columns, rows };
}

/** The errors of each side, where there are no pairs. */
function sides(errors: ErrorComparison): Grid {
  const columns: GridColumn[] = [
    { head: 'OUTCOMES, each side alone', align: 'left', shrinkTo: 12 },
    { head: 'requests', align: 'right' },
    { head: 'errors', align: 'right' },
    { head: 'error %', align: 'right' },
    { head: '95 % interval', align: 'right', drop: 1 },
  ];
  const { n, productionErrors, productionRate, productionCi, mirrorN, mirrorErrors, mirrorRate, mirrorCi } = errors;
  const row = (
    name: string,
    count: number | undefined,
    failed: number | undefined,
    rate: number | null,
    ci: string,
  ): Row => ({
    cells: [name, formatExact(count), formatExact(failed), formatShareNumber(rate), ci],
  });
  return {
    columns,
    rows: [
      row('  production', n, productionErrors, productionRate, formatInterval(productionCi, formatShareNumber)),
      row('  mirror', mirrorN, mirrorErrors, mirrorRate, formatInterval(mirrorCi, formatShareNumber)),
    ],
  };
}

function rateLines(errors: ErrorComparison, style: ScreenStyle): Line[] {
  const change = `mirror minus production ${formatPointsNumber(errors.difference)} pp ${formatInterval(errors.differenceCi, formatPointsNumber)}`;
  const parts = [
    `error rate ${formatShare(errors.productionRate)} ${style.arrow} ${formatShare(errors.mirrorRate)}`,
    change.replace('- pp -', 'unknown'),
    `p ${formatP(errors.test.p)} (${testWords(errors)})`,
  ];
  return flow(parts, ` ${style.dot} `, style.width, '  ').map((text) => line(text));
}

function faintLines(parts: readonly string[], style: ScreenStyle): Line[] {
  return flow(parts, ` ${style.dot} `, style.width, '  ').map((text) => line(text, 'faint'));
}

/** The transitions, those for the worse first and in a line of their own: most of the others are answers that are equal. */
export function transitionSection({ transitions }: DiffReport, style: ScreenStyle): Section {
  if (transitions.length === 0) return {};
  const shown = transitions.slice(0, MOST_TRANSITIONS);
  const rest = transitions.slice(MOST_TRANSITIONS).reduce((sum, { count }) => sum + count, 0);
  const lines = TRANSITION_WORDS.flatMap(({ word, label, tone }) => {
    const parts = shown
      .filter((transition) => transitionWord(transition) === word)
      .map(
        ({ production, mirror, count }) => `${style.safe(production)} ${style.arrow} ${style.safe(mirror)} (${count})`,
      );
    if (word === '' && rest > 0) parts.push(`${transitions.length - MOST_TRANSITIONS} rarer kinds (${rest})`);
    if (parts.length === 0) return [];
    return flow(parts, '   ', style.width, `  ${label}  `, ' '.repeat(label.length + 4)).map((text) =>
      line(text, tone),
    );
  });
  return { before: [line(`STATUS, production ${style.arrow} mirror (pairs)`, 'heading'), ...lines] };
}

const TRANSITION_WORDS: readonly {
  readonly word: ReturnType<typeof transitionWord>;
  readonly label: string;
  readonly tone: Tone | undefined;
}[] = [
  { word: 'worse', label: 'worse ', tone: 'bad' },
  { word: 'better', label: 'better', tone: 'good' },
  { word: '', label: 'alike ', tone: undefined },
];
