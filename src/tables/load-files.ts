/** Reads files into a loader: to their ends one after the other, or as they grow. */
import { Inputs, type ReadTurns, type TimeOptions } from '../logs/inputs.ts';
import { STDIN } from '../logs/read.ts';
import { regularSize } from '../logs/regions.ts';
import type { Loader } from './loader.ts';

/** The bytes between two waits for the engine: nothing is known of a file before the first one. */
const TURN_BYTES = 1024 * 1024;
/** How often the age of parts is looked at. */
const LOOK_MS = 1000;

export interface LoadFilesOptions extends Pick<ReadTurns, 'signal' | 'onAwaited' | 'onGivenUp'> {
  readonly follow: boolean;
  /** The bytes between two waits for the engine. */
  readonly turnBytes?: number;
  readonly times: TimeOptions;
  /** Called when the engine cannot say what it has, while nothing is read. */
  readonly onFault: (error: unknown) => void;
  /** Called each time when the age of parts is looked at. */
  readonly onLook?: () => void;
}

/**
 * Loads files, and waits until all is written. What cannot be read is a problem of the inputs that are given back; the others are loaded.
 * Throws what the engine throws when it is asked what it has.
 */
export async function loadFiles(loader: Loader, paths: readonly string[], options: LoadFilesOptions): Promise<Inputs> {
  const inputs = new Inputs(loader.scanner, loader.reading, options.times);
  if (paths.length > 1 || options.follow) await rememberFiles(loader, paths, options);
  // Who was interrupted before all is remembered could load what is there already.
  if (options.follow && !options.signal.aborted) await followFiles(loader, inputs, paths, options);
  else for (const path of paths) await readFile(loader, inputs, path, options);
  await loader.finish();
  return inputs;
}

async function readFile(loader: Loader, inputs: Inputs, path: string, options: LoadFilesOptions): Promise<void> {
  for (let isAnother = true; isAnother && !options.signal.aborted; ) {
    await inputs.read([{ path }], turnsOf(loader, options));
    isAnother = await loader.leave();
  }
}

function turnsOf(
  loader: Loader,
  { signal, follow, turnBytes = TURN_BYTES, onAwaited, onGivenUp }: LoadFilesOptions,
): ReadTurns {
  return {
    signal,
    turnBytes,
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
    loader.tick().catch(options.onFault);
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
    const inputs = new Inputs(loader.scanner, loader.reading, options.times);
    await loader.remember(path, async (stop) => {
      const end = () => stop.abort();
      options.signal.addEventListener('abort', end);
      const { turnBytes = TURN_BYTES } = options;
      await inputs.read([{ path }], { signal: stop.signal, turnBytes, onTurn: () => loader.turn() });
      options.signal.removeEventListener('abort', end);
    });
  }
}
