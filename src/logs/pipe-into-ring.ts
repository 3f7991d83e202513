/** A thread that does nothing but read a pipe, into memory from which another one scans. */
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { PipeRing } from './input/pipe-ring.ts';
import type { ThreadJob } from './reading-threads.ts';

export interface PipeThread {
  readonly task: {
    /** The pipe: one of the standard descriptors, which nobody closes. It is not read until the ring says so. */
    readonly fd: number;
    /** Of a PipeRing. */
    readonly ring: SharedArrayBuffer;
  };
  /** The thread could begin; there is more, for one that waits. */
  readonly batch: 'ready' | 'more';
  /** The pipe has ended, or was to be read no further. */
  readonly result: undefined;
}

/** Every kind of thread that such a program has. */
export interface PipeThreads {
  readonly pipe: PipeThread;
}

/** Reads a pipe until it ends or fails, or is to be read no further: all that was read is in the ring then. */
export const readPipeAhead: ThreadJob<PipeThread> = async ({ fd, ring: memory }, { signal, send }) => {
  const ring = new PipeRing(memory);
  const wake = () => send('more', []);
  send('ready', []);
  if (ring.awaitBegin()) await readInto(ring, fd, wake, signal);
  return { result: undefined, handed: [] };
};

function readInto(ring: PipeRing, fd: number, wake: () => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // A stream that waits in the event loop can be ended at any time, a call that waits in the kernel cannot.
    const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
      fd,
      readable: true,
      writable: false,
      onread: { buffer: () => ring.room(), callback: (count: number) => ring.put(count, wake) },
    };
    const socket = new Socket(options);
    socket.on('error', reject);
    socket.on('close', () => resolve());
    signal.addEventListener('abort', () => socket.destroy());
    socket.resume();
  });
}
