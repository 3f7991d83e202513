/** Where programs, configurations and logs of HAProxy usually are, HAProxy Enterprise's among them. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

export function usualPrograms(): readonly string[] {
  return [
    '/usr/sbin/haproxy',
    '/usr/local/sbin/haproxy',
    '/usr/local/bin/haproxy',
    ...enterprise('/opt', 'sbin/hapee-lb'),
  ];
}

export function usualConfigurations(): readonly string[] {
  return ['/etc/haproxy/haproxy.cfg', '/usr/local/etc/haproxy/haproxy.cfg', ...enterprise('/etc', 'hapee-lb.cfg')];
}

export interface FoundLog {
  /** The one that was written to last; undefined where there is none. */
  readonly file: string | undefined;
  /** What may not be looked at by this user. */
  readonly forbidden: readonly string[];
}

export function findLog(): FoundLog {
  const forbidden: string[] = [];
  const look = <Result>(place: string, step: () => Result): Result | undefined => {
    try {
      return step();
    } catch (error) {
      if (isForbidden(error)) forbidden.push(place);
      return undefined;
    }
  };
  const dated = enterprise('/var/log').flatMap((folder) =>
    (look(folder, () => readdirSync(folder)) ?? [])
      .filter((name) => /^lb-access-.*\.log$/.test(name))
      .map((name) => path.join(folder, name)),
  );
  const found = ['/var/log/haproxy.log', '/var/log/haproxy/haproxy.log', ...dated].flatMap((file) => {
    const stat = look(file, () => statSync(file, { throwIfNoEntry: false }));
    return stat?.isFile() ? [{ file, writtenMs: stat.mtimeMs }] : [];
  });
  return { file: found.sort((a, b) => b.writtenMs - a.writtenMs)[0]?.file, forbidden };
}

function isForbidden(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Below folders that have a version in their name, the newest first. */
function enterprise(folder: string, file = ''): string[] {
  return list(folder, /^hapee-\d/).map((name) => path.join(folder, name, file));
}

function list(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort()
      .reverse();
  } catch {
    return [];
  }
}
