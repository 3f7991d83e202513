/** The addresses that may connect: --allow. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { plainAddress } from '../../spoa/peers.ts';

/** An address and the number of its bits that count. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

const MAPPED_BITS = 96;

/** Reads `ADDRESS` or `ADDRESS/PREFIX`, IPv4, IPv6 or IPv4 written as IPv6; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const match = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text);
  const written = match?.[1] ?? '';
  const address = plainAddress(written);
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  if (family === undefined) return undefined;
  const most = family === 'ipv4' ? 32 : 128;
  const skipped = family === 'ipv4' && written !== address ? MAPPED_BITS : 0;
  const prefix = match?.[2] === undefined ? most : Number(match[2]) - skipped;
  return prefix >= 0 && prefix <= most ? { address, prefix, family } : undefined;
}

export class Allowance {
  readonly #list = new BlockList();

  constructor(networks: readonly Network[]) {
    for (const { address, prefix, family } of networks) this.#list.addSubnet(address, prefix, family);
  }

  /** Whether an address may connect; a peer that is gone already has none, and is refused. */
  has(address: string | undefined): boolean {
    if (address === undefined) return false;
    const plain = plainAddress(address);
    return this.#list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
  }
}
