/** npm start: installs and builds when needed, then plays the demo. */
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
  // Only now: it uses the codec of the library that was built.
  const { playDemo } = await import('./demo.mjs');
  return await playDemo();
});
