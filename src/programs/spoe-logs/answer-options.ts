/** What of production's answers the agent gets: options of `config print` and of `diff --print-haproxy-config`. */
import type { AnswerChoices } from '../../operate/setup.ts';
import { choice } from '../../options/kinds.ts';
import { optionTable } from '../../options/option.ts';
import { CliError } from './errors.ts';

export function answerOptions(group: string) {
  return optionTable({
    answers: {
      kind: choice('WHAT', ['head', 'body']),
      group,
      help: "the agent gets production's answers: their head, or of short JSON the body, too",
    },
    bodies: {
      kind: choice('WHEN', ['there', 'wait']),
      group,
      help: 'bodies that are there when the head is, or all that are short, which clients wait for',
      otherwise: 'there',
    },
  });
}

interface Given {
  readonly answers?: 'head' | 'body' | undefined;
  readonly bodies?: 'there' | 'wait' | undefined;
}

/** @throws CliError */
export function readAnswers({ answers, bodies }: Given): Pick<AnswerChoices, 'answers' | 'waits'> {
  if (bodies !== undefined && answers !== 'body')
    throw new CliError('usage', '--bodies is about bodies', 'add --answers body');
  return { answers, waits: bodies === 'wait' };
}
