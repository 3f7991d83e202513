import type { Mirror } from '../mirror/mirror.ts';
import type { MirrorOptions } from '../mirror/options.ts';
import type { MirrorRecord } from '../mirror/record.ts';
import type { MirrorTracer } from '../mirror/tracing.ts';
import type { Log } from './log-file.ts';
import { Reachability } from './reachability.ts';
import type { RecordFile } from './record-file.ts';

/** Loaded only when there is something to mirror to: an HTTP client is most of the start-up time. */
export async function startMirror(
  options: MirrorOptions,
  record: RecordFile | undefined,
  log: Log,
  tracer: MirrorTracer | undefined,
): Promise<Mirror> {
  const [{ Mirror }, { formatRecord }] = await Promise.all([
    import('../mirror/mirror.ts'),
    import('../mirror/record.ts'),
  ]);
  const reachability = new Reachability(log);
  const onOutcome = (outcome: MirrorRecord) => {
    reachability.observe(outcome);
    record?.write(formatRecord(outcome));
  };
  return new Mirror(options, onOutcome, tracer);
}
