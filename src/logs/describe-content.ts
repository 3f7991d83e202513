/** Says in words what a log without SPOE lines holds, from a sample of it. */

/** Two keys of docs/schemas/agent-record.schema.json that no other log has together. */
const AGENT_RECORD = /"stream_id":.*"attempts":/;

/** Whether a sample of an input is what spoa-mirror writes with --record. */
export function isAgentRecord(sample: string): boolean {
  return AGENT_RECORD.test(sample);
}

/** What summarize --save writes begins so, whatever its version. */
const SAVED_STATE = /^\s*\{"schema":"spoe-logs\/state\//;

/** Whether a sample of an input is a state that summarize --save wrote. */
export function isSavedState(sample: string): boolean {
  return SAVED_STATE.test(sample);
}

const KINDS = [
  ['saved states of summarize', SAVED_STATE],
  ['HAProxy access lines', /\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d\.\d{3}\] /],
  ['web server access lines', /\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "/],
  ["requests of spoa-mirror's record", AGENT_RECORD],
  ['JSON lines', /^\s*\{/],
  ['HAProxy messages', /\b(?:haproxy|hapee-lb)\[\d+\]:/],
  ['syslog lines', /^(?:<\d+>)?(?:\d )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:|\d{4}-\d\d-\d\dT)/],
] as const;

/** What a sample holds, such as `12 HAProxy access lines, 3 other lines`; `nothing` for an empty sample. */
export function describeContent(sample: string): string {
  const lines = sample.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return 'nothing';
  const counts = new Map<string, number>();
  for (const line of lines) {
    const kind = KINDS.find(([, pattern]) => pattern.test(line))?.[0] ?? 'other lines';
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([kind, count]) => `${count} ${count === 1 ? kind.replace(/s$/, '') : kind}`)
    .join(', ');
}
