/** Rules over a configuration → what is wrong with it, where, why, and how it is mended. */

import { LEVELS, type Level, type Rule, type Subject } from './rule.ts';
import { ANSWER_RULES } from './rules/answer-rules.ts';
import { ARGUMENT_RULES } from './rules/argument-rules.ts';
import { BACKEND_RULES } from './rules/backend-rules.ts';
import { CONTENT_RULES } from './rules/content-rules.ts';
import { ENGINE_RULES } from './rules/engine-rules.ts';
import { GRAMMAR_RULES } from './rules/grammar-rules.ts';
import { GROUP_RULES } from './rules/group-rules.ts';
import { LOG_RULES } from './rules/log-rules.ts';
import { MESSAGE_RULES } from './rules/message-rules.ts';
import { VERSION_RULES } from './rules/version-rules.ts';

export const RULES: readonly Rule[] = [
  ...ENGINE_RULES,
  ...GRAMMAR_RULES,
  ...MESSAGE_RULES,
  ...ARGUMENT_RULES,
  ...GROUP_RULES,
  ...BACKEND_RULES,
  ...CONTENT_RULES,
  ...ANSWER_RULES,
  ...LOG_RULES,
  ...VERSION_RULES,
];

export interface Finding {
  readonly code: string;
  readonly level: Level;
  /** As it was named. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
  readonly why: string;
  readonly mend: string;
  readonly reference: string;
}

export interface CheckResult {
  /** By file and line. */
  readonly findings: readonly Finding[];
  /** Whether there are more, past the bound. */
  readonly isCut: boolean;
}

/** What an agent that hangs may cost a client, where nobody says it. */
export const USUAL_MAX_DELAY_MS = 1000;

const MOST_FINDINGS = 1000;

export function checkConfiguration(subject: Subject): CheckResult {
  // Engines share scopes and backends: what is said of one is said once.
  const found = new Map<string, Finding>();
  let isCut = false;
  for (const { code, level, why, mend, reference, find } of RULES) {
    for (const { at, message } of find(subject)) {
      const key = `${code} ${at.line} ${at.file} ${message}`;
      if (!found.has(key) && found.size >= MOST_FINDINGS) {
        isCut = true;
        break;
      }
      found.set(key, { code, level, file: at.file, line: at.line, message, why, mend, reference });
    }
  }
  const places = new Map(subject.configuration.files.map((file, i) => [file, i]));
  const placeOf = (file: string) => places.get(file) ?? places.size;
  const findings = [...found.values()].sort(
    (a, b) => placeOf(a.file) - placeOf(b.file) || a.line - b.line || LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level),
  );
  return { findings, isCut };
}
