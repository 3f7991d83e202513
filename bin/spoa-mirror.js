#!/usr/bin/env node
// Loads the built agent. CommonJS (package.json beside this file), as spoe-logs.js; in old syntax an old Node gets
// as far as the message.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

// By itself Node opens its debugger at this signal, to whoever may connect to it.
process.on('SIGUSR1', () => {});

const [major, minor] = process.versions.node.split('.').map(Number);
const bundle = join(__dirname, '../dist/spoa-mirror.cjs');

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`spoa-mirror: Node 20.19 or newer is needed, this is ${process.versions.node} (node-too-old)\n`);
  process.exitCode = 70;
} else if (!existsSync(bundle)) {
  process.stderr.write('spoa-mirror: not built: run npm run build (not-built)\n');
  process.exitCode = 70;
} else {
  require(bundle);
}
