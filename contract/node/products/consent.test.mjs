// What users agree to share through Plaid's own client: its history, who has access, and how access ends.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { env, refused } from '../client.mjs';
import { account, bank, client, codes, described, link, listen, partner, refusesOthers, somebody, weft } from '../world.mjs';

const events = async (access_token) => (await client.consentEventsGet({ access_token })).data.consent_events;
const activities = async (access_token) => (await client.itemActivityList({ access_token })).data.activities.map((a) => a.activity);
const accounts = [{ type: 'depository', subtype: 'checking', meta: { mask: '1001' } }, { type: 'depository', subtype: 'savings', meta: { mask: '1002' } }];

describe('consent', { concurrency: false }, () => {
  let receiver, token;
  before(async () => {
    receiver = await listen();
    token = await link(['transactions'], { ...described(...accounts), webhook: receiver.url });
    await receiver.told();
  });
  after(() => receiver.close());

  // updated is the Item after update mode, run by a script.
  async function update(more = {}) {
    const { data } = await client.linkTokenCreate({
      client_name: 'A program', language: 'en', country_codes: ['US'], user: { client_user_id: 'u' }, access_token: token, ...more,
    });
    const { override_username: username, override_password: password } = described(...accounts);
    const done = await weft('sandbox/link/complete', { link_token: data.link_token, username, password });
    assert.equal(done.status, 'SUCCESS');
  }

  it('begins with the Item', async () => {
    const [event, ...more] = await events(token);
    const [checking, savings] = [await account(token, '1001'), await account(token, '1002')];
    assert.deepEqual(more, []);
    assert.deepEqual([event.event_type, event.event_code, event.initiator], ['CONSENT_GRANTED', 'USER_AGREEMENT', 'END_USER']);
    assert.deepEqual([event.institution_id, event.institution_name], [bank, 'First Platypus Bank']);
    assert.deepEqual(event.consented_data_scopes, ['account_balance_info', 'contact_info', 'transactions']);
    assert.deepEqual(event.consented_accounts.map((a) => a.account_id), [checking.account_id, savings.account_id]);
    assert.deepEqual(await activities(token), ['ITEM_CREATE']);
  });

  it('grows in update mode', async () => {
    await refused(() => client.authGet({ access_token: token }), 'INVALID_INPUT', 'ADDITIONAL_CONSENT_REQUIRED', { says: /PRODUCT_AUTH/ });
    await update({ additional_consented_products: ['auth'] });
    const [event] = await events(token);
    assert.deepEqual([event.event_type, event.event_code, event.initiator], ['CONSENT_UPDATED', 'DATA_SCOPES', 'END_USER']);
    assert.deepEqual(event.consented_data_scopes, ['account_balance_info', 'contact_info', 'account_routing_number', 'transactions']);
    const { data } = await client.authGet({ access_token: token });
    assert.equal(data.numbers.ach.length, 2);
    await update(); // nothing more: an activity, and no event
    assert.equal((await events(token)).length, 2);
    assert.deepEqual(await activities(token), ['ITEM_UPDATE', 'SCOPES_UPDATE', 'ITEM_CREATE']);
  });

  it('shrinks by an account that is taken back', async () => {
    const { account_id } = await account(token, '1002');
    await weft('sandbox/accounts/revoke', { access_token: token, account_id });
    const hook = (await receiver.told()).find((h) => h.webhook_code === 'USER_ACCOUNT_REVOKED');
    assert.deepEqual([hook.webhook_type, hook.account_id], ['ITEM', account_id]);
    const [event] = await events(token);
    assert.deepEqual([event.event_code, event.initiator, event.consented_accounts.length], ['ACCOUNT_SCOPES', 'DATA_PROVIDER', 1]);
    await refused(() => client.authGet({ access_token: token, options: { account_ids: [account_id] } }), 'INVALID_INPUT', 'INVALID_ACCOUNT_ID');
  });

  it('is of applications', async () => {
    const { data } = await client.itemApplicationList({ access_token: token });
    assert.deepEqual(data.applications.map((a) => a.application_id), [env('WEFT_CLIENT_ID')]);
    assert.deepEqual([data.applications[0].scopes.product_access.transactions, data.applications[0].scopes.product_access.statements], [true, false]);
    const unlink = (application_id) => client.itemApplicationUnlink({ access_token: token, application_id });
    await refused(() => unlink('somebody'), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /^application_id/ });
    await refused(() => client.itemApplicationUnlink({ access_token: token }), 'INVALID_REQUEST', 'MISSING_FIELDS', { says: /application_id/ });

    await unlink(env('WEFT_CLIENT_ID'));
    const hooks = (await receiver.told()).filter((h) => h.webhook_type === 'ITEM');
    assert.deepEqual(codes(hooks), ['ITEM USER_PERMISSION_REVOKED']);
    assert.equal(hooks[0].error.error_code, 'USER_PERMISSION_REVOKED');
    await refused(() => client.accountsGet({ access_token: token }), 'ITEM_ERROR', 'USER_PERMISSION_REVOKED');
    await refused(() => client.transactionsSync({ access_token: token }), 'ITEM_ERROR', 'USER_PERMISSION_REVOKED');
    assert.deepEqual((await client.itemApplicationList({ access_token: token })).data.applications, []);
    const [event] = await events(token);
    assert.deepEqual([event.event_type, event.initiator, event.consented_data_scopes, event.consented_accounts], ['CONSENT_REVOKED', 'END_USER', [], []]);
  });

  it('is given anew', async () => {
    await update();
    const [event] = await events(token);
    assert.deepEqual([event.event_type, event.event_code], ['CONSENT_GRANTED', 'USER_AGREEMENT']);
    await client.accountsGet({ access_token: token });
    await weft('sandbox/consent/revoke', { access_token: token });
    const [revoked] = await events(token);
    assert.deepEqual([revoked.event_type, revoked.initiator], ['CONSENT_REVOKED', 'DATA_PROVIDER']);
    await refused(() => client.accountsGet({ access_token: token }), 'ITEM_ERROR', 'USER_PERMISSION_REVOKED');
  });

  it('ends with the Item, whose history stays', async () => {
    const terminate = (request) => client.itemProductsTerminate({ access_token: token, ...request });
    await refused(() => terminate({}), 'INVALID_REQUEST', 'MISSING_FIELDS', { says: /reason_code/ });
    await refused(() => terminate({ reason_code: 'BORED' }), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /^reason_code must be one of/ });
    await receiver.told();
    await terminate({ reason_code: 'USER_OFFBOARDING', reason_note: 'the user has left' });
    assert.deepEqual(await receiver.told(), []);
    for (const call of [client.itemGet, client.accountsGet, client.transactionsSync, client.consentEventsGet]) {
      await refused(() => call.call(client, { access_token: token }), 'ITEM_ERROR', 'ITEM_NOT_FOUND');
    }
    const all = [];
    for (let cursor; ; ) {
      const { data } = await client.itemActivityList({ count: 4, cursor });
      all.push(...data.activities);
      cursor = data.cursor;
      if (!cursor) break;
    }
    assert.deepEqual(all.map((a) => a.activity), [
      'ITEM_REMOVE', 'PORTAL_UNLINK', 'ITEM_UPDATE', 'ITEM_UNLINK', 'SCOPES_UPDATE', 'ITEM_UPDATE', 'SCOPES_UPDATE', 'ITEM_CREATE',
    ]);
    assert.ok(all.every((a) => a.scopes === null && a.state === 'SUCCESS'));
    const { data } = await partner.itemActivityList({});
    assert.deepEqual(data.activities, []); // another client's
  });
});

describe('consent that a country does not ask for', () => {
  it('is written down where the client adds a product', async () => {
    const token = await link(['auth'], {}, 'ins_116834');
    await client.transactionsSync({ access_token: token });
    const list = await events(token);
    assert.deepEqual(list.map((e) => [e.event_type, e.event_code, e.initiator]), [
      ['CONSENT_UPDATED', 'DATA_SCOPES', 'CUSTOMER'], ['CONSENT_GRANTED', 'USER_AGREEMENT', 'END_USER'],
    ]);
  });
});

it('wrong requests are refused', async () => {
  await refusesOthers((request) => client.consentEventsGet(request));
  await refusesOthers((request) => client.itemProductsTerminate({ ...request, reason_code: 'USER_OFFBOARDING' }));
  await refused(() => client.itemActivityList({ access_token: 'x' }), 'INVALID_INPUT', 'INVALID_ACCESS_TOKEN');
  await refused(() => client.itemActivityList({ count: 51 }), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /^count must be between 1 and 50/ });
  await refused(() => client.itemActivityList({ cursor: 'x' }), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /^cursor/ });
});
