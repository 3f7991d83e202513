/** The top of the screen: safe or not, why, and every gate with what it saw. */
import type { DiffReport, GateStatus } from '../../diff/model.ts';
import type { Line, ScreenStyle, Section, Tone } from '../screen.ts';
import { line } from '../screen.ts';
import { flow, wrap } from '../width.ts';
import type { GateReading, GateState } from './gate-reading.ts';
import { GATE_STATES, gateNote, readGates } from './gate-reading.ts';
import { correlationParts, headline, isWeak, VERDICT_WORDS, windowText } from './reading.ts';
import { WEAK_EVIDENCE } from './words.ts';

const MOST_REASONS = 5;
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

/** `PASS — …`, the window, the reasons. */
export function verdictSection(report: DiffReport, style: ScreenStyle): Section {
  const { verdict } = report;
  const title = `${VERDICT_WORDS[verdict.status]} ${style.dash} ${headline(report)}`;
  const facts = [style.safe(windowText(report)), ...correlationParts(report.correlation), `exit ${verdict.exitCode}`];
  return {
    before: [
      ...wrap(title, style.width, '', '  ').map((text) => line(text, VERDICT_TONE[verdict.status])),
      ...flow(facts, ` ${style.dot} `, style.width, '  ').map((text) => line(text, 'faint')),
      ...verdict.reasons
        .slice(0, MOST_REASONS)
        .flatMap((reason) => wrap(style.safe(reason), style.width, '  - ', '    '))
        .map((text) => line(text)),
      ...more(verdict.reasons.length - MOST_REASONS, 'reason', style),
    ],
  };
}

/** What a reader must know before believing any number below. */
export function weakSection(report: DiffReport, style: ScreenStyle): Section {
  if (!isWeak(report)) return {};
  const { heading, why, so, next } = WEAK_EVIDENCE;
  const lines = [why, so, next].flatMap((text) => wrap(text, style.width, '! - ', '!   '));
  return { before: [line(`! ${heading}`, 'warn'), ...lines.map((text) => line(text, 'warn'))] };
}

export function gateSection(report: DiffReport, style: ScreenStyle): Section {
  const gates = readGates(report);
  if (gates.length === 0) return { before: [line('GATES  none was set', 'heading')] };
  const shown = gates.slice(0, MOST_GATES);
  return {
    before: [
      line('GATES', 'heading'),
      ...shown.flatMap((gate) => gateLines(gate, style)),
      ...more(gates.length - shown.length, 'gate', style),
    ],
  };
}

function gateLines(gate: GateReading, style: ScreenStyle): Line[] {
  const first = `  ${gate.state.padEnd(STATE_WIDTH)}  `;
  const parts = [gate.expression, gate.route, gate.comparison, gate.reason, gateNote(gate)]
    .filter((part) => part !== null && part !== '')
    .map((part) => style.safe(part ?? ''));
  return wrap(parts.join(` ${style.dot} `), style.width, first, ' '.repeat(first.length)).map((text) =>
    line(text, GATE_TONE[gate.state]),
  );
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
