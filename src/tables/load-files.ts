/** Reads files into a loader: to their ends one after the other, or as they grow. */
import { Inputs, type ReadTurns, type TimeOptions } from '../logs/inputs.ts';
import { STDIN } from '../logs/read.ts';
import { regularSize } from '../logs/regions.ts';
import { LineTally } from '../logs/tally.ts';
import type { Loader } from './loader.ts';

/** The bytes between two waits for the engine: nothing is known of a file before the first one. */
const TURN_BYTES = 1024 * 1024;
/** How often the age of parts is looked at. */
const LOOK_MS = 1000;

export interface LoadFilesOptions extends Pick<ReadTurns, 'signal' | 'onAwaited' | 'onGivenUp'> {
  readonly follow: boolean;
  readonly times: TimeOptions;
  /** Called each time when the age of parts is looked at. */
  readonly onLook?: () => void;
}

/**
 * Loads files, and waits until all is written. What cannot be read is a problem of the inputs that are given back; the others are loaded.
 * Throws what the engine throws when it is asked what it has.
 */
export async function loadFiles(loader: Loader, paths: readonly string[], options: LoadFilesOptions): Promise<Inputs> {
  const inputs = new Inputs(loader.scanner, new LineTally(), options.times);
  if (paths.length > 1) await rememberFiles(loader, paths, options);
  if (options.follow) await followFiles(loader, inputs, paths, options);
  else
    for (const path of paths) {
      if (options.signal.aborted) break;
      await inputs.read([{ path }], turnsOf(loader, options));
      await loader.leave();
    }
  await loader.finish();
  return inputs;
}

function turnsOf(loader: Loader, { signal, follow, onAwaited, onGivenUp }: LoadFilesOptions): ReadTurns {
  return {
    signal,
    turnBytes: TURN_BYTES,
    onTurn: () => loader.turn(),
    onEnter: (path, isAnew, file) => {
      // Of what is a file with lines it is known that it may grow; what is compressed, or a pipe, has ended when it ends.
      if (isAnew) loader.enter(file, path, true, follow || regularSize(path) !== undefined);
      else loader.enter(file, path, false, true);
    },
    ...(onAwaited && { onAwaited }),
    ...(onGivenUp && { onGivenUp }),
  };
}

async function followFiles(
  loader: Loader,
  inputs: Inputs,
  paths: readonly string[],
  options: LoadFilesOptions,
): Promise<void> {
  const looking = setInterval(() => {
    loader.tick();
    options.onLook?.();
  }, LOOK_MS).unref();
  try {
    await inputs.follow(paths, turnsOf(loader, options));
  } finally {
    clearInterval(looking);
  }
}

/** Two files may tell of the same event: what is loaded of each is remembered before more is read of any. */
async function rememberFiles(loader: Loader, paths: readonly string[], options: LoadFilesOptions): Promise<void> {
  for (const path of paths) {
    if (path === STDIN || options.signal.aborted) continue;
    const inputs = new Inputs(loader.scanner, new LineTally(), options.times);
    await loader.remember(path, async (stop) => {
      const end = () => stop.abort();
      options.signal.addEventListener('abort', end);
      await inputs.read([{ path }], { signal: stop.signal, turnBytes: TURN_BYTES, onTurn: () => loader.turn() });
      options.signal.removeEventListener('abort', end);
    });
  }
}
