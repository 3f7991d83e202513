/** Versions of HAProxy, as people and conditions of a configuration write them. */

/** `3.0` has no patch level: what differs between those of a series is not known then. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch?: number;
}

/** `2.6`, `2.6.12`, `3.1-dev5`; undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,5}))?(?:-\S*)?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, major, minor, patch] = match;
  return { major: Number(major), minor: Number(minor), ...(patch !== undefined && { patch: Number(patch) }) };
}

export function versionText({ major, minor, patch }: Version): string {
  return `${major}.${minor}${patch === undefined ? '' : `.${patch}`}`;
}

/** Whether it is of `series` or newer: `3.1`. */
export function isSince(version: Version, series: string): boolean {
  const from = parseVersion(series);
  return from !== undefined && version.major * 1000 + version.minor >= from.major * 1000 + from.minor;
}

/** `-dev` and what follows count: 2.7-dev1 comes before 2.7. Undefined where the patch level would decide and is not known. */
export function isAtLeast(version: Version, text: string): boolean | undefined {
  const other = parseVersion(text);
  if (other === undefined) return undefined;
  const series = version.major * 1000 + version.minor - (other.major * 1000 + other.minor);
  if (series !== 0) return series > 0;
  if (other.patch === undefined || other.patch === 0) return true;
  return version.patch === undefined ? undefined : version.patch >= other.patch;
}
