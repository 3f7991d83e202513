import type { InputReport } from '../model.ts';
import type { AnswerFacts } from './joined-request.ts';

/** What the noise is called in a report: the destination, or the files. */
export function nameOfNoise(
  source: AnswerFacts['noise']['source'],
  destination: string,
  inputs: readonly InputReport[],
): string | undefined {
  if (source === 'destination') return destination;
  if (source === 'none') return undefined;
  return inputs
    .filter(({ role }) => role === 'baseline')
    .map(({ path }) => path)
    .join(', ');
}
