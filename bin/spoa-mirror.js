#!/usr/bin/env node
// Loads the built agent. CommonJS (package.json beside this file), as spoe-logs.js; in old syntax an old Node gets
// as far as the message.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const [major, minor] = process.versions.node.split('.').map(Number);
const bundle = join(__dirname, '../dist/spoa-mirror.cjs');

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`spoa-mirror: Node 20.19 or newer is needed, this is ${process.versions.node} (node-too-old)\n`);
  process.exitCode = 70;
} else if (!existsSync(bundle)) {
  process.stderr.write('spoa-mirror: not built: run npm run build (not-built)\n');
  process.exitCode = 70;
} else {
  // Node 22 and newer keep the compiled code for the next start; NODE_DISABLE_COMPILE_CACHE=1 turns that off.
  require('node:module').enableCompileCache?.();
  require(bundle);
}
