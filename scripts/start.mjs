// @ts-check
/** npm start: installs and builds when needed, then plays the demo. It is JavaScript because it runs before tsx is installed. */
import { endWithChildren } from './child.mjs';
import { main, requireNode } from './project.mjs';
import { ensureInstalled } from './setup.mjs';

await main(async () => {
  requireNode();
  const release = endWithChildren();
  await ensureInstalled();
  const { ensureBuilt } = await import('./build.mjs');
  await ensureBuilt();
  release();
  // The demo leaves no file behind.
  process.env.TSX_DISABLE_CACHE = '1';
  const { register } = await import('tsx/esm/api');
  register();
  const { playDemo } = await import('./demo.ts');
  return await playDemo();
});
