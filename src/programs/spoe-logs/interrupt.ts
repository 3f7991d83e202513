/**
 * Handles Ctrl-C: the first one ends the reading, so that what was read is still summarized; the second ends the program.
 * SIGTERM is handled likewise, and SIGHUP, the closed terminal, where a run has something to put right before it ends.
 */
import { Exit } from './errors.ts';

/** The longest wait after Ctrl-C until what was read is written somewhere else. */
export const HURRY_MS = 10_000;

export interface Interruption {
  readonly signal: AbortSignal;
  /** True once Ctrl-C was pressed. */
  readonly interrupted: () => boolean;
  /** Ends the reading for another reason, such as a closed output. */
  readonly stop: () => void;
  /** Ends the reading because the user wants it, without a signal. */
  readonly quit: () => void;
  /** True once a user wanted the end, by a signal or not. */
  readonly wanted: () => boolean;
  /** Stops handling the signals. */
  readonly release: () => void;
}

export function catchInterrupts({ hangUp = false } = {}): Interruption {
  const controller = new AbortController();
  let interrupted = false;
  let hasQuit = false;
  const onSignal = () => {
    if (interrupted) process.exit(Exit.interrupted);
    interrupted = true;
    controller.abort();
  };
  // Of one terminal that is closed, kernel and shell both send it: a second one is no haste.
  const onHangUp = () => {
    if (!interrupted) onSignal();
  };
  if (hangUp) process.on('SIGHUP', onHangUp);
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    interrupted: () => interrupted,
    stop: () => controller.abort(),
    quit: () => {
      hasQuit = true;
      controller.abort();
    },
    wanted: () => interrupted || hasQuit,
    release: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      process.off('SIGHUP', onHangUp);
    },
  };
}
