/** What the answers differ in, in a comment on a pull request. */
import type { DiffReport, FieldDifference } from '../../diff/model.ts';
import { answerCoverage, FIELD_Q, fieldNotes, fieldTable, noiseWords, suppressedTable } from './answer-reading.ts';
import { contentTable, contentWords } from './content-reading.ts';
import type { BudgetPart } from './markdown-budget.ts';
import { fixedPart } from './markdown-budget.ts';
import { plainHead, plainRow, prose } from './markdown-text.ts';
import type { PlainColumn } from './plain-table.ts';

const WORST = 15;

const EXAMPLES: PlainColumn<FieldDifference> = {
  head: 'for example',
  kind: 'log',
  cell: ({ examples }) => examples[0] ?? '',
};

export function fieldParts({ responses }: DiffReport): BudgetPart[] {
  if (responses === undefined) return [];
  const noise = prose(noiseWords(responses.noise));
  if (responses.fields.length === 0) return [fixedPart(`### Fields: none differs\n\n${noise}`)];
  const table = fieldTable(responses);
  const columns = [...table.columns, EXAMPLES];
  const lines = table.rows.map((field) => plainRow(columns, field));
  const head = plainHead(columns);
  return [
    {
      head: `### Fields, worst first\n\n${head}`,
      rows: lines.slice(0, WORST),
      noun: 'field',
      foot: [...[...fieldNotes(responses), FIELD_Q].map(prose), noise].join('  \n'),
      rank: 3,
      most: WORST,
    },
    {
      head: `<details><summary>More fields (${Math.max(0, lines.length - WORST)})</summary>\n\n${head}`,
      rows: lines.slice(WORST),
      noun: 'field',
      foot: '</details>',
      rank: 9,
      most: 200,
    },
  ];
}

export function answerParts({ responses, coverage }: DiffReport): BudgetPart[] {
  if (responses === undefined) return [];
  const { columns, rows } = suppressedTable(responses);
  const facts = answerCoverage(responses, coverage.paired).map((fact) => `- ${prose(fact)}`);
  return [
    fixedPart(`<details><summary>Answers</summary>\n\n${facts.join('\n')}`),
    {
      head: `What differs and was not judged:\n\n${plainHead(columns)}`,
      rows: rows.map((row) => plainRow(columns, row)),
      noun: 'reason',
      rank: 8,
      most: 30,
    },
    fixedPart('</details>'),
  ];
}

export function contentParts({ contents }: DiffReport): BudgetPart[] {
  if (contents === undefined) return [];
  const { columns, rows } = contentTable(contents);
  const words = contentWords(contents).map(prose).join('  \n');
  const head = `### Size and media type\n\n${words}`;
  if (rows.length === 0) return [fixedPart(head)];
  return [
    {
      head: `${head}\n\n${plainHead(columns)}`,
      rows: rows.map((row) => plainRow(columns, row)),
      noun: 'route',
      rank: 4,
      most: 20,
    },
  ];
}
