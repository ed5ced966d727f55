// Verifies webhooks as receivers of Link Money do. The cases come from the file that is named on the command line.
import { readFileSync } from 'node:fs';
import { verifier } from './linkmoney-webhooks.mjs';

const { url, client_id: clientID, secret, cases } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const verify = verifier({ base: `${url}/v1/plaid`, clientID, secret });

for (const { name, token, body, now } of cases) {
  const verdict = await verify({ 'webhook-verification': token }, body, new Date(now * 1000)).then(
    () => 'accepted',
    (error) => `rejected: ${error.message}`,
  );
  console.log(`${name}\t${verdict}`);
}
