// Account numbers through Plaid's own client: those that a bank gives, those that it gives anew, and those that a person types.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { refused } from '../client.mjs';
import { account, asksConsent, client, codes, day, described, link, listen, refusesAccounts, refusesOthers, weft } from '../world.mjs';

const get = (request) => client.authGet(request);
let receiver;
before(async () => {
  receiver = await listen();
});
after(() => receiver.close());

describe('numbers that a bank gives', () => {
  let token;
  before(async () => {
    token = await link(['auth'], { webhook: receiver.url });
  });

  it('are those of the accounts that money can be moved to', async () => {
    const { data } = await get({ access_token: token });
    const masks = new Map(data.accounts.map((a) => [a.account_id, a.mask]));
    assert.deepEqual(data.numbers.ach.map((n) => [masks.get(n.account_id), n.account, n.routing, n.wire_routing]), [
      ['0000', '1111222233330000', '011401533', '021000021'],
      ['1111', '1111222233331111', '011401533', '021000021'],
      ['9002', '1111222233339002', '011401533', '021000021'],
    ]);
    assert.equal(data.accounts.length, 3);
    assert.deepEqual([data.numbers.eft, data.numbers.international, data.numbers.bacs], [[], [], []]);
    assert.equal(data.item.auth_method, 'INSTANT_AUTH');
    assert.deepEqual(data.item.billed_products, ['auth']);
  });

  it('are of the accounts that are named', async () => {
    const saving = await account(token, '1111');
    const { data } = await get({ access_token: token, options: { account_ids: [saving.account_id] } });
    assert.deepEqual(data.accounts, [saving]);
    assert.deepEqual(data.numbers.ach.map((n) => n.account_id), [saving.account_id]);
    const card = await account(token, '3333');
    await refused(() => get({ access_token: token, options: { account_ids: [card.account_id] } }), 'ITEM_ERROR', 'NO_AUTH_ACCOUNTS');
  });

  it('are given anew, which is told', async () => {
    assert.deepEqual(await receiver.told(), []);
    const { account_id } = await account(token, '0000');
    await weft('sandbox/accounts/renumber', { access_token: token, account_id });
    const [hook, ...more] = await receiver.told();
    assert.deepEqual([hook.webhook_type, hook.webhook_code, hook.error, more], ['AUTH', 'DEFAULT_UPDATE', null, []]);
    assert.deepEqual(hook.account_ids_with_new_auth, []);
    assert.deepEqual(hook.account_ids_with_updated_auth, { [account_id]: ['ACCOUNT_NUMBER'] });
    const { data } = await get({ access_token: token, options: { account_ids: [account_id] } });
    assert.notEqual(data.numbers.ach[0].account, '1111222233330000');
    assert.equal(data.numbers.ach[0].routing, '011401533');
  });

  it('are refused where the request or the Item is wrong', async () => {
    await refusesOthers(get);
    await refusesAccounts(get, token);
    await asksConsent(get, 'AUTH');
    const card = await link(['auth'], described({ type: 'credit', subtype: 'credit card', starting_balance: 10 }));
    await refused(() => get({ access_token: card }), 'ITEM_ERROR', 'NO_AUTH_ACCOUNTS');
    await client.sandboxItemResetLogin({ access_token: token });
    await refused(() => get({ access_token: token }), 'ITEM_ERROR', 'ITEM_LOGIN_REQUIRED');
    assert.deepEqual(codes(await receiver.told()), ['ITEM ERROR']);
  });

  it('have the form of their country', async () => {
    const canadian = await get({ access_token: await link(['auth'], {}, 'ins_43') });
    const [eft] = canadian.data.numbers.eft;
    assert.deepEqual([eft.account, eft.institution, eft.branch, canadian.data.numbers.ach], ['1111222233330000', '021', '01140', []]);
    const british = await get({ access_token: await link(['transactions'], {}, 'ins_117650') });
    assert.deepEqual(british.data.numbers.bacs.map((n) => [n.account, n.sort_code])[0], ['33330000', '601613']);
    assert.match(british.data.numbers.international[0].iban, /^GB\d\dPLTY601613\d{8}$/);
    assert.equal(british.data.numbers.international[0].bic, 'PLTYGB2L');
    assert.deepEqual(british.data.item.products.sort(), ['auth', 'transactions']); // no consent is asked for there
  });
});

describe('numbers that a person types', () => {
  // typed is an Item of which one account's numbers wait for a deposit.
  async function typed() {
    const { data } = await client.linkTokenCreate({
      client_name: 'A program', language: 'en', country_codes: ['US'], user: { client_user_id: 'typist' },
      products: ['auth'], auth: { automated_microdeposits_enabled: true },
    });
    const done = await weft('sandbox/link/complete', {
      link_token: data.link_token, institution_id: 'ins_109512', password: 'microdeposits_good', accounts: ['0000'],
    });
    const [{ id, verification_status: status }] = done.on_success.accounts;
    assert.equal(status, 'pending_automatic_verification');
    const exchanged = await client.itemPublicTokenExchange({ public_token: done.public_token });
    const token = exchanged.data.access_token;
    await client.itemWebhookUpdate({ access_token: token, webhook: receiver.url });
    assert.deepEqual(codes(await receiver.told()), ['ITEM WEBHOOK_UPDATE_ACKNOWLEDGED']);
    await refused(() => get({ access_token: token }), 'ITEM_ERROR', 'PRODUCT_NOT_READY');
    const { data: item } = await client.itemGet({ access_token: token });
    assert.equal(item.item.auth_method, 'AUTOMATED_MICRODEPOSITS');
    return { token, id, item: exchanged.data.item_id };
  }

  // verified holds what is told and answered of numbers that were found right.
  async function verified({ token, id, item }, hooks) {
    assert.deepEqual(codes(hooks), ['AUTH AUTOMATICALLY_VERIFIED']);
    assert.deepEqual([hooks[0].item_id, hooks[0].account_id], [item, id]);
    const { data } = await get({ access_token: token });
    assert.deepEqual(data.accounts.map((a) => [a.account_id, a.verification_status]), [[id, 'automatically_verified']]);
    assert.deepEqual(data.numbers.ach.map((n) => [n.account_id, n.account, n.routing]), [[id, '1111222233330000', '021000021']]);
  }

  it('are verified when the sandbox is told', async () => {
    const it = await typed();
    const set = (account_id, verification_status) => client.sandboxItemSetVerificationStatus({ access_token: it.token, account_id, verification_status });
    await refused(() => set(it.id, 'manually_verified'), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /^verification_status/ });
    await refused(() => set('nobody', 'automatically_verified'), 'INVALID_INPUT', 'INVALID_ACCOUNT_ID');
    await refused(() => client.sandboxItemSetVerificationStatus({ access_token: it.token, account_id: it.id }), 'INVALID_REQUEST', 'MISSING_FIELDS', { says: /verification_status/ });
    await set(it.id, 'automatically_verified');
    await verified(it, await receiver.told());
    await refused(() => set(it.id, 'verification_expired'), 'INVALID_REQUEST', 'INVALID_FIELD');
  });

  it('are verified by the deposit, a day later', async () => {
    const it = await typed();
    assert.deepEqual(await receiver.told(day / 2), []);
    await refused(() => get({ access_token: it.token }), 'ITEM_ERROR', 'PRODUCT_NOT_READY');
    await verified(it, await receiver.told(day / 2));
  });

  it('expire', async () => {
    const it = await typed();
    await client.sandboxItemSetVerificationStatus({ access_token: it.token, account_id: it.id, verification_status: 'verification_expired' });
    const [hook, ...more] = await receiver.told();
    assert.deepEqual([hook.webhook_type, hook.webhook_code, hook.item_id, hook.account_id, more], ['AUTH', 'VERIFICATION_EXPIRED', it.item, it.id, []]);
    const { data } = await client.accountsGet({ access_token: it.token });
    assert.deepEqual(data.accounts.map((a) => a.verification_status), ['verification_expired']);
    await refused(() => get({ access_token: it.token }), 'ITEM_ERROR', 'PRODUCT_NOT_READY');
  });

  it('are none where the bank has given them', async () => {
    const token = await link(['auth']);
    const { account_id } = await account(token, '0000');
    await refused(() => client.sandboxItemSetVerificationStatus({ access_token: token, account_id, verification_status: 'automatically_verified' }), 'INVALID_REQUEST', 'INVALID_FIELD');
  });
});
