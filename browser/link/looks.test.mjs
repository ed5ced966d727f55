// What each pane looks like, and whether everybody can use it: axe's rules in both themes, at the widths of a phone and a desk.
// With WEFT_SCREENSHOTS naming a folder, pictures of all panes are written there.
import assert from 'node:assert/strict';
import { after, before, describe, it } from '../support/test.mjs';
import { stop } from '../support/browser.mjs';
import { choose, fill, logIn, openLink, platypus, search, walk } from '../support/person.mjs';
import { lookAt } from '../support/looks.mjs';
import { startStage } from '../support/stage.mjs';
import { ask, exchange, itemOf, linkToken } from '../support/weft.mjs';

let stage;
before(async () => { stage = await startStage(); });
after(stop);

const login = (password) => ({ credentials: (where) => logIn(where, 'user_good', password) });

// What a person does who types the numbers of an account, whose deposits are verified on the same day.
const byDeposit = { token: () => ({ products: ['auth'], auth: { same_day_microdeposits_enabled: true } }) };
const typing = {
  institutions: (where) => where.locator('#aut-manual').click(),
  routing: (where) => fill(where, { routing: '110000000' }),
  number: (where) => fill(where, { account: '1111222233330000', account_again: '1111222233330000' }),
  holder: async (where) => {
    await where.locator('[name="type"][value="savings"]').check();
    await fill(where, { name: 'Ada Lovelace' });
  },
  authorize: (where) => where.locator('#aut-button').click(),
};
const wrong = (name, values) => ({ ...byDeposit, called: `${name}-wrong`, does: typing, then: async (where) => {
  await fill(where, values);
  await where.locator('#problem').waitFor();
} });

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
  ['auth_type', { token: () => ({ products: ['auth'], auth: { ...byDeposit.token().auth, auth_type_select_enabled: true } }) }],
  ...['routing', 'number', 'holder', 'authorize', 'deposited'].map((name) => [name, { ...byDeposit, does: typing }]),
  ['routing', wrong('routing', { routing: '123456789' })],
  ['number', wrong('number', { account: '1111222233330000', account_again: '1111222233330001' })],
  ['deposit_code', { token: deposited }],
  ['deposit_code', { called: 'deposit_code-wrong', token: deposited, then: async (where) => {
    await fill(where, { code: 'XYZ' });
    await where.locator('#problem').waitFor();
  } }],
  ['token', { environment: 'production', does: { institutions: (where) => where.locator('#aut-tokens').click() } }],
];

// deposited is a token for an Item whose deposit is under way.
async function deposited() {
  const { link_token: token } = await linkToken(byDeposit.token());
  const done = await ask('/weft/sandbox/link/complete', {
    link_token: token, routing_number: '110000000', account_number: '1111222233330000', account_holder_name: 'Ada Lovelace', account_type: 'savings',
  });
  return { access_token: await exchange(done.public_token), products: undefined };
}

for (const [theme, mode] of [['light', 'LIGHT'], ['dark', 'DARK']]) {
  describe(`${theme} panes`, () => {
    for (const [name, way = {}] of panes) {
      it(way.called ?? name, async (t) => {
        const { link_token: token } = await linkToken({ appearance_mode: mode, ...await way.token?.() }, way.environment);
        const page = await stage.visit(t, { viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' });
        const link = await openLink(page, { token });
        await walk(link.where, name, way.does);
        await way.then?.(link.where);
        assert.deepEqual(await lookAt(page, link.where, `${way.called ?? name}-${theme}`), []);
      });
    }
  });
}
