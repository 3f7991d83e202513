/** What `config check` found, as text, JSON, SARIF and annotations of GitHub. */
import { escapeJson } from '../text/json.ts';
import { formatAmount } from '../text/numbers.ts';
import { escapeTerminal } from '../text/terminal.ts';
import { wrap } from './width.ts';
import { renderAnnotation } from './workflow-commands.ts';

const LEVELS = ['error', 'warning', 'note'] as const;

interface Finding {
  readonly code: string;
  readonly level: (typeof LEVELS)[number];
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
  readonly why: string;
  readonly mend: string;
  readonly reference: string;
}

export interface CheckReport {
  readonly findings: readonly Finding[];
  /** Whether there are more, past the bound. */
  readonly isCut: boolean;
  /** What was read. */
  readonly files: readonly string[];
  /** Engines that were looked at. */
  readonly engines: number;
  /** Engines whose SPOE file was not read. */
  readonly unread: number;
  /** `--for`. */
  readonly version: string | undefined;
  /** Conditions that only HAProxy can decide. */
  readonly undecided: readonly { readonly file: string; readonly line: number; readonly condition: string }[];
}

export const CHECK_FORMATS = ['text', 'json', 'sarif', 'github'] as const;
export type CheckFormat = (typeof CHECK_FORMATS)[number];

/** @param program its version, for SARIF */
export function renderCheck(report: CheckReport, format: CheckFormat, program: string): string {
  if (format === 'json') return renderJson(report);
  if (format === 'sarif') return renderSarif(report, program);
  return format === 'github' ? renderGithub(report) : renderText(report);
}

function counts({ findings }: CheckReport): { readonly [level in Finding['level']]: number } {
  const of = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
  return { error: of('error'), warning: of('warning'), note: of('note') };
}

/** `file:line: level: message [code]`, as compilers write it, then why and what to do. */
function renderText(report: CheckReport): string {
  const { findings, isCut, files, engines, unread, version, undecided } = report;
  const lines = findings.flatMap(({ file, line, level, message, code, why, mend }) => [
    `${file}:${line}: ${level}: ${message} [${code}]`,
    ...wrap(why, WIDTH, '    '),
    ...wrap(mend, WIDTH, '    → ', '      '),
    '',
  ]);
  const unknown = undecided.map(
    ({ file, line, condition }) =>
      `${file}:${line}: not known here: .if ${condition}; lines in it only count where they excuse something`,
  );
  const found = counts(report);
  const sum = LEVELS.filter((level) => found[level] > 0).map((level) => formatAmount(found[level], level));
  const looked = `${formatAmount(files.length, 'file')}, ${formatAmount(engines, 'engine')}${unread === 0 ? '' : ` (${unread} without its SPOE file)`}${version === undefined ? '' : `, for HAProxy ${version}`}`;
  const last = `${sum.length === 0 ? 'nothing found' : sum.join(', ')}: ${looked}`;
  const all = [...lines, ...unknown, ...(isCut ? [`there are more: only ${findings.length} are shown`] : []), last];
  return all.map((line) => `${escapeTerminal(line)}\n`).join('');
}

const WIDTH = 100;

function renderJson(report: CheckReport): string {
  const { findings, isCut, files, engines, unread, version, undecided } = report;
  const object = {
    schema: 'spoe-logs/config-check/1',
    for: version ?? null,
    files,
    engines,
    enginesNotRead: unread,
    counts: counts(report),
    isCut,
    findings: findings.map(({ code, level, file, line, message, why, mend, reference }) => ({
      code,
      level,
      file,
      line,
      message,
      why,
      mend,
      reference,
    })),
    notKnown: undecided.map(({ file, line, condition }) => ({ file, line, condition })),
  };
  return `${escapeJson(JSON.stringify(object, null, 2))}\n`;
}

/** SARIF 2.1.0, which GitHub, GitLab and Azure DevOps take. */
function renderSarif({ findings }: CheckReport, program: string): string {
  const rules = new Map(findings.map((finding) => [finding.code, finding]));
  const codes = [...rules.keys()];
  const object = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'spoe-logs config check',
            semanticVersion: program,
            rules: [...rules.values()].map(({ code, why, mend, level }) => ({
              id: code,
              shortDescription: { text: code },
              fullDescription: { text: why },
              help: { text: mend },
              defaultConfiguration: { level },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map(({ code, level, message, mend, file, line }) => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level,
          message: { text: `${message}. ${mend}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(file) },
                region: { startLine: line },
              },
            },
          ],
        })),
      },
    ],
  };
  return `${escapeJson(JSON.stringify(object, null, 2))}\n`;
}

/** A path as a URI: relative ones stay relative, as SARIF's viewers look for them in the repository. */
function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').split('/').map(encodePart).join('/');
  return path.startsWith('/') ? `file://${path}` : path;
}

/** encodeURIComponent throws on half a character; a colon in the first part would be a scheme. */
function encodePart(part: string): string {
  return encodeURIComponent(part.replaceAll(/\p{Cs}/gu, '\ufffd'));
}

const GITHUB_LEVELS = { error: 'error', warning: 'warning', note: 'notice' } as const;

/** Annotations of GitHub Actions, at the lines they are about. */
function renderGithub({ findings }: CheckReport): string {
  const annotations = findings.map(({ level, file, line, code, message, mend }) =>
    renderAnnotation({
      level: GITHUB_LEVELS[level],
      title: `spoe-logs ${code}`,
      lines: [message, mend],
      place: { file, line },
    }),
  );
  return annotations.join('');
}
