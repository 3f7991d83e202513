import { execFile } from 'node:child_process';

/** As sd_notify(3) has them; `--stopping` is not in every systemd-notify. */
export type SystemdState = 'READY=1' | 'STOPPING=1';

/**
 * Tells systemd (Type=notify). Its socket takes datagrams, which Node cannot send on unix sockets, so systemd's own
 * program does it; the unit needs `NotifyAccess=all`. Resolves with what went wrong, if anything did.
 */
export async function notifySystemd(state: SystemdState, pid: number): Promise<string | undefined> {
  return await new Promise((resolve) => {
    execFile('systemd-notify', [`--pid=${pid}`, state], { timeout: 5_000 }, (error) => {
      if (error === null) resolve(undefined);
      else if (error.code === 'ENOENT') resolve('NOTIFY_SOCKET is set, but there is no systemd-notify to use it with');
      else resolve(`systemd-notify failed: ${error.message.split('\n')[0]}`);
    });
  });
}
