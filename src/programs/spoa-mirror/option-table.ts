import { namedOptions } from '../../options/getopt.ts';
import { ORIGINAL_OPTIONS } from './original-options.ts';
import { OWN_OPTIONS } from './own-options.ts';

export const OPTION_TABLE = { ...ORIGINAL_OPTIONS, ...OWN_OPTIONS };

/** Not of the original agent. */
export function isOwn(long: string): boolean {
  return Object.hasOwn(OWN_OPTIONS, long);
}

/** In the order of the help. */
export const OPTIONS = namedOptions(OPTION_TABLE, isOwn);
