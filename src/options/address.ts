/** Addresses to listen on, and the names by which a server may be asked. */
import { OptionError } from './errors.ts';
import { type Kind, list, special } from './kinds.ts';

/** Without a host it is for the caller to choose one. */
export interface HostAndPort {
  readonly host?: string;
  readonly port: number;
}

/** Reads `HOST:PORT`, `[::1]:PORT`, `PORT`, `:PORT` or `unix:PATH`. @throws OptionError */
export function parseAddress(text: string): HostAndPort | { readonly path: string } {
  if (text.startsWith('unix:')) {
    const path = text.slice(5);
    if (path === '') throw new OptionError(`invalid address: '${text}'`);
    return { path };
  }
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new OptionError(`invalid address, not HOST:PORT: '${text}'`);
  const host = match[1] ?? match[2];
  return host === undefined || host === '' ? { port } : { host, port };
}

const HOST_NAME_LIST = list<string>(
  'NAME',
  special('NAME', (item) => {
    const name = item.toLowerCase().replace(/\.$/, '');
    if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name)) return name;
    throw new OptionError(`invalid host name, without a port: '${item}'`);
  }),
);

/** A list of host names, `agent.internal,agent`, in lower case, without the dot of the root. */
export const HOST_NAMES: typeof HOST_NAME_LIST = { ...HOST_NAME_LIST, parse: atLeastOne(HOST_NAME_LIST, 'host name') };

/** Makes a list refuse to be empty. @param called in what is said of it */
export function atLeastOne<Item>(kind: Kind<readonly Item[]>, called: string): Kind<readonly Item[]>['parse'] {
  return (text, option) => {
    const items = kind.parse(text, option);
    if (items.length === 0) throw new OptionError(`${called} not defined`);
    return items;
  };
}
