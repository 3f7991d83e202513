import { parseLine } from '../../../logs/line.ts';
import { traceLine } from '../../../logs/trace.ts';
import { choice, FLAG, text } from '../../../options/kinds.ts';
import { type Given, optionTable } from '../../../options/option.ts';
import {
  type ExplainOptions,
  explainCode,
  explainEvent,
  explainMessage,
  renderExplainCode,
  renderExplainEvent,
  renderExplainJson,
  renderExplainMessage,
} from '../../../report/explain.ts';
import { renderTrace } from '../../../report/explain-trace.ts';
import { escapeTerminal } from '../../../text/terminal.ts';
import { defineCommand } from '../command.ts';
import { CliError } from '../errors.ts';
import { tableOptions } from '../screen.ts';

const FORMATS = ['text', 'json'] as const;
const TABLES = ['engine', 'documented'] as const;
const LARGEST_CODE = 2 ** 32 - 1;

const OPTIONS = optionTable({
  format: { kind: choice('FORMAT', FORMATS), default: 'text', help: 'how the answer is written' },
  codes: { kind: choice('TABLE', TABLES), default: 'engine', help: 'which of the two status tables comes first' },
  trace: {
    kind: FLAG,
    help: 'the way of a line through the reader: header, marker, fields, what was refused and why',
  },
});

type ExplainArguments = Given<typeof OPTIONS> & { readonly what: readonly string[] };

export const command = defineCommand({
  options: OPTIONS,
  positionals: {
    what: { kind: text('WHAT'), repeatable: true, required: true, help: 'a code (264, st=264) or a whole line' },
  },
  examples: [
    ['$0 explain 264', 'what st=264 means and what to check next'],
    [
      "$0 explain 'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=7 st=1 0/0/-1/-1/1000 9/9 0/3 0/5'",
      'what one line says',
    ],
  ],
  run,
});

function run({ what, format, codes, trace }: ExplainArguments): void {
  if (trace && format === 'json') {
    throw new CliError('trace-is-text', '--trace is text for people, not json', 'leave --format away');
  }
  const text = what.join(' ');
  process.stdout.write(trace ? renderTrace(traceLine(text), textOptions(codes)) : explain(text, format, codes));
}

function textOptions(codes: ExplainArguments['codes']): ExplainOptions {
  return { codes, unicode: tableOptions().unicode ?? true };
}

function explain(what: string, format: ExplainArguments['format'], codes: ExplainArguments['codes']): string {
  const options = textOptions(codes);
  const code = /^\s*(?:st=)?(\d{1,10})\s*$/.exec(what)?.[1];
  if (code !== undefined && Number(code) <= LARGEST_CODE) {
    return format === 'json' ? renderExplainJson(explainCode(Number(code))) : renderExplainCode(Number(code), options);
  }
  const line = parseLine(what);
  if (line.kind === 'event') {
    const { header, event } = line;
    return format === 'json'
      ? renderExplainJson(explainEvent(header, event))
      : renderExplainEvent(header, event, options);
  }
  if (line.kind === 'other') {
    const { header, agent, text } = line;
    return format === 'json'
      ? renderExplainJson(explainMessage(header, agent, text))
      : renderExplainMessage(header, agent, text, options);
  }
  throw new CliError(...REFUSALS[line.kind](what));
}

type Refusal = [code: string, message: string, hint: string];

const REFUSALS: { readonly [kind in 'malformed' | 'spoofed' | 'unread' | 'none']: (what: string) => Refusal } = {
  malformed: () => ['malformed', 'this SPOE line is torn: its fields are not complete', 'quote the whole line'],
  spoofed: () => [
    'spoofed',
    'the SPOE text in this line is not right after its header: a client sent it',
    'explain the SPOE line itself',
  ],
  unread: () => [
    'header-not-read',
    'this line ends in a whole SPOE event, behind a header that is not known',
    'explain the line from SPOE: on',
  ],
  none: (what) => [
    'not-explainable',
    `neither a status code nor an SPOE line: ${escapeTerminal(what.slice(0, 80))}`,
    'write a number such as 264, st=264, or a whole line in quotes',
  ],
};
