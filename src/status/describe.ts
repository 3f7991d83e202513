export type StatusOrigin = 'none' | 'engine' | 'spop' | 'unknown';
