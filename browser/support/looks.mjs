// What pages look like, and whether everybody can use them. With WEFT_SCREENSHOTS naming a folder, pictures are written there.
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const axe = await fs.readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = process.env.WEFT_SCREENSHOTS;

// lookAt takes pictures of a page at the widths of a phone and a desk, and says what is wrong there with the document in where.
export async function lookAt(page, where, name) {
  const faults = [];
  for (const [width, height] of [[390, 844], [1280, 800]]) {
    await page.setViewportSize({ width, height });
    if (pictures) {
      await fs.mkdir(pictures, { recursive: true });
      await page.screenshot({ path: path.join(pictures, `${name}-${width}.png`) });
    }
    faults.push(...await check(where, width));
  }
  return faults;
}

// check holds a document against axe's rules and says what does not fit, and whether it is wider than its window.
async function check(where, width) {
  await where.evaluate(axe);
  const found = await where.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const faults = found.violations.map((v) => `${width}: ${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`);
  if (await where.evaluate(() => document.documentElement.scrollWidth > innerWidth)) faults.push(`${width}: it scrolls sideways`);
  return faults;
}
