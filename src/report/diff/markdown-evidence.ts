/** The folded part of a pull-request comment: single requests, coverage, inputs; and the next command. */
import type { DiffReport, Sample, SampleSide } from '../../diff/model.ts';
import { formatExact, formatMilliseconds, formatShareNumber } from '../../text/numbers.ts';
import { formatTime } from '../../text/times.ts';
import type { BudgetPart } from './markdown-budget.ts';
import { fixedPart } from './markdown-budget.ts';
import { codeSpan, plain, plainHead, plainRow, prose, tableHead, tableRow } from './markdown-text.ts';
import { commandLines, nextSteps } from './next-step.ts';
import { destinationTable, inputTable } from './plain-table.ts';
import { bucketSum, mirrorOnlyParts, readBuckets, shareParts, statusText, sumWords } from './reading.ts';
import { burstWords, readTimeLines } from './time-reading.ts';
import { KIND_WORDS } from './words.ts';

const COMMAND_WIDTH = 100;

export function samplePart({ samples }: DiffReport): BudgetPart {
  const heads = ['kind', 'time', 'route', 'production', 'mirror', 'id', 'trace id'];
  return {
    head: `<details><summary>Samples</summary>\n\n${tableHead(heads, heads.length)}`,
    rows: samples.map(sampleRow),
    noun: 'sample',
    foot: '</details>',
    rank: 7,
    most: 20,
  };
}

function sampleRow({ kind, time, route, production, mirror, id, traceId }: Sample): string {
  return tableRow([
    KIND_WORDS[kind],
    prose(formatTime(time)),
    codeSpan(route),
    sideCell(production),
    mirror === undefined ? 'no line' : sideCell(mirror),
    codeSpan(id),
    codeSpan(traceId ?? ''),
  ]);
}

function sideCell({ status, termination = '', error = '', ms, target }: SampleSide): string {
  const time = formatMilliseconds(ms);
  const words = [statusText(status, error), prose(termination), prose(error), time === '-' ? '' : `${time} ms`];
  return [...words, target === '' ? '' : codeSpan(target)].filter((word) => word !== '').join(' ');
}

export function coverageParts(report: DiffReport): BudgetPart[] {
  const { coverage } = report;
  const buckets = readBuckets(coverage).map(({ bucket, count, share, words }) =>
    tableRow([`\`${bucket}\``, formatExact(count), plain(formatShareNumber(share)), plain(words)]),
  );
  const sum = bucketSum(coverage);
  const total = tableRow(['**sum**', formatExact(sum), sum > 0 ? '100' : '-', plain(sumWords(coverage))]);
  const shares = shareParts(coverage).map((part) => plain(part).replaceAll('_', '\\_'));
  const table = [tableHead(['bucket', 'requests', '%', 'what it means'], 1, 3), ...buckets, total].join('\n');
  const head = '<details><summary>Coverage and inputs</summary>';
  const inputs = inputTable(report);
  const rows = inputs.rows.map((input) => plainRow(inputs.columns, input));
  return [
    fixedPart([head, table, `${shares.join(' · ')}  \n${mirrorOnlyParts(report).join(' · ')}`].join('\n\n')),
    { head: plainHead(inputs.columns), rows, noun: 'input', rank: 8, most: 30 },
    fixedPart('</details>'),
  ];
}

export function destinationPart(report: DiffReport): BudgetPart {
  const { columns, rows } = destinationTable(report);
  return {
    head: `### Destinations\n\n${plainHead(columns)}`,
    rows: rows.map((row) => plainRow(columns, row)),
    noun: 'destination',
    rank: 2,
    most: 20,
  };
}

const PICTURE_WIDTH = 110;

export function timePart(report: DiffReport): BudgetPart {
  const { heading, lines } = readTimeLines(report, PICTURE_WIDTH);
  const bursts = burstWords(report).map((words) => `- **${prose(words)}**`);
  const pictures = lines.map(({ name, picture, note }) => `- ${name} \`${picture}\` ${prose(note)}`);
  return {
    head: `### Over time, ${prose(heading)}\n`,
    rows: [...bursts, ...pictures],
    noun: 'line',
    rank: 4,
    most: 20,
  };
}

export function warningPart({ warnings }: DiffReport): BudgetPart {
  const rows = warnings.map(({ message }) => `- ${prose(message)}`);
  return { head: '### Warnings\n', rows, noun: 'warning', rank: 4, most: 10 };
}

/** No line of a command can close the fence: each starts with a program, an option or a quote. */
export function nextPart(report: DiffReport, command?: readonly string[]): BudgetPart {
  const steps = nextSteps(report, command === undefined ? {} : { command });
  const lines = steps.flatMap(({ why, command: words }) => [`# ${why}`, ...commandLines(words, COMMAND_WIDTH, '')]);
  return fixedPart(`### Next\n\n\`\`\`sh\n${lines.join('\n')}\n\`\`\``);
}
