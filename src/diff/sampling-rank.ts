/** A number in [0, 1) that depends on a text and a seed alone: the same requests are drawn whatever the order of lines. */
export function samplingRank(text: string, seed: number): number {
  let a = seed | 0;
  let b = ~seed;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x85eb_ca6b);
    b = Math.imul(b ^ code, 0xc2b2_ae35);
  }
  return ((mix(a) >>> 0) * 0x20_0000 + (mix(b) >>> 11)) / 2 ** 53;
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x7feb_352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846c_a68b);
  return mixed ^ (mixed >>> 16);
}
