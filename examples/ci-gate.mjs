/**
 * Is the mirrored release safe? For a pipeline: exit code 0 pass, 1 fail, 3 not enough to say, 2 when it cannot be compared.
 *
 *     node examples/ci-gate.mjs lb-access.log mirror.jsonl
 */
import { writeFileSync } from 'node:fs';
import { compare, diffJson, escapeTerminal } from 'spoe-logs';

const [production, mirror, output] = process.argv.slice(2);

try {
  const report = await compare({
    production: [production],
    mirror: [mirror],
    // One new error in a hundred requests is one too many here; the default gates decide besides.
    failOn: ['new-errors>1%', 'p95-ratio>1.5'],
  });
  const { verdict, coverage, errors } = report;
  console.log(`${verdict.status}: ${coverage.paired} pairs, ${errors.newError} new errors, ${errors.fixedError} fixed`);
  for (const reason of verdict.reasons) console.log(`- ${escapeTerminal(reason)}`);
  // The whole report, as `spoe-logs diff --format json` writes it.
  if (output !== undefined) writeFileSync(output, diffJson(report));
  process.exitCode = verdict.exitCode;
} catch (error) {
  console.error(escapeTerminal(`${error.code ?? 'unexpected'}: ${error.message}`));
  process.exitCode = 2;
}
