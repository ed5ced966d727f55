// Builds a client's page with each version of react-plaid-link.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = path.dirname(fileURLToPath(import.meta.url));

export const versions = [2, 3, 4, 5];

// entries are the scripts of the pages: each is made of a version of the library and the page.
const entries = {
  name: 'entries',
  resolveId: (id) => (id.startsWith('entry:') ? `\0${id}` : null),
  load(id) {
    if (!id.startsWith('\0entry:')) return null;
    return `import * as library from 'react-plaid-link-${id.slice(7)}'; import { start } from '${here}/page.jsx'; start(library);`;
  },
};

// buildPages writes vN.js for each version. It is React's development build: only that makes and destroys everything twice.
export async function buildPages(folder, versions) {
  await build({
    root: path.dirname(here),
    configFile: false,
    logLevel: 'error',
    mode: 'development',
    define: { 'process.env.NODE_ENV': '"development"' },
    esbuild: { jsx: 'automatic' },
    plugins: [entries],
    build: {
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      modulePreload: false,
      rollupOptions: {
        input: Object.fromEntries(versions.map((v) => [`v${v}`, `entry:${v}`])),
        output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  });
}
