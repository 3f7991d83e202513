/** The top of the screen: the word and why, what was compared and what was not, what to do; then every gate. */
import type { DiffReport, GateStatus } from '../../diff/model.ts';
import type { Line, ScreenStyle, Section, Tone } from '../screen.ts';
import { line, together } from '../screen.ts';
import { truncate, wrap } from '../width.ts';
import type { GateReading, GateState } from './gate-reading.ts';
import { GATE_STATES, gateCounts, gateNotes, readGates } from './gate-reading.ts';
import type { NextStep } from './next-step.ts';
import { commandLines } from './next-step.ts';
import { type Fact, makeOverview } from './overview.ts';

/** All that 24 lines have room for; the gates below name the others. */
const MOST_REASONS = 2;
/** Gates that pass are listed too, but a screen is no place for a hundred of them. */
const MOST_GATES = 16;

const VERDICT_TONE: { readonly [status in GateStatus]: Tone } = { pass: 'good', fail: 'bad', inconclusive: 'warn' };

const GATE_TONE: { readonly [state in GateState]: Tone | undefined } = {
  FAIL: 'bad',
  INCONCLUSIVE: 'warn',
  WARN: 'warn',
  pass: undefined,
};

const STATE_WIDTH = Math.max(...GATE_STATES.map((state) => state.length));
/** The width of the longest label and a gap. */
const LABEL_WIDTH = 14;

/** `FAIL — why`, what was compared and what was not, and what to do about it. */
export function verdictSection(report: DiffReport, style: ScreenStyle): Section {
  const { word, why, facts } = makeOverview(report, MOST_REASONS);
  const title = `${style.safe(word)} ${style.dash} ${style.safe(why)}`;
  return {
    before: [
      ...wrap(title, style.width, '', '  ').map((text) => line(text, VERDICT_TONE[report.verdict.status])),
      ...facts.flatMap((fact) => factLines(fact, style)),
    ],
  };
}

function factLines({ label, lines, isWarning = false }: Fact, style: ScreenStyle): Line[] {
  const indent = ' '.repeat(LABEL_WIDTH);
  const texts = lines.flatMap((text, i) =>
    wrap(style.safe(text), style.width, i === 0 ? label.padEnd(LABEL_WIDTH) : indent, indent),
  );
  return together(texts.map((text) => line(text, isWarning ? 'warn' : undefined)));
}

/** Commands are never cut: half a command is a wrong one. */
export function stepLines({ why, command }: NextStep, style: ScreenStyle, label = '  '): Line[] {
  return together([
    line(`${label}${why}:`, 'faint'),
    ...commandLines(command, style.width, COMMAND_INDENT).map((text) => line(text)),
  ]);
}

export const COMMAND_INDENT = '    ';

/** The command to run first, with the label of a fact. */
export function firstStepLines(step: NextStep | undefined, style: ScreenStyle): Line[] {
  return step === undefined ? [] : stepLines(step, style, 'next'.padEnd(LABEL_WIDTH));
}

/** @param exitCode what the program ends with, which is not always what the verdict says */
export function gateSection(report: DiffReport, style: ScreenStyle, exitCode: number): Section {
  const gates = readGates(report);
  const exit = `exit ${exitCode}`;
  if (gates.length === 0) return { before: [line(`GATES  none was set ${style.dot} ${exit}`, 'heading')] };
  const shown = gates.slice(0, MOST_GATES);
  return {
    before: [
      line(`GATES  ${gateCounts(gates)} ${style.dot} ${exit}`, 'heading'),
      ...shown.flatMap((gate) => gateLines(gate, style)),
      ...more(gates.length - shown.length, 'gate', style),
    ],
  };
}

/**
 * The plain words first, then the name by which --gates knows it. Figures only where they explain a state and are not
 * said by the words; of what passed those that find room in one line.
 */
function gateLines(gate: GateReading, style: ScreenStyle): Line[] {
  const first = `  ${gate.state.padEnd(STATE_WIDTH)}  `;
  const lines = (figures: readonly string[]): string[] => {
    const parts = [gate.title, gate.expression, ...figures].filter((part) => part !== '').map(style.safe);
    return wrap(parts.join(` ${style.dot} `), style.width, first, ' '.repeat(first.length));
  };
  const notes = gateNotes(gate, true);
  const whole = lines(gate.state === 'pass' ? notes : [gate.comparison, ...notes]);
  const shown = gate.state === 'pass' && whole.length > 1 ? lines([]) : whole;
  return together(shown.map((text) => line(text, GATE_TONE[gate.state])));
}

/** The word once more: after a long report this is where the screen of a terminal stands. */
export function lastSection(report: DiffReport, style: ScreenStyle): Section {
  const { word, why } = makeOverview(report);
  const title = `${style.safe(word)} ${style.dash} ${style.safe(why)}`;
  return { before: [line(truncate(title, style.width, style.ellipsis), VERDICT_TONE[report.verdict.status])] };
}

/** `… and 3 more gates`, where there are any; JSON has them all. */
export function more(count: number, noun: string, style: ScreenStyle, remark = ''): Line[] {
  if (count <= 0) return [];
  return [
    line(
      `  ${style.ellipsis} and ${count} more ${noun}${count === 1 ? '' : 's'}${remark} (--format json has all)`,
      'faint',
    ),
  ];
}
