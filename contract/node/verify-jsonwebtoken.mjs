// Verifies webhooks with jsonwebtoken and jwk-to-pem, as older receivers in Node do.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import jwt from 'jsonwebtoken';
import jwkToPem from 'jwk-to-pem';
import { Configuration, PlaidApi } from 'plaid';

const { url, client_id, secret, cases } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const client = new PlaidApi(new Configuration({
  basePath: url,
  baseOptions: { headers: { 'PLAID-CLIENT-ID': client_id, 'PLAID-SECRET': secret } },
}));
const keys = new Map();

async function verify(token, body, now) {
  const header = jwt.decode(token, { complete: true })?.header;
  if (header?.alg !== 'ES256') throw new Error(`alg is ${header?.alg}`);
  if (!keys.has(header.kid)) {
    const answer = await client.webhookVerificationKeyGet({ key_id: header.kid });
    keys.set(header.kid, answer.data.key);
  }
  const claims = jwt.verify(token, jwkToPem(keys.get(header.kid)), { algorithms: ['ES256'], maxAge: '5 min', clockTimestamp: now });
  if (createHash('sha256').update(body).digest('hex') !== claims.request_body_sha256) throw new Error('another body');
}

for (const { name, token, body, now } of cases) {
  const verdict = await verify(token, body, now).then(() => 'accepted', (error) => `rejected: ${error.message}`);
  console.log(`${name}\t${verdict}`);
}
