import { namedOptions, readTexts } from '../../options/getopt.ts';
import { ORIGINAL_OPTIONS } from './original-options.ts';
import { OWN_OPTIONS } from './own-options.ts';

export const OPTION_TABLE = { ...ORIGINAL_OPTIONS, ...OWN_OPTIONS };

/** Whether the original agent does not have the option. */
export function isOwn(long: string): boolean {
  return Object.hasOwn(OWN_OPTIONS, long);
}

/** The options in the order of the help. */
export const OPTIONS = namedOptions(OPTION_TABLE, isOwn);

/** The command line of an agent that runs elsewhere, ours or the original one. */
export function readAgentArguments(args: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return readTexts(args, OPTIONS);
}
