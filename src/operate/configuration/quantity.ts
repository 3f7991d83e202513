/** Times and sizes as HAProxy writes them (configuration manual, 2.5 and 2.6); other than those of our own options. */

const UNIT_MS = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `500`, `500ms`, `5s` in ms; undefined for anything else. */
export function parseTimeMs(text: string | undefined): number | undefined {
  const match = /^(\d{1,12})(us|ms|s|m|h|d)?$/.exec(text ?? '');
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_MS[(match[2] ?? 'ms') as keyof typeof UNIT_MS];
}

const UNIT_BYTES = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const;

/** `16384`, `64k` in bytes; undefined for anything else. */
export function parseSizeBytes(text: string | undefined): number | undefined {
  const match = /^(\d{1,12})([kmg]?)$/i.exec(text ?? '');
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_BYTES[(match[2] ?? '').toLowerCase() as keyof typeof UNIT_BYTES];
}
