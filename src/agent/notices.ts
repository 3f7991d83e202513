/** Lines that say something of a configuration: once is enough, however many requests meet it. */
import type { Log } from './log-file.ts';

/** Says a line; a line that was said before is left out. */
export type Notice = (line: string) => void;

/** Peers choose some of the words. */
const MAX_NOTICES = 100;

export function noticeOnce(log: Log): Notice {
  const said = new Set<string>();
  return (line) => {
    if (said.has(line) || said.size >= MAX_NOTICES) return;
    said.add(line);
    log(line);
  };
}
