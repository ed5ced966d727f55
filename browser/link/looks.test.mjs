// What each pane looks like, and whether everybody can use it: axe's rules in both themes, at the widths of a phone and a desk.
// With WEFT_SCREENSHOTS naming a folder, pictures of all panes are written there.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, it } from '../support/test.mjs';
import { stop } from '../support/browser.mjs';
import { choose, logIn, openLink, platypus, search, walk } from '../support/person.mjs';
import { startStage } from '../support/stage.mjs';
import { itemOf, linkToken } from '../support/weft.mjs';

const axe = await fs.readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = process.env.WEFT_SCREENSHOTS;
let stage;
before(async () => {
  stage = await startStage();
  if (pictures) await fs.mkdir(pictures, { recursive: true });
});
after(stop);

const login = (password) => ({ credentials: (where) => logIn(where, 'user_good', password) });

// The panes, each with the way to it: what the token asks for, in which environment, and what a person does before.
const panes = [
  ['consent'],
  ['institutions'],
  ['institutions', { called: 'nothing-found', then: async (where) => {
    await search(where, 'no such bank at all');
    await where.locator('.nothing').waitFor();
  } }],
  ['credentials'],
  ['credentials', { called: 'credentials-wrong', then: async (where) => {
    await logIn(where, 'user_good', 'wrong');
    await where.locator('#problem').waitFor();
  } }],
  ['mfa', { called: 'mfa-device', does: login('mfa_device') }],
  ['mfa', { called: 'mfa-questions', does: login('mfa_questions_1_2') }],
  ['mfa', { called: 'mfa-selections', does: login('mfa_selections_1_1_3') }],
  ['recaptcha', { does: login('{"recaptcha":"good"}') }],
  ['oauth', { does: { institutions: (where) => choose(where, 'Platypus OAuth Bank', 'ins_127287') } }],
  ['accounts'],
  ['connected'],
  ['error', { does: login('error_ITEM_LOCKED') }],
  ['error', { called: 'error-down', does: { institutions: (where) => choose(where, 'Unhealthy Platypus', 'ins_132361') } }],
  ['exit', { does: { credentials: (where) => where.locator('#close-button').click() } }],
  ['consent', { called: 'consent-update', token: async () => ({ access_token: await itemOf(platypus), products: undefined }) }],
  ['upload', { environment: 'production', token: () => ({ products: ['investments'] }), does: { institutions: (where) => where.locator('#aut-files').click() } }],
  ['token', { environment: 'production', does: { institutions: (where) => where.locator('#aut-tokens').click() } }],
];

for (const [theme, mode] of [['light', 'LIGHT'], ['dark', 'DARK']]) {
  describe(`${theme} panes`, () => {
    for (const [name, way = {}] of panes) {
      it(way.called ?? name, async (t) => {
        const { link_token: token } = await linkToken({ appearance_mode: mode, ...await way.token?.() }, way.environment);
        const page = await stage.visit(t, { viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' });
        const link = await openLink(page, { token });
        await walk(link.where, name, way.does);
        await way.then?.(link.where);
        const faults = [];
        for (const [width, height] of [[390, 844], [1280, 800]]) {
          await page.setViewportSize({ width, height });
          if (pictures) await page.screenshot({ path: path.join(pictures, `${way.called ?? name}-${theme}-${width}.png`) });
          faults.push(...await check(link.where, width));
        }
        assert.deepEqual(faults, []);
      });
    }
  });
}

// check holds a document against axe's rules and says what does not fit, and whether it is wider than its window.
async function check(where, width) {
  await where.evaluate(axe);
  const found = await where.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const faults = found.violations.map((v) => `${width}: ${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`);
  if (await where.evaluate(() => document.documentElement.scrollWidth > innerWidth)) faults.push(`${width}: it scrolls sideways`);
  return faults;
}
