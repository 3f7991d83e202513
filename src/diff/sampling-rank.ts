/** A number in [0, 1) that depends on a text and a seed alone: the same requests are drawn whatever the order of lines. */
export function samplingRank(text: string, seed: number): number {
  let a = seed | 0;
  let b = ~seed;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x85eb_ca6b);
    b = Math.imul(b ^ code, 0xc2b2_ae35);
  }
  return rankOf(a, b);
}

/** The same for the text that bytes[start, end) are in ASCII; undefined where they are not. */
export function samplingRankOfBytes(bytes: Uint8Array, start: number, end: number, seed: number): number | undefined {
  let a = seed | 0;
  let b = ~seed;
  let all = 0;
  for (let i = start; i < end; i++) {
    const code = bytes[i] as number;
    all |= code;
    a = Math.imul(a ^ code, 0x85eb_ca6b);
    b = Math.imul(b ^ code, 0xc2b2_ae35);
  }
  return all > 0x7f ? undefined : rankOf(a, b);
}

/** 53 bits of two lanes. */
function rankOf(a: number, b: number): number {
  return ((mix(a) >>> 0) * 0x20_0000 + (mix(b) >>> 11)) / 2 ** 53;
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x7feb_352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846c_a68b);
  return mixed ^ (mixed >>> 16);
}
