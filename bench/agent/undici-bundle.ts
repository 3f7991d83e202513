/**
 * The agent with undici for http:// as well. It has no option for that, so it is bundled with the one class in place of
 * the other: both are behind the same interface, and everything around them, the gathering too, stays the same.
 */
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../measure.ts';

const replaceClient = {
  name: 'undici-for-http',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]mirror[\\/]http1-client\.ts$/ }, () => ({
      contents: "export { UndiciClient as Http1Client } from './undici-client.ts';",
      loader: 'ts',
    }));
  },
};

/** @returns the path of the program */
export async function buildWithUndici(folder) {
  const outfile = join(folder, 'spoa-mirror-undici.cjs');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/programs/spoa-mirror/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minifySyntax: true,
    logLevel: 'error',
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    plugins: [replaceClient],
  });
  return outfile;
}
