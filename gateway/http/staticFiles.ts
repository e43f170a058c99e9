import { createReadStream, readdirSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { Handle } from './routes.js';
import { pathOf } from './routes.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
};

/**
 * Serves the files of a folder under a path. They are listed once, so that no request can lead out of the folder; their
 * names carry a hash of what is in them, so that browsers may keep them.
 */
export function createStaticFiles(folder: string, under: string): Handle {
  const files = new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((file) => statSync(file).isFile())
      .map((file) => [under + relative(folder, file).split(sep).join('/'), file]),
  );
  return (request, response) => {
    const file = files.get(pathOf(request));
    if (file === undefined) return void response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    createReadStream(file).pipe(response);
  };
}
