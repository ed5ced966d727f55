// What each file of tests against the running server begins with: a browser, and a client's page that loads Link from there.
import { env, launch, newPage } from './browser.mjs';
import { startClient } from './client.mjs';

export async function startStage() {
  const browser = await launch();
  const client = await startClient(env('WEFT_URL'));
  // visit opens the client's page.
  const visit = async (t, options, path = '/') => {
    const page = await newPage(t, browser, options);
    await page.goto(client.origin + path);
    return page;
  };
  return { browser, client, visit };
}
