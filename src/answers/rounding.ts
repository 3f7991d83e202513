/** Numbers that may differ a little: rounded before they are hashed, as a hash has no tolerance. */
import { AnswerError } from './errors.ts';
import { parsePath } from './paths.ts';

export interface Rounding {
  /** As in a print: `$.items[*].price`. */
  readonly path: string;
  /** How many decimals are kept: 0 to 15. */
  readonly decimals: number;
}

const MAX_DECIMALS = 15;

/** `$.price=2`: the path of a field as a report names it, and how many decimals are kept. Throws AnswerError. */
export function parseRounding(text: string): Rounding {
  const at = text.lastIndexOf('=');
  if (at < 0) throw new AnswerError('rounding-form', 'must be PATH=DECIMALS, as $.price=2');
  const path = parsePath(text.slice(0, at).trim());
  const decimals = text.slice(at + 1).trim();
  if (path === undefined)
    throw new AnswerError('rounding-path', 'must begin with the path of one field, as $.items[*].price');
  if (!/^[0-9]{1,2}$/.test(decimals) || Number(decimals) > MAX_DECIMALS)
    throw new AnswerError('rounding-decimals', `must end with a number of decimals from 0 to ${MAX_DECIMALS}`);
  return { path, decimals: Number(decimals) };
}
