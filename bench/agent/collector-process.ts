/** An OTLP/HTTP receiver in a process of its own: takes whatever comes, or never answers. */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { portOf } from '../../scripts/port.ts';
import { report } from './messages.ts';
import { startScript } from './processes.ts';

export async function startCollector({ hangs = false } = {}): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = startScript('collector-process', hangs ? ['hangs'] : []);
  const { url } = await child.message('listening');
  return { url, stop: () => child.stop() };
}

function serve(hangs: boolean): void {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (!hangs) response.writeHead(200, { 'content-type': request.headers['content-type'] ?? 'text/plain' }).end();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const port = portOf(server);
    report('listening', { port, url: `http://127.0.0.1:${port}` });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve(process.argv[2] === 'hangs');
