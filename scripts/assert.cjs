// Takes the place of Node's assert for yargs, inside the bundle: loading Node's takes longer than yargs itself, for two functions
// that tell mistakes of the program that uses it.
exports.strictEqual = (actual, expected, message) => {
  if (!Object.is(actual, expected)) throw message instanceof Error ? message : new Error(message);
};

exports.notStrictEqual = (actual, expected, message) => {
  if (Object.is(actual, expected)) throw message instanceof Error ? message : new Error(message);
};
