import { SEVERITIES, type Severity } from './record.ts';

const ALIASES: Readonly<Record<string, Severity>> = {
  emergency: 'emerg',
  panic: 'emerg',
  critical: 'crit',
  error: 'err',
  warn: 'warning',
  informational: 'info',
};

/** A name in any case, or syslog's number 0–7. Other scales (pino's 30) are not severities: undefined. */
export function parseSeverity(text: string): Severity | undefined {
  const name = text.toLowerCase();
  if (/^[0-7]$/.test(name)) return SEVERITIES[Number(name)];
  if (Object.hasOwn(ALIASES, name)) return ALIASES[name];
  return SEVERITIES.find((severity) => severity === name);
}
