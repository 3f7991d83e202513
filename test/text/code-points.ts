import fc from 'fast-check';

const SURROGATES = { from: 0xd800, count: 0x800 };

/** Any character of Unicode, as fast-check's own `binary`, whose table takes each process a second to make. */
export const CODE_POINT = fc.integer({ min: 0, max: 0x10_ffff - SURROGATES.count }).map(
  (number) => String.fromCodePoint(number < SURROGATES.from ? number : number + SURROGATES.count),
  (character) => {
    const code = typeof character === 'string' && [...character].length === 1 ? character.codePointAt(0) : undefined;
    if (code === undefined) throw new TypeError('no character');
    return code < SURROGATES.from ? code : code - SURROGATES.count;
  },
);
