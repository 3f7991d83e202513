/** The protocol between systemd and a service that it starts: sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3). */
import { execFile } from 'node:child_process';
import { AgentError } from '../../spoa/errors.ts';

/** The first descriptor that systemd hands over: SD_LISTEN_FDS_START. */
const FIRST_DESCRIPTOR = 3;
const MICROSECONDS = 1000;
/** The interval at which it gets the figures, unless its watchdog wants a shorter one. */
const STATUS_MS = 15_000;

/** Whether systemd started this process and waits for its `READY=1`. */
export function isService(env: NodeJS.ProcessEnv): boolean {
  return env.NOTIFY_SOCKET !== undefined;
}

/**
 * The descriptor of a socket that systemd listens on already; undefined without one. What says so is taken out of `env`, for
 * it is not meant for other processes.
 * @throws AgentError `listen` for more than one
 */
export function takeSocket(env: NodeJS.ProcessEnv, pid: number): number | undefined {
  const { LISTEN_PID, LISTEN_FDS } = env;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[name];
  if (LISTEN_FDS === undefined || LISTEN_FDS === '0' || Number(LISTEN_PID) !== pid) return undefined;
  if (LISTEN_FDS !== '1')
    throw new AgentError('listen', `systemd hands over ${LISTEN_FDS} sockets: the agent takes one, of ListenStream=`);
  return FIRST_DESCRIPTOR;
}

/** Milliseconds between two reports; the watchdog of the unit wants them twice as often as it would end the process. */
export function reportMs({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv, pid: number): number {
  const isMeant = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === pid;
  const watchdogMs = isMeant ? Number(WATCHDOG_USEC ?? 0) / MICROSECONDS : 0;
  return watchdogMs > 0 ? Math.min(STATUS_MS, watchdogMs / 2) : STATUS_MS;
}

/** The states of a reload that begins now, in the clock that systemd compares it with. */
export function reloading(): readonly string[] {
  return ['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`];
}

/**
 * Tells systemd (Type=notify). Its socket takes datagrams, which Node cannot send on unix sockets, so systemd's own
 * program does it; the unit needs `NotifyAccess=all`. Resolves with what went wrong, if anything did.
 * @param states as sd_notify(3) has them: `READY=1`, `STATUS=…` in one line
 */
export async function notifySystemd(states: readonly string[], pid: number): Promise<string | undefined> {
  return await new Promise((resolve) => {
    execFile('systemd-notify', [`--pid=${pid}`, ...states], { timeout: 5_000 }, (error) => {
      if (error === null) resolve(undefined);
      else if (error.code === 'ENOENT') resolve('NOTIFY_SOCKET is set, but there is no systemd-notify to use it with');
      else resolve(`systemd-notify failed: ${error.message.split('\n')[0]}`);
    });
  });
}
