/** What `doctor` found, as text and JSON. */
import { escapeJson } from '../text/json.ts';
import { escapeTerminal } from '../text/terminal.ts';
import { wrap } from './width.ts';

type Mark = 'ok' | 'warning' | 'fail' | 'unknown';
type Category = keyof typeof TITLES;

/** What is shown of it. */
export interface ShownDiagnosis {
  readonly categories: readonly {
    readonly category: Category;
    readonly findings: readonly { readonly mark: Mark; readonly text: string; readonly hint?: string | undefined }[];
  }[];
}

export const DOCTOR_OUTPUTS = ['short', 'table', 'json'] as const;
export type DoctorOutput = (typeof DOCTOR_OUTPUTS)[number];

const SIGNS: { readonly [unicode in 'unicode' | 'ascii']: { readonly [mark in Mark]: string } } = {
  unicode: { ok: '√', warning: '‼', fail: '×', unknown: '?' },
  ascii: { ok: 'ok', warning: '!!', fail: 'x', unknown: '?' },
};
const TITLES = {
  haproxy: 'HAProxy',
  configuration: 'configuration',
  agent: 'agent',
  mirror: 'mirror',
  resources: 'resources of this machine',
  log: 'log of HAProxy',
  traffic: 'traffic',
} as const;
const WIDTH = 100;

/** `short` leaves out what is well, and is one line where all is. */
export function renderDiagnosis(diagnosis: ShownDiagnosis, output: DoctorOutput, unicode: boolean): string {
  if (output === 'json') return renderJson(diagnosis);
  const signs = SIGNS[unicode ? 'unicode' : 'ascii'];
  const blocks = diagnosis.categories.flatMap(({ category, findings }) => {
    const shown = findings.filter(({ mark }) => output === 'table' || mark !== 'ok');
    if (shown.length === 0) return [];
    const title = TITLES[category];
    const lines = shown.flatMap(({ mark, text, hint }) => [
      ...wrap(text, WIDTH, `${signs[mark].padEnd(2)} `, '   '),
      ...(hint === undefined ? [] : wrap(hint, WIDTH, `   ${unicode ? '→' : '->'} `, '      ')),
    ]);
    return [title, '-'.repeat(title.length), ...lines, ''];
  });
  return [...blocks, lastLine(diagnosis, signs)].map((line) => `${escapeTerminal(line)}\n`).join('');
}

function count({ categories }: ShownDiagnosis, mark: Mark): number {
  return categories.flatMap(({ findings }) => findings).filter((each) => each.mark === mark).length;
}

function lastLine(diagnosis: ShownDiagnosis, signs: { readonly [mark in Mark]: string }): string {
  const of = (mark: Mark) => count(diagnosis, mark);
  const failed = of('fail') > 0;
  const parts = [
    ...(failed ? [`${of('fail')} failed`] : []),
    ...(of('warning') > 0 ? [`${of('warning')} to look at`] : []),
    ...(of('unknown') > 0 ? [`${of('unknown')} not known from here`] : []),
    `${of('ok')} well`,
  ];
  const sign = failed ? 'fail' : of('unknown') > 0 ? 'unknown' : 'ok';
  return `Status check results are ${signs[sign]}  ${parts.join(', ')}`;
}

function renderJson(diagnosis: ShownDiagnosis): string {
  const { categories } = diagnosis;
  const document = {
    schema: 'spoe-logs/doctor/1',
    success: count(diagnosis, 'fail') === 0,
    categories: categories.map(({ category, findings }) => ({
      category,
      findings: findings.map(({ mark, text, hint }) => ({ result: mark, text, ...(hint !== undefined && { hint }) })),
    })),
  };
  return `${escapeJson(JSON.stringify(document, null, 2))}\n`;
}
