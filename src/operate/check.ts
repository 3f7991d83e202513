/** Rules over a configuration → what is wrong with it, where, why, and how it is mended. */

import { LEVELS, type Level, type Rule, type Subject } from './rule.ts';
import { BACKEND_RULES } from './rules/backend-rules.ts';
import { CONTENT_RULES } from './rules/content-rules.ts';
import { ENGINE_RULES } from './rules/engine-rules.ts';
import { LOG_RULES } from './rules/log-rules.ts';
import { MESSAGE_RULES } from './rules/message-rules.ts';
import { VERSION_RULES } from './rules/version-rules.ts';

export const RULES: readonly Rule[] = [
  ...ENGINE_RULES,
  ...MESSAGE_RULES,
  ...BACKEND_RULES,
  ...CONTENT_RULES,
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
  /** Findings past the bound, which are only counted. */
  readonly more: number;
}

const MOST_FINDINGS = 1000;

/** @param only rules of the caller's choice */
export function checkConfiguration(subject: Subject, only: readonly Rule[] = RULES): CheckResult {
  // Engines share scopes and backends: what is said of one is said once.
  const found = new Map<string, Finding>();
  let more = 0;
  for (const { code, level, why, mend, reference, find } of only) {
    for (const { at, message } of find(subject)) {
      const key = `${code} ${at.line} ${at.file} ${message}`;
      if (found.has(key)) continue;
      if (found.size >= MOST_FINDINGS) more++;
      else found.set(key, { code, level, file: at.file, line: at.line, message, why, mend, reference });
    }
  }
  const files = subject.configuration.files;
  const findings = [...found.values()].sort(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      a.line - b.line ||
      LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level),
  );
  return { findings, more };
}
