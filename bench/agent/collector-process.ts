/** An OTLP/HTTP receiver in a process of its own: takes whatever comes, or never answers. */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { startScript } from './processes.ts';

/** @returns {Promise<{ url: string, stop: () => Promise<void> }>} */
export async function startCollector({ hangs = false } = {}) {
  const child = startScript('collector-process', hangs ? ['hangs'] : []);
  const { port } = await child.message('listening');
  return { url: `http://127.0.0.1:${port}`, stop: () => child.stop() };
}

function serve(hangs) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (!hangs) response.writeHead(200, { 'content-type': request.headers['content-type'] }).end();
    });
  });
  server.listen(0, '127.0.0.1', () => process.send({ type: 'listening', port: server.address().port }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve(process.argv[2] === 'hangs');
