/** The figures at the top, and what became of the pairs. */
import type { DiffReport, ErrorComparison } from '../../diff/model.ts';
import {
  formatAmount,
  formatExact,
  formatInterval,
  formatP,
  formatPoints,
  formatPointsNumber,
  formatShare,
  formatShareNumber,
  formatTimes,
} from '../../text/numbers.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import { badge, card, code, htmlTable } from '../html/table.ts';
import { changeParts, isWeak, testWords, transitionWord } from './reading.ts';

export function summaryCards(report: DiffReport): Markup {
  const { errors, coverage, latency } = report;
  const weak = isWeak(report);
  const known = errors.difference !== null;
  const cards = [
    weak
      ? card('Requests compared', formatExact(errors.n), `production; mirror ${formatExact(errors.mirrorN)}`)
      : card(
          'Pairs compared',
          formatExact(errors.n),
          `${formatShare(coverage.pairedShare)} of the comparable requests`,
        ),
    card(
      'Error rate',
      `${formatShare(errors.productionRate)} → ${formatShare(errors.mirrorRate)}`,
      'production → mirror',
    ),
    card(
      'Difference',
      known ? formatPoints(errors.difference) : 'unknown',
      `95 % interval ${formatInterval(errors.differenceCi, formatPointsNumber)}; p ${formatP(errors.test.p)} (${testWords(errors)})`,
    ),
    card(
      'Typical latency',
      latency?.ratio === undefined ? 'unknown' : `× ${formatTimes(latency.ratio)}`,
      `mirror / production; 95 % interval ${formatInterval(latency?.ratioCi, formatTimes)}`,
    ),
  ];
  return markup`<div class="cards">${cards}${answerCards(report)}</div>`;
}

/** None where no answers are known, so that a report of statuses and times stays what it was. */
function answerCards({ responses, coverage }: DiffReport): Markup[] {
  if (responses === undefined) return [];
  const worse = responses.fields.filter(({ regressed }) => regressed).length;
  return [
    card('Fields worse', formatExact(worse), `headers of ${formatAmount(responses.pairs, 'pair')} compared`),
    card(
      'Bodies compared',
      formatShare(responses.bodyShare),
      `${responses.bodiesCompared} of ${formatAmount(coverage.paired, 'pair')}`,
    ),
  ];
}

export function outcomeSection(report: DiffReport): Markup {
  const { errors } = report;
  const table = isWeak(report) ? sideTable(errors) : matrix(errors);
  const changes = changeParts(errors).map((part) => markup`<span>${part}</span>`);
  return markup`<section><h2>Outcomes</h2><div class="split"><div>${table}<div class="facts">${changes}</div></div>${transitionTable(report)}</div></section>`;
}

function matrix({ n, bothOk, newError, fixedError, bothError }: ErrorComparison): Markup {
  const shade = (count: number, kind: string): string => (count > 0 ? kind : 'none');
  return markup`<div class="scroll" role="group" aria-label="Pairs by what each side answered" tabindex="0"><table class="matrix"><caption>${n} pairs by what each side answered</caption>
<thead><tr><td class="none"></td><th scope="col">Mirror fine</th><th scope="col">Mirror error</th></tr></thead>
<tbody><tr><th scope="row">Production fine</th><td><b>${formatExact(bothOk)}</b>both fine</td><td class="${shade(newError, 'new')}"><b>${formatExact(newError)}</b>new errors</td></tr>
<tr><th scope="row">Production error</th><td class="${shade(fixedError, 'fixed')}"><b>${formatExact(fixedError)}</b>fixed</td><td><b>${formatExact(bothError)}</b>both</td></tr></tbody></table></div>`;
}

function sideTable(errors: ErrorComparison): Markup {
  const { n, productionErrors, productionRate, productionCi, mirrorN, mirrorErrors, mirrorRate, mirrorCi } = errors;
  const columns = ['Side', 'Requests', 'Errors', 'Error %', '95 % interval'].map((head, i) => ({
    head,
    number: i > 0,
  }));
  const rate = (value: number | null): string => formatShareNumber(value);
  return htmlTable('Each side alone: no request is paired with its own copy', columns, [
    {
      cells: [
        'production',
        formatExact(n),
        formatExact(productionErrors),
        rate(productionRate),
        formatInterval(productionCi, rate),
      ],
    },
    {
      cells: [
        'mirror',
        formatExact(mirrorN),
        formatExact(mirrorErrors),
        rate(mirrorRate),
        formatInterval(mirrorCi, rate),
      ],
    },
  ]);
}

const MOST_TRANSITIONS = 30;

function transitionTable({ transitions }: DiffReport): Markup {
  if (transitions.length === 0) return NO_MARKUP;
  const shown = transitions.slice(0, MOST_TRANSITIONS);
  const rows = shown.map((transition) => {
    const word = transitionWord(transition);
    return {
      cells: [
        code(transition.production),
        code(transition.mirror),
        formatExact(transition.count),
        word === '' ? '' : badge(word, word),
      ],
      ...(word === 'worse' && { kind: word }),
    };
  });
  const hidden = transitions.length - shown.length;
  const more = hidden === 0 ? '' : `; ${hidden} rarer ones are not shown`;
  const columns = [
    { head: 'Production', wide: true },
    { head: 'Mirror', wide: true },
    { head: 'Pairs', number: true },
    { head: '' },
  ];
  return markup`<div>${htmlTable(`Status changes, most frequent first${more}`, columns, rows)}</div>`;
}
