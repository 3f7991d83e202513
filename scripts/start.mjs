/** npm start: installs and builds when needed, then plays the demo. */
import { endWithChildren } from './child.mjs';
import { playDemo } from './demo.mjs';
import { main, requireNode } from './project.mjs';
import { ensureInstalled } from './setup.mjs';

await main(async () => {
  requireNode();
  const release = endWithChildren();
  await ensureInstalled();
  const { ensureBuilt } = await import('./build.mjs');
  await ensureBuilt();
  release();
  return await playDemo();
});
