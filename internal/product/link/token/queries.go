package token

// findQuery reads a tenant's link token in one point read.
const findQuery = `select request, created_at, expires_at from link_tokens
	where token_hash = $1 and client_id = $2 and environment = $3`

// insertQuery stores a link token. item_id, the first Item of update mode, ties it to the Item's end, user_id to the user's.
const insertQuery = `insert into link_tokens (token_hash, client_id, environment, item_id, user_id, request, sealed, hosted_hash, created_at, expires_at)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

// cleanQuery deletes the tokens, of whatever tenant, that nobody can read any more: they hold what the application told of
// its user.
const cleanQuery = `delete from link_tokens where expires_at <= $1`

// openQuery reads the token that a person brings: who has it is let in, so it is found by nothing else.
const openQuery = `select token_hash, client_id, environment, request, sealed, created_at, expires_at, closed_at from link_tokens where `

// closeQuery ends a token before its time.
const closeQuery = `update link_tokens set closed_at = $1 where token_hash = $2 and client_id = $3 and environment = $4 and closed_at is null`

// madeQuery counts the link tokens of a tenant's user that were made since a moment.
const madeQuery = `select count(*) from link_tokens where user_id = $1 and client_id = $2 and environment = $3 and created_at > $4`
