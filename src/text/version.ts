/** Of this package, as package.json has it (a test holds them together): the library tells it in what it writes. */
export const VERSION = '0.1.0';
