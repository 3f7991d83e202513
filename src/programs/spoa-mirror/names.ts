/** The lookup of the names of mirrors and proxies when the agent starts. */
import { lookup } from 'node:dns/promises';
import { parseDestination } from '../../mirror/target.ts';
import { shownUrl } from '../../text/shown-url.ts';
import type { Log } from './log-file.ts';
import { type MirrorAgentOptions, mirrorOptions } from './options.ts';

/** The addresses that the host of a URL has, or words for why there are none. */
export async function addressesOf(url: string): Promise<readonly string[] | string> {
  try {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    return `its name does not resolve (${(error as NodeJS.ErrnoException).code})`;
  }
}

/** Logs which names do not resolve yet: they may well do so when requests come. */
export async function sayUnknownNames(urls: readonly string[], log: Log): Promise<void> {
  await Promise.all(
    urls.map(async (url) => {
      const found = await addressesOf(url);
      if (typeof found === 'string')
        log(`${shownUrl(url)}: ${found}; it is looked up again for each connection, until then requests fail as dns`);
    }),
  );
}

/**
 * The URLs whose names this machine looks up: behind a proxy that of the proxy, which looks up the others.
 * @throws MirrorError for a URL that is none
 */
export function urlsToResolve(options: MirrorAgentOptions): readonly string[] {
  const { proxy } = mirrorOptions(options, {});
  return [...new Set(options.urls.map((url) => parseDestination(url, proxy).proxy?.href ?? url))];
}
