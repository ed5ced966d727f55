// A client's page with one version of react-plaid-link: a button, and below it the list in the page, as ?embedded asks for it.
// What happens is kept in window.calls.
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';

const asked = new URLSearchParams(location.search);
window.calls = [];

const told = (name) => (...args) => { window.calls.push({ name, args: JSON.parse(JSON.stringify(args)) }); };

const callbacks = { onSuccess: told('onSuccess'), onExit: told('onExit'), onEvent: told('onEvent'), onLoad: told('onLoad') };

function Button({ library, token }) {
  const { open, exit, ready, error } = library.usePlaidLink({ ...callbacks, token });
  Object.assign(window, { exitLink: exit, linkError: error });
  return <button id="opener" disabled={!ready} onClick={() => open()}>Connect</button>;
}

function Page({ library }) {
  const [shown, show] = useState(true);
  const [token, setToken] = useState(asked.get('token'));
  Object.assign(window, { show, setToken });
  if (!shown) return <p id="gone">Gone</p>;
  if (asked.has('embedded')) return <library.PlaidEmbeddedLink {...callbacks} token={token} style={{ width: 350, height: 400 }} />;
  if (asked.has('component')) return <library.PlaidLink {...callbacks} token={token}>Connect</library.PlaidLink>;
  return <Button library={library} token={token} />;
}

export function start(library) {
  const root = document.createElement('div');
  document.body.append(root);
  const page = <Page library={library} />;
  createRoot(root).render(asked.has('strict') ? <StrictMode>{page}</StrictMode> : page);
}
