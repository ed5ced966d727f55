// A person who goes through Link: what they see, and what they do on each pane.
import assert from 'node:assert/strict';
import { create } from './client.mjs';

export const platypus = 'ins_109508';

// pane waits for a pane and returns it. where is the frame that Link is in, or a page of its own.
export async function pane(where, name) {
  const found = where.locator(`[data-pane="${name}"]`);
  await found.waitFor();
  return found;
}

// at is where the person is: {pane, step}, null between two documents.
const at = (where) => where.evaluate(() => {
  const shown = document.querySelector('[data-pane]');
  return shown && { pane: shown.dataset.pane, step: shown.dataset.step };
});

// next waits until another pane is there, or the same one anew.
async function next(where, before) {
  await where.waitForFunction(([pane, step]) => {
    const shown = document.querySelector('[data-pane]');
    return shown && (shown.dataset.pane !== pane || shown.dataset.step !== step);
  }, [before.pane, before.step], { polling: 25 });
  return at(where);
}

export const press = (where) => where.locator('#aut-button').click();

const decline = async (where) => {
  const second = where.locator('#aut-secondary-button');
  await (await second.count() ? second : where.locator('#aut-button')).click();
};

// search types into the search and waits for what it has found: the institutions that are shown before it give way.
export async function search(where, text) {
  const page = where.page?.() ?? where;
  const found = page.waitForResponse((response) => response.url().endsWith('/link/v2/act') && response.request().postData()?.includes('"search"'));
  await where.evaluate(() => {
    for (const tile of document.querySelectorAll('[id^="aut-ins_"]')) tile.dataset.before = '';
  });
  await where.locator('#search-input').fill(text);
  await found;
  await where.waitForFunction(() => !document.querySelector('[data-before]'), null, { polling: 25 });
}

// find searches for an institution.
export async function find(where, name, institution) {
  await search(where, name);
  await where.locator(`#aut-${institution}`).waitFor();
}

// choose searches for an institution and takes it.
export async function choose(where, name, institution) {
  await find(where, name, institution);
  await where.locator(`#aut-${institution}`).click();
}

// fill types into the fields of a form, by their names, and goes on.
export async function fill(where, values) {
  for (const [name, value] of Object.entries(values)) await where.locator(`[name="${name}"]`).fill(value);
  await press(where);
}

// logIn fills in a login.
export async function logIn(where, username, password) {
  await where.locator('#aut-input-0-input').fill(username);
  await where.locator('#aut-input-1-input').fill(password);
  await press(where);
}

// answerAll types one answer into all of a bank's questions, or chooses the option of that name.
export async function answerAll(where, answer) {
  const questions = await where.locator('[name^="answer_"]').evaluateAll((fields) => fields.map(({ name, type }) => ({ name, type })));
  for (const name of new Set(questions.map((q) => q.name))) {
    const field = where.locator(`[name="${name}"]`);
    if (questions.find((q) => q.name === name).type === 'radio') await where.locator(`[name="${name}"][value="${answer(name)}"]`).check();
    else await field.fill(answer(name));
  }
  await press(where);
}

// What a person does on a pane who wants to link all accounts of user_good at First Platypus Bank, without a phone number.
const usual = {
  consent: decline,
  phone: decline,
  saved: decline,
  institutions: (where) => choose(where, 'First Platypus Bank', platypus),
  credentials: (where) => logIn(where, 'user_good', 'pass_good'),
  loading: () => {},
  oauth: async (where) => assert.ok(await where.locator('[data-opened]').count(), 'the bank is to be opened'),
  accounts: async (where) => {
    for (const box of await where.locator('input[name="account"]:enabled').all()) await box.check();
    await press(where);
  },
  upload: () => assert.fail('no file was to be uploaded'),
};

// walk goes on as usual, but for what does says of some panes, until a pane is there. It returns the names of the panes on the
// way, with the last.
export async function walk(where, until, does = {}) {
  const way = [];
  await where.waitForFunction(() => document.querySelector('[data-pane]'), null, { polling: 25 });
  for (let here = await at(where); ; here = await next(where, here)) {
    way.push(here.pane);
    if (here.pane === until) return way;
    assert.ok(way.length < 40, `no end: ${way.join(', ')}`);
    const act = does[here.pane] ?? usual[here.pane];
    assert.ok(act, `no way on from the pane ${here.pane} to ${until}; so far ${way.join(', ')}`);
    await act(where);
  }
}

// openLink makes an instance, opens it and waits for its first pane.
export async function openLink(page, config, container) {
  const link = await create(page, config, container);
  if (!container) await link.open();
  link.where = await link.frame();
  await link.where.waitForFunction(() => document.querySelector('[data-pane]'), null, { polling: 25 });
  return link;
}

// succeed finishes on the last pane and returns the public token.
export async function succeed(link) {
  await press(link.where);
  const [token, metadata] = await link.called('onSuccess');
  await checkEvents(link, 'HANDOFF');
  assert.match(metadata.link_session_id, /^[0-9a-f-]{36}$/);
  return token;
}

// expectWay wants these events in this order. One that ends in ? may be missing.
export async function expectWay(link, want) {
  const got = await link.events();
  let i = 0;
  for (const event of want) {
    const name = event.replace(/\?$/, '');
    if (got[i] === name) i++;
    else assert.ok(event.endsWith('?'), `event ${i} is ${got[i]}, not ${name}: ${got.join(', ')}`);
  }
  assert.equal(i, got.length, `events after the last one: ${got.slice(i).join(', ')}`);
}

const members = ['account_number_mask', 'error_code', 'error_message', 'error_type', 'exit_status', 'institution_id', 'institution_name',
  'institution_search_query', 'is_update_mode', 'link_session_id', 'match_reason', 'mfa_type', 'request_id', 'routing_number', 'selection',
  'timestamp', 'view_name'];

// checkEvents holds what is true of the events of every session: all members, one session, times that do not go back, OPEN first,
// the end last, one terminal callback after it.
export async function checkEvents(link, last) {
  const events = (await link.calls('onEvent')).map(({ args: [name, metadata] }) => ({ name, ...metadata }));
  assert.equal(events[0].name, 'OPEN');
  assert.equal(events.at(-1).name, last);
  assert.equal(events.filter(({ name }) => name === 'OPEN').length, 1);
  assert.equal(new Set(events.map((event) => event.link_session_id)).size, 1);
  for (const { name, ...metadata } of events) assert.deepEqual(Object.keys(metadata).sort(), members, name);
  const times = events.map(({ timestamp }) => timestamp);
  assert.deepEqual(times, [...times].sort());
  assert.equal((await link.terminal()).length, 1);
  const calls = await link.calls();
  assert.ok(['onSuccess', 'onExit'].includes(calls.at(-1).name));
}
