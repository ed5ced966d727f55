// The owners of accounts through Plaid's own client: who they are, how well somebody matches them, and what changes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { refused } from '../client.mjs';
import { account, asksConsent, client, day, described, link, listen, refusesAccounts, refusesOthers, somebody } from '../world.mjs';

const get = (request) => client.identityGet(request);
const match = (request) => client.identityMatch(request);

describe('the documented owner', () => {
  let token;
  before(async () => {
    token = await link(['identity']);
  });

  it('holds each account', async () => {
    const { data } = await get({ access_token: token });
    assert.equal(data.accounts.length, 14);
    for (const { owners } of data.accounts) {
      assert.deepEqual(owners.map((o) => o.names), [['Alberta Bobbeth Charleson']]);
    }
    const [owner] = data.accounts[0].owners;
    assert.deepEqual(owner.phone_numbers, [
      { data: '1112223333', primary: false, type: 'home' },
      { data: '1112224444', primary: false, type: 'work' },
      { data: '1112225555', primary: false, type: 'mobile1' },
    ]);
    assert.deepEqual(owner.emails, [
      { data: 'accountholder0@example.com', primary: true, type: 'primary' },
      { data: 'accountholder1@example.com', primary: false, type: 'secondary' },
      { data: 'extraordinarily.long.email.username.123456@reallylonghostname.com', primary: false, type: 'other' },
    ]);
    assert.deepEqual(owner.addresses, [
      { primary: true, data: { street: '2992 Cameron Road', city: 'Malakoff', region: 'NY', postal_code: '14236', country: 'US' } },
      { primary: false, data: { street: '2493 Leisure Lane', city: 'San Matias', region: 'CA', postal_code: '93405-2255', country: 'US' } },
    ]);
  });

  it('is matched, by what is alike', async () => {
    const { account_id } = await account(token, '0000');
    const matched = async (user) => {
      const { data } = await match({ access_token: token, user, options: { account_ids: [account_id] } });
      const [{ account_id: of, legal_name, phone_number, email_address, address }] = data.accounts;
      assert.deepEqual([data.accounts.length, of], [1, account_id]);
      return { legal_name, phone_number, email_address, address };
    };
    const address = { street: '2992 Cameron Rd.', city: 'Malakoff', region: 'New York', postal_code: '14236', country: 'US' };
    const name = (score, whole, nickname, business) =>
      ({ score, is_first_name_or_last_name_match: whole, is_nickname_match: nickname, is_business_name_detected: business });
    assert.deepEqual(
      await matched({ legal_name: 'alberta bobbeth charleson', phone_number: '+1 (111) 222-3333', email_address: 'AccountHolder1@example.com', address }),
      { legal_name: name(100, true, false, false), phone_number: { score: 100 }, email_address: { score: 100 }, address: { score: 100, is_postal_code_match: true } },
    );
    // A middle name on one side alone leaves 97, a nickname 92 of that; another postal code is no match of it.
    assert.deepEqual(
      await matched({ legal_name: 'Charleson, Alberta', address: { ...address, postal_code: '10001' } }),
      { legal_name: name(97, true, false, false), phone_number: null, email_address: null, address: { score: 80, is_postal_code_match: false } },
    );
    assert.deepEqual((await matched({ legal_name: 'Allie Charleson' })).legal_name, name(89, true, true, false));
    assert.deepEqual(
      await matched({ legal_name: 'Tectra Holdings LLC', email_address: 'nobody@example.com', phone_number: '+14155550123' }),
      { legal_name: name(0, false, false, true), phone_number: { score: 0 }, email_address: { score: 0 }, address: null },
    );
  });

  it('is held against the user that the client has told of', async () => {
    await refused(() => match({ access_token: token }), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /^user must have/ });
    const { data: user } = await client.userCreate({
      client_user_id: 'alberta',
      with_upgraded_user: true,
      identity: { name: { given_name: 'Alberta', family_name: 'Charleson' }, emails: [{ data: 'accountholder0@example.com', primary: true }] },
    });
    const hers = await link(['identity'], {}, undefined, { user_id: user.user_id });
    const { data } = await match({ access_token: hers });
    const [{ legal_name, phone_number, email_address }] = data.accounts;
    assert.deepEqual([legal_name.score, phone_number, email_address.score], [97, null, 100]);
  });

  it('is refused where the request or the Item is wrong', async () => {
    await refusesOthers(get);
    await refusesOthers((request) => match({ ...request, user: { legal_name: 'A B' } }));
    await refusesOthers((request) => client.identityRefresh(request));
    await refusesAccounts(get, token);
    const user = { legal_name: 'Alberta Charleson' };
    await refused(() => match({ access_token: token, user: { phone_number: '12' } }), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /^user\.phone_number/ });
    await refused(() => match({ access_token: token, user: { email_address: 'nobody' } }), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /^user\.email_address/ });
    await refused(() => match({ access_token: token, user, options: { account_ids: ['nobody'] } }), 'INVALID_INPUT', 'INVALID_ACCOUNT_ID');
    await asksConsent(get, 'IDENTITY');
    await asksConsent(match, 'IDENTITY', 'auth', { user });
    await asksConsent((request) => client.identityRefresh(request), 'IDENTITY');
    const windowpane = await link(['transactions'], {}, 'ins_135858');
    await refused(() => get({ access_token: windowpane }), 'ITEM_ERROR', 'PRODUCTS_NOT_SUPPORTED');
    await client.sandboxItemResetLogin({ access_token: token });
    await refused(() => get({ access_token: token }), 'ITEM_ERROR', 'ITEM_LOGIN_REQUIRED');
  });
});

it('owners that are described are told as they are', async () => {
  const identity = {
    names: ['John Michael Smith', 'Jane Alana Smith'],
    emails: [{ data: 'jm_smith@plaid.com', primary: true, type: 'primary' }],
    phone_numbers: [{ data: '2123433503', primary: true, type: 'mobile' }],
    addresses: [{ primary: true, data: { city: 'New York', country: 'US', postal_code: '10013', region: 'NY', street: '421 Greenwich St' } }],
  };
  const token = await link(['identity'], described({ type: 'depository', subtype: 'checking', identity }));
  const { data } = await get({ access_token: token });
  const [owner] = data.accounts[0].owners;
  assert.deepEqual({ names: owner.names, emails: owner.emails, phone_numbers: owner.phone_numbers, addresses: owner.addresses }, identity);
  const { data: matched } = await match({ access_token: token, user: { legal_name: 'Jane A. Smith' } });
  assert.equal(matched.accounts[0].legal_name.score, 99);
});

describe('somebody who moves house', () => {
  let receiver;
  before(async () => {
    receiver = await listen();
  });
  after(() => receiver.close());

  it('is told of once the bank is asked', async () => {
    const token = await link(['identity'], { ...somebody('user_yuppie'), webhook: receiver.url });
    const { account_id } = (await client.accountsGet({ access_token: token })).data.accounts[0];
    const street = async () => (await get({ access_token: token })).data.accounts[0].owners[0].addresses[0].data.street;
    const refresh = () => client.identityRefresh({ access_token: token });
    assert.equal(await street(), '640 West Lake Street');
    await refresh();
    assert.deepEqual(await receiver.told(20 * day), []);
    assert.equal(await street(), '640 West Lake Street');

    await refresh();
    const [hook, ...more] = await receiver.told();
    assert.deepEqual([hook.webhook_type, hook.webhook_code, hook.error, more], ['IDENTITY', 'DEFAULT_UPDATE', null, []]);
    assert.deepEqual(hook.account_ids_with_updated_identity[account_id], ['PHONES', 'ADDRESSES']);
    assert.equal(await street(), '1448 North Milwaukee Avenue, Apt 3');
    await refresh();
    assert.deepEqual(await receiver.told(), []);
  });
});
