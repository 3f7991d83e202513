/** The peer of a connection: connections and requests of one network address share one part of each bound. */
import { isIPv4, isIPv6 } from 'node:net';

/** The peer of unix sockets: whoever may open one is on this host. */
export const LOCAL_PEER = 'unix';

/** An IPv4 address mapped into IPv6, as sockets that listen on both see it. */
const MAPPED = /^::ffff:(?=\d+\.)/i;
/** Groups of an IPv6 address that name a network: whoever has one has all addresses in it. */
const NETWORK_GROUPS = 4;

/** The address as IPv4 where it is a mapped one, without the name of an interface. */
export function plainAddress(address: string): string {
  return address.replace(MAPPED, '').replace(/%.*$/, '');
}

/**
 * @param address of a socket; undefined for unix sockets, and for peers that were gone before they could be asked
 * @returns an IPv4 address, the /64 an IPv6 address is in, or `LOCAL_PEER`
 */
export function peerOf(address: string | undefined): string {
  if (address === undefined || address === '') return LOCAL_PEER;
  const plain = plainAddress(address);
  return isIPv4(plain) || !isIPv6(plain) ? plain : networkOf(plain);
}

/** Index of the connection that gives way, of all in order of arrival: the oldest of the peer that has most. */
export function oldestOfMost(all: readonly { readonly peer: string }[]): number {
  const counts = new Map<string, number>();
  for (const { peer } of all) counts.set(peer, (counts.get(peer) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return all.findIndex(({ peer }) => counts.get(peer) === most);
}

function networkOf(address: string): string {
  const [before = '', after] = address.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? [] : new Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return `${[...head, ...zeros, ...tail].slice(0, NETWORK_GROUPS).join(':')}::/64`;
}
