// The end users of a client through Plaid's own client: what is known of them, what is theirs, and how they go.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { refused } from '../client.mjs';
import { bank, client, codes, link, listen, partner } from '../world.mjs';

const gone = (call) => refused(call, 'USER_ERROR', 'USER_NOT_FOUND');
const identity = {
  name: { given_name: 'Carmen', family_name: 'Berzatto' },
  emails: [{ data: 'carmen@example.com', primary: true }],
  phone_numbers: [{ data: '+14155552671', primary: true }],
};

describe('a user', { concurrency: false }, () => {
  let receiver, user_id, token, item_id;
  before(async () => {
    receiver = await listen();
    const made = await client.userCreate({ client_user_id: 'carmen', identity });
    assert.equal(made.status, 201);
    user_id = made.data.user_id;
    token = await link(['transactions'], { webhook: receiver.url }, bank, { user_id });
    item_id = (await client.itemGet({ access_token: token })).data.item.item_id;
    await receiver.told();
  });
  after(() => receiver.close());

  it('is found again', async () => {
    const again = await client.userCreate({ client_user_id: 'carmen' });
    assert.deepEqual([again.status, again.data.user_id], [200, user_id]);
    const { data } = await client.userGet({ user_id });
    assert.deepEqual([data.client_user_id, data.identity], ['carmen', identity]);
  });

  it('is told of anew, member by member', async () => {
    await client.userUpdate({ user_id, identity: { date_of_birth: '1987-01-31', emails: [] } });
    const { data } = await client.userGet({ user_id });
    assert.deepEqual([data.identity.name, data.identity.phone_numbers, data.identity.date_of_birth], [identity.name, identity.phone_numbers, '1987-01-31']);
    assert.deepEqual(data.identity.emails ?? [], []);
    await refused(() => client.userUpdate({ user_id, identity: { emails: [{ data: 'nobody', primary: true }] } }), 'USER_ERROR', 'INVALID_USER_IDENTITY_DATA',
      { status: 403, says: /emails/ });
    assert.deepEqual((await client.userGet({ user_id })).data.identity, data.identity);
  });

  it('has Items, whose webhooks name the user', async () => {
    const { data } = await client.userItemsGet({ user_id });
    assert.deepEqual(data.items.map((i) => [i.item_id, i.institution_id, i.error, i.products]), [[item_id, bank, null, ['transactions']]]);
    await client.sandboxItemFireWebhook({ access_token: token, webhook_code: 'NEW_ACCOUNTS_AVAILABLE' });
    const [hook, ...more] = await receiver.told();
    assert.deepEqual([hook.webhook_code, hook.user_id, hook.item_id, more], ['NEW_ACCOUNTS_AVAILABLE', user_id, item_id, []]);
  });

  it('needs to log in anew', async () => {
    await refused(() => client.sandboxUserResetLogin({ user_id, item_ids: ['nobody'] }), 'ITEM_ERROR', 'ITEM_NOT_FOUND');
    await client.sandboxUserResetLogin({ user_id });
    assert.deepEqual(codes(await receiver.told()), ['ITEM ERROR']);
    const { data } = await client.userItemsGet({ user_id });
    assert.deepEqual(data.items.map((i) => i.error.error_code), ['ITEM_LOGIN_REQUIRED']);
  });

  it('is nobody to another client', async () => {
    await gone(() => partner.userGet({ user_id }));
    await gone(() => partner.userRemove({ user_id }));
    await refused(() => client.userGet({ user_id: 'carmen' }), 'INVALID_INPUT', 'INVALID_USER_ID');
    await refused(() => client.userCreate({}), 'INVALID_REQUEST', 'MISSING_FIELDS', { says: /client_user_id/ });
  });

  it('goes, and takes all along', async () => {
    const other = await link(['transactions']);
    await client.userRemove({ user_id });
    assert.deepEqual(await receiver.told(), []);
    await refused(() => client.accountsGet({ access_token: token }), 'ITEM_ERROR', 'ITEM_NOT_FOUND');
    for (const call of [client.userGet, client.userItemsGet, client.userRemove]) await gone(() => call.call(client, { user_id }));
    await gone(() => link(['transactions'], {}, bank, { user_id }));
    await client.accountsGet({ access_token: other });
    const made = await client.userCreate({ client_user_id: 'carmen' });
    assert.equal(made.status, 201);
    assert.notEqual(made.data.user_id, user_id);
    assert.deepEqual((await client.userItemsGet({ user_id: made.data.user_id })).data.items, []);
  });
});

it('a user of the older kind has a token', async () => {
  const made = await client.userCreate({ client_user_id: 'older', with_upgraded_user: false });
  assert.equal(made.status, 200);
  const { user_token } = made.data;
  assert.match(user_token, /^user-sandbox-/);
  await link(['transactions'], {}, bank, { user_token });
  assert.equal((await client.userItemsGet({ user_token })).data.items.length, 1);
  await refused(() => client.userCreate({ client_user_id: 'older', with_upgraded_user: false }), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /^client_user_id/ });
  await refused(() => client.userItemsGet({ user_token: 'user-sandbox-00000000-0000-0000-0000-000000000000' }), 'INVALID_INPUT', 'INVALID_USER_TOKEN');
  await client.userRemove({ user_token });
  await refused(() => client.userItemsGet({ user_token }), 'INVALID_INPUT', 'INVALID_USER_TOKEN');
});
