/** The command line `spoa-mirror`. Runs when loaded, in each of its worker processes too. */
import packageJson from '../../../package.json' with { type: 'json' };
import { runMirrorAgent } from './lifecycle.ts';

/** Loads telemetry, which is a bundle of its own: see scripts/build.mjs. */
async function loadTelemetry() {
  return await import('./mirror-telemetry.ts');
}

async function main(): Promise<void> {
  const exitCode = await runMirrorAgent(process.argv.slice(2), packageJson.version, loadTelemetry);
  if (exitCode !== undefined) process.exit(exitCode);
}

void main();
