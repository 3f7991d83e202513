/** The mirror as the agent sees it. */
import type { MirrorOptions } from '../mirror/options.ts';
import type { MirrorStats } from '../mirror/statistics.ts';
import type { Message } from '../spop/messages.ts';
import type { NotifyContext } from './handlers.ts';
import type { Log } from './log-file.ts';
import { Reachability } from './reachability.ts';
import type { RecordFile } from './record-file.ts';

export type MirroringStats = MirrorStats;

export interface Mirroring {
  accept(message: Message, context: NotifyContext): boolean;
  stats(): MirroringStats;
  close(graceMs: number): Promise<void>;
}

/** Loaded only when there is something to mirror to: an HTTP client is most of the start-up time. */
export async function startMirror(
  options: MirrorOptions,
  record: RecordFile | undefined,
  log: Log,
): Promise<Mirroring> {
  const [{ Mirror }, { formatRecord }] = await Promise.all([
    import('../mirror/mirror.ts'),
    import('../mirror/record.ts'),
  ]);
  const reachability = new Reachability(log);
  return new Mirror(options, (outcome) => {
    reachability.observe(outcome);
    record?.write(formatRecord(outcome));
  });
}
