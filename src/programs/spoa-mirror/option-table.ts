import type { OptionName } from './getopt.ts';
import type { MirrorAgentOptions } from './options.ts';
import { ORIGINAL_OPTIONS } from './original-options.ts';
import { OWN_OPTIONS } from './own-options.ts';

/** An option: its names, its help, and what it sets. */
export interface Option extends OptionName {
  readonly help: string;
  /** What holds without it, as it would be written: made of the value that holds, for the help. */
  readonly default?: string;
  /** The value without what only this program is to know, for where others can read it. */
  readonly shown?: (value: string) => string;
  /** @throws AgentError `usage`, `log-file` */
  readonly set: (options: MirrorAgentOptions, value: string) => void;
}

export const OPTIONS: readonly Option[] = [
  ...ORIGINAL_OPTIONS,
  ...OWN_OPTIONS.map((option) => ({ ...option, own: true })),
];
