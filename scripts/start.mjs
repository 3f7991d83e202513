// @ts-check
/** npm start: installs and builds when needed, then plays the demo; `npm start -- scale` shows tables of logs instead. It is JavaScript because it runs before tsx is installed. */
import { endWithChildren } from './child.mjs';
import { main, requireNode, ScriptError } from './project.mjs';
import { ensureInstalled } from './setup.mjs';

await main(async () => {
  requireNode();
  const [what] = process.argv.slice(2);
  if (what !== undefined && what !== 'scale')
    throw new ScriptError(
      `npm start plays the demo, npm start -- scale shows tables of logs; there is no ${what} (usage)`,
    );
  const release = endWithChildren();
  await ensureInstalled();
  const { ensureBuilt } = await import('./build.mjs');
  await ensureBuilt();
  release();
  // The demo leaves no file behind.
  process.env.TSX_DISABLE_CACHE = '1';
  const { register } = await import('tsx/esm/api');
  register();
  if (what === 'scale') {
    const { playScale } = await import('./scale.ts');
    return await playScale();
  }
  const { playDemo } = await import('./demo.ts');
  return await playDemo();
});
