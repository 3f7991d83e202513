/** The version in package.json (a test holds both together): the library writes it into its output. */
export const VERSION = '0.1.0';
