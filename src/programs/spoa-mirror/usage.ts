import type { NamedOption } from '../../options/getopt.ts';
import { defaultText, isFlag, placeholderOf } from '../../options/option.ts';
import { OPTIONS } from './option-table.ts';

const WIDTH = 38;

/** Example command lines, without the name of the program. */
export const EXAMPLES: readonly (readonly [line: string, describe: string])[] = [
  ['-D -r0 -uhttp://mirror.mysite.com/', "as on the vendor's page"],
  [
    '-r0 -u https://mirror.mysite.com/ --sample 10% --record mirror.jsonl --admin 127.0.0.1:9100',
    'a tenth of the requests, what came of them, and figures for Prometheus',
  ],
];

/** Renders the text of -h, laid out as the original's. */
export function renderHelp(program: string): string {
  return [
    '',
    `Usage: ${program} { -h --help }`,
    `       ${program} { -V --version }`,
    `       ${program} { -r --runtime=TIME } [OPTION]...`,
    '',
    'Options are:',
    ...OPTIONS.filter(({ own }) => own !== true).map(line),
    '',
    'Options the original agent does not have:',
    ...OPTIONS.filter(({ own }) => own === true).map(line),
    '',
    'Supported capabilities: fragmentation, pipelining, async.',
    '',
    "Allowed logging file opening modes: a, w.  The 'a' mode opens or creates the",
    "file for writing at its end, the 'w' mode empties or creates it; without a mode",
    'the file must not exist yet.  With a capital letter each line is written at once.',
    '',
    'Times are in milliseconds, or in the unit that follows: us, ms, s, m, h, d.',
    '',
    'Examples:',
    ...EXAMPLES.map(([line]) => `  ${program} ${line}`),
    '',
    '',
  ].join('\n');
}

function line(option: NamedOption): string {
  const { short, long, help } = option;
  const value = isFlag(option) ? '' : `=${placeholderOf(option)}`;
  const names = `  ${short === undefined ? '   ' : `-${short},`} --${long}${value}`;
  const otherwise = defaultText(option);
  return `${names.padEnd(WIDTH)}${names.length < WIDTH ? '' : ' '}${otherwise === undefined ? help : help.replace(/\.$/, ` (default: ${otherwise}).`)}`;
}
